"""HTTP to our security server: one session, whole-exchange deadlines, typed errors, the address as composed.

Four things that `requests` leaves open are closed here. Its timeout holds for each silence only, so a server that
sends a byte now and then would never time out: every exchange has a deadline for all of it. It follows a redirect in
part even when told not to, reading an unbounded body: here a redirect is just an answer. And its engine rewrites what
it is asked to request: here the request line is what was composed, byte for byte. And a connection that stayed open may be
closed by the far side in the very moment in which it is used again: a question that may be put twice then goes out once more
on a new one; what may not uses only a connection that was idle for a moment.
"""

from __future__ import annotations

import itertools
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.exceptions import BaseHTTPError  # the base of what its engine raises, some of which gets through

from . import recording
from .connections import Adapter, KeptAdapter
from .errors import (
    AnswerNotUnderstood,
    BodyCutOff,
    ConnectionBroken,
    KhoDLError,
    SecurityServerUnreachable,
    TimedOut,
)
from .exchange import Exchange, current
from .far_ids import far_id_of
from .retry_after import seconds_asked

CHUNK = 64 * 1024
_SHORTEST = 0.001
_GZIP, _GZIP_WINDOW = b"\x1f\x8b", 16 + zlib.MAX_WBITS
# What is in no text that is not packed, as short as it may be.
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
# By so many bytes more than twice of what it holds may a body be packed into.
_MOST_PACKING = 1024 * 1024
# What is said, somewhere in a chain of errors, of a certificate that no authority known here has issued, or that is over, and
# of authorities that cannot be read.
_STRANGE = ("CERTIFICATE_VERIFY_FAILED", "NO_CERTIFICATE_OR_CRL_FOUND", "TLS CA certificate bundle")
# Where an operator says which authorities are trusted: as for all that is built on the engine.
_AUTHORITIES = "REQUESTS_CA_BUNDLE"
_HEADERS = {"User-Agent": "kho_dl", "Accept-Encoding": "identity"}
# A connection that was idle for longer (s) is not used again: firewalls forget it without a word. The other for what may
# go out once only: servers close theirs after some seconds at the earliest.
_MOST_IDLE, _MOST_IDLE_ONCE = 50, 4


class ForwardSession(requests.Session):
    """A session that goes to the security server and nowhere else; a `recorder` keeps what passes through it."""

    recorder: recording.Recorder | None = None
    on_close: Callable[[], None] | None = None

    @property
    def far_id(self) -> str:
        """By which the security servers know the last exchange of this thread, "" where they told none."""
        return getattr(current, "far_id", "")

    @far_id.setter
    def far_id(self, value: str) -> None:
        current.far_id = value

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None

    def close(self) -> None:  # pylint: disable=missing-return
        """Close its connections, or leave them to who lent them."""
        on_close, self.on_close = self.on_close, None
        if on_close:
            on_close()
        super().close()


def open_session(
    width: int = 1, *, adapter: KeptAdapter | None = None, on_close: Callable[[], None] | None = None
) -> ForwardSession:
    """Return a session that keeps up to `width` connections alive; no proxy, netrc or cookie is used.

    With an `adapter` it uses the connections of that one, which outlive it; `on_close` is called as it is closed.
    """
    session = ForwardSession()
    session.trust_env = False
    session.verify = os.environ.get(_AUTHORITIES) or True
    session.headers = requests.structures.CaseInsensitiveDict(_HEADERS)
    # All far systems share one host here: a cookie of one must not reach another.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter or Adapter(pool_connections=1, pool_maxsize=width))
    session.on_close = on_close
    return session


@contextmanager
def answer_to(
    session: ForwardSession,
    method: str,
    url: str,
    exchange: Exchange,
    *,
    headers: Mapping[str, str],
    timeouts: tuple[float, float],
    body: bytes | None = None,
    may_repeat: bool = False,
) -> Iterator[requests.Response]:
    """Send a request and give its answer, body unread; the connection is given back, or closed, at the end.

    `timeouts` (s) hold for the connection and for each silence, `exchange` for all of it, read in this thread. Only what
    `may_repeat` goes out twice, where a connection that stayed open was closed before any answer. What is raised while the answer
    is given learns when to ask again.
    Raises SecurityServerUnreachable, ConnectionBroken among it, TimedOut, AnswerNotUnderstood.
    """
    request = requests.Request(method, url, headers=dict(headers), data=body)
    connect, silence = timeouts
    # No wait for a connection that would come when all is over; 0 is not a timeout to the engine.
    exchange.connect_seconds = max(_SHORTEST, min(connect, exchange.remaining()))
    exchange.most_idle = _MOST_IDLE if may_repeat else _MOST_IDLE_ONCE
    exchange.target = url[url.index("/", url.index("://") + 3) :]
    current.exchange, current.far_id = exchange, ""
    if session.recorder is not None:
        exchange.recorded = session.recorder.begin(method, url, {**session.headers, **headers}, body)
    try:
        with _sent(session, request, silence, exchange, may_repeat) as response:
            exchange.far_id = current.far_id = far_id_of(response.headers)
            if exchange.recorded is not None:
                exchange.recorded.answered(response.status_code, response.headers)
            try:
                yield response
            except KhoDLError as error:
                error.retry_after = seconds_asked(response.status_code, response.headers)
                raise
    finally:
        exchange.release()
        current.exchange = None


def chunks(response: requests.Response, exchange: Exchange) -> Iterator[bytes]:
    """Yield the body of `response`, at most 64 KiB at a time. Raises BodyCutOff, TimedOut.

    We ask for no compression. What comes compressed all the same is unpacked; what only says that it is stays as it is
    (wire §4). What is compressed tells where it ends: one that breaks off behind that is whole, and `is_packed_whole` notes it.
    """
    blocks = response.raw.stream(CHUNK, decode_content=False)
    try:
        first = next(blocks, b"")
        # A chunk may be one byte, which tells nothing yet.
        first += next(blocks, b"") if len(first) == 1 else b""
        window = _compression(response.headers.get("Content-Encoding", ""), first)
        whole = itertools.chain([first], blocks)
        unpacked = _inflated(whole, window, exchange) if window else whole
        yield from exchange.recorded.heard(unpacked) if exchange.recorded is not None else unpacked
    except (BaseHTTPError, OSError, zlib.error) as error:
        if exchange.timed_out:
            raise TimedOut("the answer did not arrive in time") from None
        if exchange.is_packed_whole and isinstance(error, BaseHTTPError):
            return
        raise BodyCutOff(f"the answer broke off ({type(error).__name__})") from None


def _compression(encoding: str, head: bytes) -> int | None:
    """Return how zlib unpacks a body that begins with `head`, None for one that is not packed in a way that we know.

    An adapter may hand on packed bytes without the header that says so; nothing that we ask for begins like gzip.
    """
    if head.startswith(_GZIP):
        return _GZIP_WINDOW
    if "deflate" not in encoding.lower():
        return None
    if head.startswith(b"\x78"):
        return zlib.MAX_WBITS
    # Without the frame that belongs around it: so do some servers of Windows.
    return -zlib.MAX_WBITS if _CONTROL.search(head) and _unpacks(head) else None


def _unpacks(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj(-zlib.MAX_WBITS).decompress(head, CHUNK))
    except zlib.error:
        return False


def _inflated(blocks: Iterable[bytes], window: int, exchange: Exchange) -> Iterator[bytes]:
    """Unpack `blocks`, of one part after the other; what stands behind the last one is none of it, and is read over.

    Raises zlib.error for what breaks off, or is packed into far more than it holds: so parts that hold nothing have an end, too.
    """
    unpacking = zlib.decompressobj(window)
    most_packed, is_over, held = _MOST_PACKING, False, b""
    for read in blocks:
        most_packed -= len(read)
        block, held = held + read, b""
        while block and not is_over:
            if unpacking.eof:
                if len(block) < len(_GZIP) and _GZIP.startswith(block):
                    # What it begins comes with the next block.
                    held = block
                    break
                is_over = not block.startswith(_GZIP)
                unpacking = zlib.decompressobj(_GZIP_WINDOW)
            else:
                # So much at a time, however small it was made.
                unpacked = unpacking.decompress(block, CHUNK)
                block = unpacking.unconsumed_tail or unpacking.unused_data
                most_packed += 2 * len(unpacked)
                exchange.is_packed_whole = unpacking.eof
                yield unpacked
        if most_packed < 0:
            raise zlib.error("packed into more than it holds")
    if not (unpacking.eof or is_over):
        raise zlib.error("ends within the packed body")


def _sent(
    session: requests.Session, request: requests.Request, silence: float, exchange: Exchange, may_repeat: bool
) -> requests.Response:
    # The messages of `requests` hold the address, and so what a link carries: none of them goes on.
    try:
        prepared = session.prepare_request(request)
        options = {"timeout": silence, "stream": True, "allow_redirects": False}
        try:
            return session.send(prepared, **options)
        except requests.ConnectionError:
            if not (may_repeat and exchange.was_closed_meanwhile()):
                raise
            return session.send(prepared, **options)
    except requests.ConnectTimeout:
        raise TimedOut("our security server took no connection in time", is_connected=False) from None
    except requests.Timeout as error:
        raise TimedOut(f"no answer in time ({type(error).__name__})") from None
    except (requests.ConnectionError, requests.exceptions.InvalidURL) as error:
        if exchange.is_asked:
            raise ConnectionBroken(f"the connection broke before an answer ({type(error).__name__})") from None
        raise _unreachable(error) from None
    except (requests.RequestException, BaseHTTPError) as error:
        raise AnswerNotUnderstood(f"an answer that is not HTTP ({type(error).__name__})") from None
    except OSError as error:
        raise _unreachable(error) from None


def _unreachable(error: Exception) -> SecurityServerUnreachable:
    unreachable = SecurityServerUnreachable(f"no connection ({type(error).__name__})")
    unreachable.is_trusted = not any(mark in str(error) for mark in _STRANGE)
    return unreachable
