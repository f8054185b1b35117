"""What each failure says about trying again, and about who failed."""

import pytest

from protocol import errors
from protocol.errors import (
    AccountRefused,
    AnswerNotUnderstood,
    AnswerOutOfTime,
    BodyCutOff,
    CatalogueUnusable,
    ConnectionBroken,
    DatabaseNotConfirmed,
    FileFault,
    FileNotAsClaimed,
    FileNotStored,
    FileTooLarge,
    FileUnavailable,
    KhoDLError,
    LinkNotUsable,
    OutOfTime,
    PortalRejected,
    SecurityServerFault,
    SecurityServerUnreachable,
    ServerUnknown,
    SettingsIncomplete,
    TimedOut,
    TokenRefused,
    Trouble,
    Unexpected,
)

# Whether what a security server could not do may work later.
TROUBLES = {
    Trouble.ACCESS_DENIED: False,
    Trouble.UNKNOWN_SERVICE: False,
    Trouble.UNKNOWN_MEMBER: False,
    Trouble.TOO_LARGE: False,
    Trouble.CERTIFICATE: True,
    Trouble.DISK_FULL: True,
    Trouble.UNREACHABLE: True,
    Trouble.SYSTEM_BEHIND: True,
    Trouble.OTHER: True,
}
# (error, is_transient, blames_remote)
VERDICTS = [
    (SecurityServerUnreachable(), True, False),
    (ConnectionBroken(), True, True),
    (TimedOut(), True, True),
    (TimedOut(is_connected=False), True, False),
    (OutOfTime(1.0), True, False),
    (AnswerOutOfTime(1.0), True, False),
    (AnswerNotUnderstood(), True, True),
    (BodyCutOff(), True, True),
    (CatalogueUnusable(), False, True),
    (FileNotStored(), True, False),
    (DatabaseNotConfirmed(), True, False),
    (AccountRefused(), False, False),
    (TokenRefused("401", "", status=401), False, False),
    (ServerUnknown("H46"), False, False),
    (LinkNotUsable(), False, False),
    (FileTooLarge(1), False, False),
    (SettingsIncomplete(["ss_url"]), False, False),
    (Unexpected(KeyError("x")), False, False),
    *((PortalRejected("x", "", status=status), False, False) for status in (200, 400, 404, 409, 422)),
    *((PortalRejected("x", "", status=status), True, False) for status in (408, 425, 429, 500, 503)),
    *((FileUnavailable(status), False, False) for status in (400, 403, 404, 410)),
    *((FileUnavailable(status), True, False) for status in (302, 401, 408, 425, 429)),
    *((FileUnavailable(status), True, True) for status in (500, 502, 503, 504)),
    *(
        (SecurityServerFault("Server.x", trouble, is_ours=True), passing, passing and trouble is not Trouble.DISK_FULL)
        for trouble, passing in TROUBLES.items()
    ),
    *(
        (SecurityServerFault("Server.x", trouble, is_ours=False), passing, passing)
        for trouble, passing in TROUBLES.items()
    ),
    *((FileNotAsClaimed(fault), fault is FileFault.CUT_OFF, fault is FileFault.CUT_OFF) for fault in FileFault),
]


@pytest.mark.parametrize(("error", "is_transient", "blames_remote"), VERDICTS, ids=lambda value: repr(value))
def test_whether_it_passes_and_who_failed(error, is_transient, blames_remote):
    assert error.is_transient is is_transient
    assert error.blames_remote is blames_remote


def test_every_error_has_a_verdict():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KhoDLError)}
    assert {type(error) for error, _passing, _blames in VERDICTS} == kinds - {KhoDLError}
