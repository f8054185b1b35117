"""Every way in which talking to the other side can fail, typed once.

`detail` is for technicians. It never holds a token, an id number, a link or a payload.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

_PERMANENT_STATUSES = frozenset({400, 403, 404, 410})
# Too slow, too early, too many: said of the moment, not of the question.
_TRANSIENT_STATUSES = frozenset({408, 425, 429})


class KhoDLError(Exception):
    """Base of all errors of this package; `detail` says technically what happened.

    `is_transient`: trying again later can work. `blames_remote`: what serves behind our security server failed, not
    that server, and not we. `blames_own_server`: that server did. `may_be_own_server`: it may have been that one all the
    same, which shows where others fail in the same way.
    """

    is_transient: bool = False
    blames_remote: bool = False
    blames_own_server: bool = False
    may_be_own_server: bool = False
    # By which the security servers know the exchange that went wrong; "" where they told none.
    far_id: str = ""
    # For how long (s) whoever answered asked to be left alone.
    retry_after: float = 0

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class SecurityServerUnreachable(KhoDLError):
    """Our own security server cannot be reached: refused, no such host, TLS; not `is_trusted`: it answers with a strange certificate."""

    is_transient, blames_own_server, is_trusted = True, True, True


class ConnectionBroken(SecurityServerUnreachable):
    """Our own security server took the request, and the connection broke before an answer.

    An adapter that passes on what the far system sends breaks off where that one does, and nothing on the wire tells
    who it was.
    """

    blames_remote = True
    blames_own_server = False
    may_be_own_server = True


class Trouble(str, Enum):
    """What a security server says it could not do (wire "Forwarding")."""

    ACCESS_DENIED = "access_denied"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_MEMBER = "unknown_member"
    TOO_LARGE = "too_large"
    DISK_FULL = "disk_full"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    SYSTEM_BEHIND = "system_behind"
    OTHER = "other"


class SecurityServerFault(KhoDLError):
    """A security server could not pass a call on: ours (`is_ours`) or that of the other side; `trouble` says what it could not do."""

    _LASTING = frozenset({Trouble.ACCESS_DENIED, Trouble.UNKNOWN_SERVICE, Trouble.UNKNOWN_MEMBER, Trouble.TOO_LARGE})

    def __init__(self, code: str, trouble: Trouble, *, is_ours: bool, is_certain: bool = True) -> None:
        """`code` is the server's own, e.g. "Server.ServerProxy.AccessDenied"; not `is_certain`: anybody may have written it."""
        super().__init__(f"a security server answered {code}")
        self.code, self.trouble, self.is_ours, self.is_certain = code, trouble, is_ours, is_certain

    @property
    def is_transient(self) -> bool:
        return self.trouble not in self._LASTING

    @property
    def blames_own_server(self) -> bool:
        # What our own server can do for nobody; all else is about one far system, a certificate, too: it may be theirs.
        return self.is_certain and self.is_ours and self.trouble is Trouble.DISK_FULL

    @property
    def blames_remote(self) -> bool:
        return self.is_transient and not self.blames_own_server


class TimedOut(KhoDLError):
    """No connection, no answer, or not the whole answer in the time allowed.

    `is_connected` is False where our own security server did not even take the connection.
    """

    is_transient = True

    def __init__(self, detail: str = "", *, is_connected: bool = True) -> None:
        super().__init__(detail)
        self.is_connected = is_connected

    @property
    def blames_remote(self) -> bool:
        return self.is_connected

    @property
    def blames_own_server(self) -> bool:
        return not self.is_connected


class OutOfTime(KhoDLError):
    """The caller's own time was over while an answer was under way, for `seconds` so far; nobody failed.

    `is_coming`: some of it had come.
    """

    is_transient = True

    def __init__(self, seconds: float, *, is_coming: bool = False) -> None:
        super().__init__(f"still coming after {seconds:.0f} s")
        self.seconds = seconds
        self.is_coming = is_coming


class AnswerOutOfTime(OutOfTime):
    """The same of a call; `is_sent` is False where the time was over before the message itself was sent."""

    # Who says nothing at all for so long (s) has failed, whoever's time was over first.
    LONG_SILENCE = 20

    def __init__(
        self, seconds: float, *, is_sent: bool = True, is_coming: bool = False, is_connected: bool = True
    ) -> None:
        super().__init__(seconds, is_coming=is_coming)
        self.is_sent, self.is_connected = is_sent, is_connected

    @property
    def blames_remote(self) -> bool:
        return self.is_sent and self.is_connected and not self.is_coming and self.seconds >= self.LONG_SILENCE


class AccountRefused(KhoDLError):
    """The portal refused our account, or refused a token fresh from a login.

    `message` is the portal's own, bounded and cleaned; may be empty.
    """

    def __init__(self, detail: str = "", *, message: str = "") -> None:
        super().__init__(detail)
        self.message = message


class PortalRejected(KhoDLError):
    """The portal understood the question and said no; `code` and `message` are its own, bounded and cleaned.

    `status` is that of HTTP; where the answer has no code of its own, `code` is the status too.
    """

    def __init__(self, code: str, message: str, *, status: int = 200) -> None:
        super().__init__(f"the portal answered with HTTP status {status}, code {code}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def is_transient(self) -> bool:
        return self.status >= 500 or self.status in _TRANSIENT_STATUSES


class TokenRefused(PortalRejected):
    """The portal said no to the token. `Client` logs in anew once, so callers see this as AccountRefused."""


class AnswerNotUnderstood(KhoDLError):
    """The answer is not JSON, has the wrong shape, redirects, or is larger than allowed.

    `status` is that of HTTP where it alone tells, else None.
    """

    is_transient = True
    blames_remote = True

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


class CatalogueUnusable(AnswerNotUnderstood):
    """An answer of the catalogue is well made, and holds nothing of what was asked for; asking again brings the same."""

    is_transient = False


class BodyCutOff(AnswerNotUnderstood):
    """The connection ended before the answer did."""


class DatabaseNotConfirmed(KhoDLError):
    """Who asks is a copy of the database, which speaks to nobody."""

    is_transient = True


class ServerUnknown(KhoDLError):
    """No server, or no single one, is known for an agency; several `candidates`, of whatever the caller has, mean that
    somebody must choose."""

    def __init__(self, agency_code: str, candidates: Iterable[object] = (), detail: str = "") -> None:
        self.agency_code = agency_code
        self.candidates = tuple(candidates)
        super().__init__(detail or f"{len(self.candidates)} servers are possible for the agency")


class LinkNotUsable(KhoDLError):
    """A link from outside cannot be turned into an address on our security server."""


class FileUnavailable(KhoDLError):
    """The far end answered `status` (HTTP) for a file; `permanent` when asking again is pointless."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail or f"HTTP status {status} for a file")
        self.status = status

    @property
    def permanent(self) -> bool:
        """Tell whether the file will not be there next time either."""
        return self.status in _PERMANENT_STATUSES

    @property
    def is_transient(self) -> bool:
        return not self.permanent

    @property
    def blames_remote(self) -> bool:
        return self.status >= 500


class FileTooLarge(KhoDLError):
    """A file is larger than `limit` bytes."""

    def __init__(self, limit: int, detail: str = "") -> None:
        super().__init__(detail or f"the file is larger than {limit} bytes")
        self.limit = limit


class FileFault(str, Enum):
    """What is wrong with bytes that did arrive."""

    EMPTY = "empty"
    ERROR_PAGE = "error_page"
    CUT_OFF = "cut_off"
    TYPE_MISMATCH = "type_mismatch"
    UNKNOWN_TYPE = "unknown_type"
    KIND_NOT_ACCEPTED = "kind_not_accepted"
    ENCRYPTED_OFFICE = "encrypted_office"


class FileNotAsClaimed(KhoDLError):
    """Bytes arrived, but not the file that was promised; `fault` says in which way, `kind` what came: ".heic", "" for unknown."""

    def __init__(self, fault: FileFault, detail: str = "", kind: str = "") -> None:
        super().__init__(detail or fault.value)
        self.fault, self.kind = fault, kind

    @property
    def is_transient(self) -> bool:
        return self.fault is FileFault.CUT_OFF

    @property
    def blames_remote(self) -> bool:
        return self.fault is FileFault.CUT_OFF


class FileNotStored(KhoDLError):
    """This machine has no room, or no right, to keep the bytes of a file for a moment."""

    is_transient = True


class Unexpected(KhoDLError):
    """Our own code failed with one file in a way that nobody foresaw; `problem` is how, `detail` its kind only."""

    def __init__(self, problem: Exception) -> None:
        super().__init__(type(problem).__name__)
        self.problem = problem


class SettingsIncomplete(KhoDLError):
    """Settings are missing or unusable; `missing` names them, e.g. ("ss_url", "papers.account.username")."""

    def __init__(self, missing: Iterable[str], detail: str = "") -> None:
        self.missing = tuple(missing)
        super().__init__(detail or "missing settings: " + ", ".join(self.missing))
