"""The one place where a typed error of `protocol/` becomes words for people."""

from odoo.tools import format_date

from ...protocol import errors
from ...protocol.errors import FileFault
from ...sealing import faults
from ..gate import gate_errors
from .advice_words import again, again_in_a_moment, again_or_ask
from .server_fault_words import server_fault_words


def error_message(env, error):
    """Return what happened and what to do next, for a clerk, in the language of `env`.

    The words never hold a link, a token or an id number: they go to screens, chatter and journal.
    """
    return " ".join(_words(env, error))


def waiting_message(env, error):
    """Return the same of what is tried again by itself: what to do next only where a person has to do something."""
    return _words(env, error)[0]


def shared_waiting_message(env, error):
    """Return that for what several companies read: without what the other side said to one of them."""
    if isinstance(error, errors.PortalRejected):
        return env._("The national portal cannot answer at the moment.")
    return waiting_message(env, error)


def _words(env, error):
    """Return (what happened and what a person has to do, what helps where nobody tries again by itself), or the first alone."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            found = words(env, error)
            return found if isinstance(found, tuple) else (found,)
    return (env._("Something unexpected happened. Please tell your administrator."),)


def error_kind(error):
    """Return the short, untranslated name of `error` for the journal, e.g. "timed_out" """
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def error_code(error):
    """Return by what code the other side, or what lies on the way, named `error`, for administrators; "" where by none."""
    if isinstance(error, errors.Unexpected):
        return error.detail
    return str(getattr(error, "code", "") or getattr(error, "status", "") or "")


def _seal_over_words(env, error):
    return env._(
        "The agency's certificate is not valid now (its last day is %(day)s), so nothing was sealed. Tell your "
        "administrator.",
        day=format_date(env, error.until.date()),
    )


def _file_words(env, error):
    return {
        FileFault.EMPTY: env._("The other office sent an empty file. Ask the applicant for the paper."),
        FileFault.ERROR_PAGE: env._(
            "The other office sent an error page instead of the paper. Try again later, or ask for the paper."
        ),
        FileFault.CUT_OFF: (env._("The file broke off on its way."), again_in_a_moment(env)),
        FileFault.TYPE_MISMATCH: env._(
            "The file is not what its name says, but of the kind %(kind)s, so it was not attached. Ask the other office to correct "
            "it, or the applicant for the paper.",
            kind=error.kind,
        ),
        FileFault.UNKNOWN_TYPE: _unknown_kind_words(env, error),
        FileFault.KIND_NOT_ACCEPTED: env._(
            "Files of the kind %(kind)s are not accepted here, so it was not attached. Ask the applicant for the paper, or your "
            "administrator to accept that kind.",
            kind=error.kind,
        ),
        FileFault.ENCRYPTED_OFFICE: env._(
            "The file is locked with a password, so it cannot be checked. Ask the applicant for the paper."
        ),
    }[error.fault]


def _unknown_kind_words(env, error):
    if error.kind:
        return env._(
            "The other office sent a file of the kind %(kind)s, which cannot be accepted, so it was not attached. Ask that office "
            "for a PDF, or the applicant for the paper.",
            kind=error.kind,
        )
    return env._("The file is of a kind that is not accepted, so it was not attached. Ask the applicant for the paper.")


def _rejected_words(env, error):
    if error.message:
        return env._("The national portal answered: “%(message)s”", message=error.message)
    return (
        env._("The national portal refused this and gave no reason. Nothing is lost."),
        env._("Try again later; if it stays so, tell your administrator, who can ask the portal's support."),
    )


def _not_understood_words(env, error):
    if error.status:
        return env._("The other side, or something on the way to it, has trouble. Nothing is lost."), again(env)
    return env._("The answer of the other side could not be understood."), again(env)


def _unavailable_words(env, error):
    if error.status in (401, 403):
        return env._(
            "The other office does not give us this file. Nothing is lost. Your administrator can ask that office why; until "
            "then ask the applicant for the paper."
        )
    if error.permanent:
        return env._("The other office does not have this file any more. Ask the applicant for the paper.")
    return env._("The other office cannot serve the file at the moment."), again_or_ask(env)


def _server_words(env, error):
    if error.candidates:
        return env._(
            "Several servers are known for the agency %(code)s. Choose the right one on this line and try again.",
            code=error.agency_code or "?",
        )
    return env._(
        "No server is known for the agency %(code)s. Choose the office that issued the paper on this line "
        "and try again, or ask the applicant for the paper.",
        code=error.agency_code or "?",
    )


def objection_words(env, objections):
    """Return what speaks against a file, by the names of the gate, and what to do; sentences for a clerk."""
    reasons = {
        "signature_broken": env._("The signature on this file is broken: it is not what was signed."),
        "signature_revoked": env._("The certificate that this file was signed with has been revoked."),
        "identity_mismatch": env._("The paper names somebody else, not the applicant."),
        "incomplete": env._("The file cannot be read and has no end: part of it seems to be missing."),
        "unexamined": env._("The file was too much to look through, so nobody knows whether it is what was signed."),
    }
    return [
        *(reasons[name] for name in objections),
        env._("It was not attached. Ask the applicant for the original, or say why it is attached all the same."),
    ]


def _questioned_words(env, error):
    return " ".join(objection_words(env, error.findings.objections))


_WORDS = {
    faults.UnreadableScan: lambda env, error: env._(
        "The scan cannot be read as pages, so nothing was made. Scan the paper again as a PDF or an image."
    ),
    faults.EncryptedScan: lambda env, error: env._(
        "The PDF wants a password, so nothing was made. Ask for it without one, or scan the paper."
    ),
    faults.WorkshopBroken: lambda env, error: env._(
        "No copy can be made on this server at the moment; the scan is not at fault. Nothing was made. Tell your administrator."
    ),
    faults.WorkshopBusy: lambda env, error: (
        env._("This server cannot do it at the moment; the scan is not at fault. Nothing was made."),
        again_in_a_moment(env),
    ),
    faults.ScanTooMuch: lambda env, error: env._(
        "The scan is too much to be made into a copy, so nothing was made. Scan the paper again with fewer dots to the "
        "inch, or in parts."
    ),
    faults.SignedScan: lambda env, error: env._(
        "The PDF is signed already, and a copy mark would break its signature. Nothing was made. Choose “signed elsewhere”."
    ),
    faults.KeyMissing: lambda env, error: env._(
        "No certificate of the agency is entered, so no certified copy can be made. Tell your administrator."
    ),
    faults.PasswordWrong: lambda env, error: env._(
        "The password does not open the agency's key file, so nothing was sealed. Tell your administrator."
    ),
    faults.KeyUnusable: lambda env, error: env._(
        "The agency's key file cannot be used, so nothing was sealed. Tell your administrator."
    ),
    faults.CertificateOver: _seal_over_words,
    faults.CertificateNotForSigning: lambda env, error: env._(
        "The agency's certificate is not made for signing, so nothing was sealed. Tell your administrator."
    ),
    errors.SettingsIncomplete: lambda env, error: env._(
        "The connection to the national store is not set up yet. Please tell your administrator to complete "
        "the Kho DL settings."
    ),
    errors.DatabaseNotConfirmed: lambda env, error: env._(
        "This database is a copy, so nothing is asked, fetched, sent or sealed. A system administrator can confirm that it "
        "is the one that works for the office."
    ),
    errors.ConnectionBroken: lambda env, error: (
        env._("The connection broke off before an answer came."),
        again(env),
    ),
    errors.SecurityServerUnreachable: lambda env, error: (
        env._("Our security server cannot be reached."),
        again(env),
    ),
    errors.SecurityServerFault: server_fault_words,
    errors.TimedOut: lambda env, error: (env._("No answer came in time."), again_in_a_moment(env)),
    errors.AnswerOutOfTime: lambda env, error: (
        env._("The national portal answered so slowly that the time there was ran out."),
        again_in_a_moment(env),
    ),
    errors.OutOfTime: lambda env, error: (
        env._("The other office sends this file so slowly that it did not arrive in the time there is."),
        again_or_ask(env),
    ),
    errors.AccountRefused: lambda env, error: env._(
        "The national portal refused our account. Please tell your administrator to check account and password."
    ),
    errors.PortalRejected: _rejected_words,
    errors.CatalogueUnusable: lambda env, error: env._(
        "The national catalogue answered without anything that can be used, so nothing was changed by it. Try again "
        "tomorrow; tell the portal's support if it stays so."
    ),
    errors.AnswerNotUnderstood: _not_understood_words,
    errors.ServerUnknown: _server_words,
    errors.LinkNotUsable: lambda env, error: env._(
        "The address of this file cannot be used. Ask the applicant for the paper."
    ),
    errors.FileUnavailable: _unavailable_words,
    errors.FileTooLarge: lambda env, error: env._(
        "The file is larger than the limit of %(limit)s MB. Ask the applicant for the paper, or your "
        "administrator for a higher limit.",
        limit=error.limit // (1024 * 1024),
    ),
    errors.FileNotAsClaimed: _file_words,
    gate_errors.ScannerUnreachable: lambda env, error: env._(
        "The virus scanner does not answer, so the file was not attached. Please tell your administrator."
    ),
    gate_errors.InspectionUnavailable: lambda env, error: (
        env._("Our own server could not check the file, so it was not attached. Please tell your administrator."),
        again_in_a_moment(env),
    ),
    gate_errors.FileNotScanned: lambda env, error: env._(
        "The file is larger than the virus scanner takes, or takes it too long, so it was not attached. Ask the "
        "applicant for the paper, or your administrator for higher limits of the scanner."
    ),
    gate_errors.FileInfected: lambda env, error: env._(
        "The virus scanner found %(name)s in the file, so it was not attached. Ask the applicant for the paper, and "
        "tell your administrator.",
        name=error.detail or "?",
    ),
    gate_errors.FileQuestioned: _questioned_words,
    errors.FileNotStored: lambda env, error: (
        env._("Our own server has no room for the file. Please tell your administrator."),
        again_in_a_moment(env),
    ),
    errors.Unexpected: lambda env, error: env._(
        "Something unexpected happened in our own system with this file, so it was not attached. Tell your administrator, "
        "then try again, or ask the applicant for the paper."
    ),
}
