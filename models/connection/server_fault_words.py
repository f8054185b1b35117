"""What a security server could not do, in a sentence that says whose fault it is, what was kept, and who can do what."""

from ...protocol.errors import SecurityServerFault, Trouble
from .advice_words import again, again_or_ask, again_or_tell_them


def server_fault_words(env, error):
    """Return the words for a `SecurityServerFault`, for a clerk, in the language of `env`, as `error_messages` has them."""
    return (_OURS if error.is_ours else _THEIRS).get(error.trouble, _other)(env, error)


def lacks_right(error):
    """Return whether `error`, of any kind, says that the other side's security server does not let our agency in."""
    return (
        isinstance(error, SecurityServerFault)
        and (_OURS if error.is_ours else _THEIRS).get(error.trouble) is _no_access
    )


def _no_access(env, _error):
    return env._(
        "The other side's security server does not let us in: our agency lacks the access right there. Nothing is lost. Tell "
        "your administrator, who asks that side for the right (Kho DL, Access rights); then try again."
    )


def _unknown_service(env, _error):
    return env._(
        "The other side's security server does not offer what we asked for, or it is switched off there. Nothing is lost. "
        "Tell your administrator, who checks code and path in the settings and asks that side."
    )


def _unknown_member(env, _error):
    return env._(
        "Our security server does not know the other side by the code that we have. Nothing is lost. Tell your administrator, "
        "who refreshes the directory of security servers, or asks whoever runs ours."
    )


def _unreachable(env, _error):
    return env._("Our security server cannot reach that of the other side. Nothing is lost."), again_or_tell_them(env)


def _system_behind(env, _error):
    return (
        env._("The other side's security server is there, but the system behind it does not answer. Nothing is lost."),
        again_or_ask(env),
    )


def _too_large_for_us(env, _error):
    return env._(
        "This is larger than our security server lets through. Nothing is lost. Ask the applicant for the paper, or your "
        "administrator to have the limit raised."
    )


def _too_large_for_them(env, _error):
    return env._(
        "This is larger than the other side's security server lets through. Nothing is lost. Ask the applicant for the paper."
    )


def _our_disk(env, _error):
    return env._(
        "Our security server cannot write its log, most likely because its disk is full, and so passes nothing on. Nothing is "
        "lost. Tell your administrator at once."
    )


def _their_disk(env, _error):
    return (
        env._(
            "The other side's security server cannot write its log, most likely because its disk is full. Nothing is lost. "
            "Your administrator can tell that side."
        ),
        again_or_ask(env),
    )


def _our_certificate(env, _error):
    return env._(
        "Our security server does not accept a certificate: our system's, or that of the other side. Nothing is lost. Tell "
        "your administrator, who finds out which, and has it entered or renewed."
    )


def _their_certificate(env, _error):
    return env._(
        "The other side's security server and the system behind it do not accept each other's certificate. Nothing is lost. "
        "Your administrator can tell that side; until then ask the applicant for the paper."
    )


def _other(env, error):
    if error.is_ours:
        return env._("Our security server could not pass this on. Nothing is lost."), again(env)
    return (
        env._("The other side's security server could not pass this on. Nothing is lost."),
        again_or_tell_them(env),
    )


_EITHER = {
    Trouble.ACCESS_DENIED: _no_access,
    Trouble.UNKNOWN_SERVICE: _unknown_service,
    Trouble.UNKNOWN_MEMBER: _unknown_member,
    Trouble.UNREACHABLE: _unreachable,
    Trouble.SYSTEM_BEHIND: _system_behind,
}
_OURS = {
    **_EITHER,
    Trouble.TOO_LARGE: _too_large_for_us,
    Trouble.DISK_FULL: _our_disk,
    Trouble.CERTIFICATE: _our_certificate,
}
_THEIRS = {
    **_EITHER,
    Trouble.UNREACHABLE: _system_behind,
    Trouble.UNKNOWN_MEMBER: _no_access,
    Trouble.TOO_LARGE: _too_large_for_them,
    Trouble.DISK_FULL: _their_disk,
    Trouble.CERTIFICATE: _their_certificate,
}
