"""What is said of each step of an acceptance run, to administrators and to whoever signs."""

from ...protocol.errors import FileNotAsClaimed, FileUnavailable, SecurityServerFault, ServerUnknown, Unexpected
from ..connection.connection_messages import connection_messages
from ..connection.error_messages import error_message, objection_words
from .acceptance_faults import CaseNotFound, NothingToTry, NumberTaken, WrongContent


def step_words(env, kind, settings, outcome):
    """Return what was found in the step `kind`, or why it failed and what to do, in the language of `env`."""
    error = outcome.error
    if error is None:
        return _FOUND[kind](env, outcome.found)
    words = _own_words(env, kind, error)
    if not words:
        # A file is another agency's to send, which no setting of the connection cures.
        words = error_message(env, error) if kind == "file" else connection_messages(env, settings, error)
    if kind == "withdrawal" and not isinstance(error, NothingToTry):
        return f"{words} {still_open_words(env)}"
    return words


def still_open_words(env):
    """Return what is said where nobody knows whether the test case was withdrawn."""
    return env._("The test case may still be open at the portal: tell the portal's support its number.")


def _own_words(env, kind, error):
    if isinstance(error, NothingToTry):
        return _nothing_to_try(env, kind, error)
    if isinstance(error, WrongContent) or (
        kind == "own_file" and isinstance(error, FileUnavailable | FileNotAsClaimed | SecurityServerFault)
    ):
        return env._("Something else came than our file. Check the provider address, and what stands before this Odoo.")
    if isinstance(error, NumberTaken):
        return env._(
            "The portal has a case with this number already. Nothing of it was changed, and no test case was sent. Make a new "
            "run with another number."
        )
    if isinstance(error, CaseNotFound):
        return env._("The portal accepted the test case, and does not find it. Ask the portal's support.")
    if isinstance(error, Unexpected):
        return env._(
            "Something unexpected happened in our own system (%(fault)s). The log of the server tells more.",
            fault=error.detail,
        )
    if isinstance(error, ServerUnknown):
        return env._(
            "The directory names no single server for the agency %(code)s. Refresh the directory, or enter the succession of "
            "its code.",
            code=error.agency_code or "?",
        )
    return None


def _nothing_to_try(env, kind, error):
    if error.reason:
        return env._(
            "Our security server does not take us to ourselves, so only another agency can try it: %(reason)s",
            reason=_own_words(env, "", error.reason) or error_message(env, error.reason),
        )
    return {
        "withdrawal": env._("The portal does not have the test case, so nothing is open."),
        "own_file": env._(
            "Our provider address, or the addresses of our security servers, are not entered in the settings."
        ),
        "file": env._("No file was named in the answer. Choose a test person who has a paper of this kind."),
    }[kind]


def _login(env, _found):
    return env._("The portal accepted the account and gave a token.")


def _directory(env, found):
    return _skipped(env, env._("%(count)s agencies with their destination codes.", count=found["count"]), found)


def _papers(env, found):
    if not found["count"]:
        return env._("The portal answered that this person has no paper of this kind.")
    words = env._("Papers: %(count)s, files: %(files)s.", count=found["count"], files=found["files"])
    return _skipped(env, words, found)


def _file(env, found):
    words = env._(
        "A file came whole: %(kind)s, %(size)s bytes, SHA-256 %(sha256)s. It was looked at and attached nowhere.",
        kind=found["mimetype"],
        size=found["size"],
        sha256=found["sha256"],
    )
    if not found.get("objections"):
        return words
    # Without the last sentence, which tells a clerk what to do.
    doubts = " ".join(objection_words(env, found["objections"])[:-1])
    return env._(
        "%(words)s The check of files would ask why it is to be attached: %(doubts)s", words=words, doubts=doubts
    )


def _rows(env, found):
    return _skipped(env, env._("%(count)s rows.", count=found["count"]), found)


def _procedure(env, found):
    return env._("“%(name)s” with %(count)s documents.", name=found["name"], count=found["count"])


def _free_number(env, found):
    if not found:
        return env._("The portal knows no case with this number.")
    return env._(
        "Asked for this number, the portal answered “%(message)s”. It is taken for a free one: a second case with the same "
        "number would be refused.",
        message=found["message"],
    )


def _skipped(env, words, found):
    if not found.get("skipped"):
        return words
    return env._("%(words)s %(count)s rows could not be used.", words=words, count=found["skipped"])


_FOUND = {
    "login_directory": _login,
    "login_papers": _login,
    "directory": _directory,
    "papers": _papers,
    "file": _file,
    "own_file": lambda env, found: env._("Our own file came back whole, as other agencies fetch it."),
    "agencies": _rows,
    "sectors": _rows,
    "procedures": _rows,
    "procedure": _procedure,
    "free_number": _free_number,
    "case": lambda env, found: env._("The portal accepted the test case."),
    "progress": lambda env, found: env._("The portal accepted the step."),
    "state": lambda env, found: env._("The portal accepted the state."),
    "lookup": lambda env, found: env._("The portal knows the test case: %(state)s.", state=found["state"]),
    "withdrawal": lambda env, found: env._("The portal accepted that the applicant withdraws the test case."),
}
