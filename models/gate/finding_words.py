"""What the gate found in a file, in the words of an office."""

from datetime import datetime, timezone

from odoo.tools import format_datetime

from ...inspection import reports
from ...inspection.reports import Change, FileReport, SignatureState


def mark_words(env, marks):
    """Return one sentence for each of `marks`, codes of the gate; several codes may share a sentence."""
    words = {
        "encrypted": env._("It opens with a password only, so nobody could look into it."),
        "unreadable": env._("It is damaged or badly made. Open it and see whether everything is there."),
        "incomplete": env._("It has no end: part of it seems to be missing."),
        "unexamined": env._("It was too much to look through, so its signatures were not checked."),
        "outer_signature": env._("A signature lay around it (.p7m), which was not checked."),
        "filled_after_signing": env._("What a form or a note in it shows was changed after signing."),
        "laid_over_after_signing": env._(
            "Something was laid over the page after signing, such as the stamp of a further signature. "
            "See that it hides nothing."
        ),
        "unclear": env._("It is too large or too damaged to look through all of it."),
        "javascript": env._("It holds a program (JavaScript)."),
        "macros": env._("It holds a program (macros). Leave macros off when you open it."),
        "launch": env._("It wants to open other files or to start programs."),
        "embedded_files": env._("It has other files inside."),
        "rich_media": env._("It holds film, sound or moving pictures."),
        "xfa_form": env._("It is a form that can change what it shows."),
        **dict.fromkeys(("import_data", "submit_form", "remote_link"), env._("It wants to send or fetch data.")),
        **dict.fromkeys(("additional_actions", "open_action"), env._("It does something by itself when it is opened.")),
    }
    return list(dict.fromkeys(words[mark] for mark in marks if mark in words))


def signature_words(env, report_json):
    """Return the signatures of a report as it is kept, a paragraph each; empty where there are none."""
    report = FileReport.from_json(report_json) if report_json else FileReport()
    return "\n\n".join("\n".join(_paragraph(env, signature)) for signature in report.signatures)


def doubt_words(env, report):
    """Return why it cannot be told whether a signature of `report`, a FileReport or None, is right; a sentence each."""
    doubtful = [one for one in (report.signatures if report else ()) if one.state is SignatureState.UNVERIFIED]
    return list(dict.fromkeys(_cause(env, signature) for signature in doubtful))


def _paragraph(env, signature):
    yield _who(env, signature)
    if signature.signed_on:
        yield _when(env, signature)
    yield {
        SignatureState.VALID: env._("The signature is right, and its issuer is trusted here."),
        SignatureState.UNKNOWN_SIGNER: env._(
            "The signature fits the file, but who issued its certificate is not among those trusted here. "
            "An administrator can add the issuer to the trusted certificates."
        ),
        SignatureState.EXPIRED: env._(
            "The signature fits the file, but a certificate has expired, and nothing proves that it was signed before."
        ),
        SignatureState.UNVERIFIED: env._("Whether the signature is right cannot be told. %s", _cause(env, signature)),
        SignatureState.REVOKED: env._("The issuer has revoked the certificate of this signature."),
        SignatureState.BROKEN: env._("The signature is broken: the file is not what was signed."),
    }[signature.state]
    if signature.state is SignatureState.BROKEN:
        yield env._("Technical reason: %s", signature.reason)
    elif signature.is_intact and signature.state is not SignatureState.UNVERIFIED:
        yield _what_after(env, signature)


def _cause(env, signature):
    """Return why nobody can tell whether `signature` is right, a sentence or two."""
    causes = {
        reports.NO_CERTIFICATE: env._("The certificate of whoever signed is not in the file."),
        reports.NOT_KNOWN_KIND: env._("It is of a kind that cannot be checked here."),
        reports.NOT_KNOWN_ALGORITHM: env._("It was made in a way that is not known here, or is written unusually."),
        reports.WEAK_ALGORITHM: env._(
            "It was made in a way that is too weak today (SHA-1, or a short key), as older signatures are."
        ),
        reports.NOT_A_CLEAR_PDF: env._("The file is damaged, badly made, or wants a password."),
        reports.TWO_READINGS: env._(
            "After signing something was added, and not every program shows the same then. Ask for the original."
        ),
        reports.TOO_MANY: env._("The file has more signatures than are looked at."),
    }
    return causes.get(signature.reason, env._("It is damaged or badly made."))


def _who(env, signature):
    if not signature.signer:
        return env._("Signature without a readable name")
    names = {"signer": signature.signer, "issuer": signature.issuer or "?"}
    if signature.is_timestamp:
        return env._("Time stamp of %(signer)s (certificate of %(issuer)s)", **names)
    return env._("Signed by %(signer)s (certificate of %(issuer)s)", **names)


def _when(env, signature):
    moment = datetime.fromisoformat(signature.signed_on).astimezone(timezone.utc).replace(tzinfo=None)
    time = format_datetime(env, moment)
    if signature.is_time_proven:
        return env._("On %s, which a time stamp proves", time)
    return env._("On %s, by the signer's own clock", time)


def _what_after(env, signature):
    if signature.changed_afterwards is Change.NO:
        if signature.covers_whole_file:
            return env._("It covers the whole file; nothing was changed after signing.")
        return env._("What follows the signed part of the file shows nothing; nothing was changed after signing.")
    if signature.changed_afterwards is Change.FILLED:
        return env._(
            "After signing a form in it was filled, or a note added: it shows something else than what was signed."
        )
    if signature.changed_afterwards is Change.LAID_OVER:
        return env._("After signing a further signature was added, and something was laid over the page with it.")
    return env._("After signing something was added that the signature allows, such as a further signature.")
