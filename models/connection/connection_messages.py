"""What a test of the connection says to an administrator, who can correct the settings; clerks read `error_messages`."""

from ...protocol import errors
from ...protocol.errors import Trouble
from .error_messages import error_message


def connection_messages(env, settings, error):
    """Return what `error` means for `settings` (of `protocol.settings`), and what to look at, in the language of `env`."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words(env, settings, error)
    return error_message(env, error)


def _unreachable(env, settings, error):
    if not error.is_trusted:
        return env._(
            "%(address)s answers with a certificate that this server does not trust. Check that it has not expired, and that the "
            "address has the name that stands in it; if so, let whoever runs Odoo name a file with the authority that issued it "
            "(REQUESTS_CA_BUNDLE), or look whether the one named is there.",
            address=settings.base_url,
        )
    return env._(
        "Nothing answers at %(address)s. Check address and port, and whether the security server is switched on.",
        address=settings.base_url,
    )


def _broken(env, settings, _error):
    return env._(
        "%(address)s took the call and broke it off without an answer. Check whether it is the security server's address, with "
        "http or https as that one wants it; if it is, ask whoever runs it.",
        address=settings.base_url,
    )


def _timed_out(env, settings, error):
    if error.is_connected:
        return env._(
            "%(address)s took the call, but no answer came within %(seconds)s seconds. Try again; if it stays so, ask whoever "
            "runs the security server whether it reaches the portal.",
            address=settings.base_url,
            seconds=round(settings.timeouts[1]),
        )
    return env._(
        "%(address)s took no connection within %(seconds)s seconds. Check address and port, and whether a firewall lets "
        "this server through.",
        address=settings.base_url,
        seconds=round(settings.timeouts[0]),
    )


def _account_refused(env, _settings, error):
    if error.message:
        return env._(
            "The portal refused the login: “%s” Check account and password; if they are right, ask the portal's support "
            "what it means by that.",
            error.message,
        )
    return env._("The portal refused the login. Check account and password.")


def _not_understood(env, settings, error):
    what = (
        env._("with the error HTTP %s", error.status)
        if error.status
        else env._("but not in the way that the portal does")
    )
    return env._(
        "%(address)s answered %(what)s. Check the address, and adapter and login path under “Advanced”. If they are right, "
        "the portal may have trouble: try again later.",
        address=settings.base_url,
        what=what,
    )


def _server_fault(env, settings, error):
    words = {
        Trouble.ACCESS_DENIED: env._(
            "%(address)s passed the call on, but the portal's security server lets our agency in nowhere. Ask the portal's "
            "support for the access right.",
            address=settings.base_url,
        ),
        Trouble.UNKNOWN_MEMBER: env._(
            "%(address)s does not know the destination code. Check it under “Advanced”, or choose another way in step 2.",
            address=settings.base_url,
        ),
        Trouble.UNKNOWN_SERVICE: env._(
            "%(address)s passed the call on, but what we asked for is not there. Check paths and provider addresses under "
            "“Advanced”, or choose another way in step 2.",
            address=settings.base_url,
        ),
    }
    return words.get(error.trouble) or error_message(env, error)


_WORDS = {
    errors.SecurityServerFault: _server_fault,
    errors.ConnectionBroken: _broken,
    errors.SecurityServerUnreachable: _unreachable,
    errors.TimedOut: _timed_out,
    errors.AccountRefused: _account_refused,
    errors.AnswerNotUnderstood: _not_understood,
}
