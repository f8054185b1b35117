"""HTTP to our security server: one session, whole-exchange deadlines, typed errors, the address as composed.

Three things that `requests` leaves open are closed here. Its timeout holds for each silence only, so a server that
sends a byte now and then would never time out: every exchange has a deadline for all of it. It follows a redirect in
part even when told not to, reading an unbounded body: here a redirect is just an answer. And its engine rewrites what
it is asked to request: here the request line is what was composed, byte for byte.
"""

from __future__ import annotations

import http.client
import io
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import BaseHTTPError  # the base of what its engine raises, some of which gets through

from . import recording
from .errors import AnswerNotUnderstood, BodyCutOff, KhoDLError, OutOfTime, SecurityServerUnreachable, TimedOut
from .far_ids import far_id_of

CHUNK = 64 * 1024
_SHORTEST = 0.001
_HEADERS = {"User-Agent": "kho_dl", "Accept-Encoding": "identity"}
_thread = threading.local()


class Exchange:
    """One request and its answer: when it must be over, and the means to end it sooner from another thread."""

    def __init__(self, seconds: float) -> None:
        self._began = self._heard_at = time.monotonic()
        self._ends_at = self._began + seconds
        self._reader: _TimedReader | None = None
        self._lock = threading.Lock()
        self.response: http.client.HTTPResponse | None = None
        self.timed_out = False
        self.target = ""
        self.connect_seconds = 0.0
        self.recorded: recording.RecordedExchange | None = None
        self.far_id = ""

    def remaining(self) -> float:
        """Return the seconds left, 0 or less when the time is over."""
        return self._ends_at - time.monotonic()

    @property
    def is_coming(self) -> bool:
        """Whether any of the answer has come."""
        return self._heard_at > self._began

    def heard(self) -> None:
        """Note that bytes have come."""
        self._heard_at = time.monotonic()

    def cut_off(self, long_silence: float) -> KhoDLError:
        """Return what ending this exchange now says: TimedOut after a silence of `long_silence` (s), else OutOfTime."""
        now = time.monotonic()
        if now - self._heard_at >= long_silence:
            return TimedOut("no answer until the time was over", is_connected=self.response is not None)
        return OutOfTime(now - self._began, is_coming=self.is_coming)

    def cancel(self) -> None:
        """End the exchange: whoever waits for its bytes is woken up and finds the connection closed."""
        with self._lock:
            self._ends_at = 0.0
            if self._reader is not None:
                self._reader.wake_up()

    def attach(self, reader: _TimedReader | None) -> None:
        """Name what reads the answer; None once that is done."""
        with self._lock:
            self._reader = reader

    def release(self) -> None:
        """Close what the engine left open, as it does where it stumbles over a header."""
        if self.response is not None:
            self.response.close()


class ForwardSession(requests.Session):
    """A session that goes to the security server and nowhere else; a `recorder` keeps what passes through it."""

    recorder: recording.Recorder | None = None

    @property
    def far_id(self) -> str:
        """By which the security servers know the last exchange of this thread, "" where they told none."""
        return getattr(_thread, "far_id", "")

    @far_id.setter
    def far_id(self, value: str) -> None:
        _thread.far_id = value

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def open_session(width: int) -> ForwardSession:
    """Return a session that keeps up to `width` connections alive; no proxy, netrc or cookie is used."""
    session = ForwardSession()
    session.trust_env = False
    session.headers = requests.structures.CaseInsensitiveDict(_HEADERS)
    # All far systems share one host here: a cookie of one must not reach another.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=width))
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
) -> Iterator[requests.Response]:
    """Send a request and give its answer, body unread; the connection is given back, or closed, at the end.

    `timeouts` (s) hold for the connection and for each silence, `exchange` for all of it, read in this thread.
    Raises SecurityServerUnreachable, TimedOut, AnswerNotUnderstood.
    """
    request = requests.Request(method, url, headers=dict(headers), data=body)
    connect, silence = timeouts
    # No wait for a connection that would come when all is over; 0 is not a timeout to the engine.
    exchange.connect_seconds = max(_SHORTEST, min(connect, exchange.remaining()))
    exchange.target = url[url.index("/", url.index("://") + 3) :]
    _thread.exchange, _thread.far_id = exchange, ""
    if session.recorder is not None:
        exchange.recorded = session.recorder.begin(method, url, {**session.headers, **headers}, body)
    try:
        with _sent(session, request, silence) as response:
            exchange.far_id = _thread.far_id = far_id_of(response.headers)
            if exchange.recorded is not None:
                exchange.recorded.answered(response.status_code, response.headers)
            yield response
    finally:
        exchange.release()
        _thread.exchange = None


def chunks(response: requests.Response, exchange: Exchange) -> Iterator[bytes]:
    """Yield the body of `response`, at most 64 KiB at a time. Raises BodyCutOff, TimedOut.

    We ask for no compression. What comes compressed all the same is unpacked; what only says that it is stays as it is
    (wire §4).
    """
    blocks = response.raw.stream(CHUNK, decode_content=False)
    try:
        first = next(blocks, b"")
        # A chunk may be one byte, which tells nothing yet.
        first += next(blocks, b"") if len(first) == 1 else b""
        window = _compression(response.headers.get("Content-Encoding", ""), first)
        whole = itertools.chain([first], blocks)
        unpacked = _inflated(whole, window) if window else whole
        yield from exchange.recorded.heard(unpacked) if exchange.recorded is not None else unpacked
    except (BaseHTTPError, OSError, zlib.error) as error:
        if exchange.timed_out:
            raise TimedOut("the answer did not arrive in time") from None
        raise BodyCutOff(f"the answer broke off ({type(error).__name__})") from None


def _compression(encoding: str, head: bytes) -> int | None:
    """Return how zlib unpacks a body that begins with `head`, None for one that is not packed in a way that we know."""
    known = (("gzip", b"\x1f\x8b", 16 + zlib.MAX_WBITS), ("deflate", b"\x78", zlib.MAX_WBITS))
    return next((window for name, start, window in known if name in encoding.lower() and head.startswith(start)), None)


def _inflated(blocks: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Unpack `blocks`, of one part after the other; what stands behind the last one is none of it."""
    unpacking = zlib.decompressobj(window)
    for block in blocks:
        while block:
            if unpacking.eof:
                if not block.startswith(b"\x1f\x8b"):
                    return
                unpacking = zlib.decompressobj(window)
            # So much at a time, however small it was made.
            yield unpacking.decompress(block, CHUNK)
            block = unpacking.unconsumed_tail or unpacking.unused_data
    if not unpacking.eof:
        raise zlib.error("ends within the packed body")


def _sent(session: requests.Session, request: requests.Request, silence: float) -> requests.Response:
    # The messages of `requests` hold the address, and so what a link carries: none of them goes on.
    try:
        prepared = session.prepare_request(request)
        return session.send(prepared, timeout=silence, stream=True, allow_redirects=False)
    except requests.ConnectTimeout:
        raise TimedOut("our security server took no connection in time", is_connected=False) from None
    except requests.Timeout as error:
        raise TimedOut(f"no answer in time ({type(error).__name__})") from None
    except (requests.ConnectionError, requests.exceptions.InvalidURL) as error:
        raise SecurityServerUnreachable(f"no connection ({type(error).__name__})") from None
    except (requests.RequestException, BaseHTTPError) as error:
        raise AnswerNotUnderstood(f"an answer that is not HTTP ({type(error).__name__})") from None
    except OSError as error:
        raise SecurityServerUnreachable(f"no connection ({type(error).__name__})") from None


class _TimedReader(io.RawIOBase):
    """Reads a socket; no wait goes beyond the end of the exchange."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._socket, self._exchange = connected, exchange
        self._silence = connected.gettimeout()
        self._bytes = connected.makefile("rb", buffering=0)
        exchange.attach(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:
        remaining = self._exchange.remaining()
        try:
            if remaining <= 0:
                raise TimeoutError("the exchange is over")
            self._socket.settimeout(min(self._silence, remaining))
            count = self._bytes.readinto(buffer)
        except TimeoutError:
            self._exchange.timed_out = True
            raise
        if count:
            self._exchange.heard()
        return count

    def wake_up(self) -> None:
        try:
            # Not the method of an SSL socket, which would take its state from under the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            return  # the other side was quicker

    def close(self) -> None:  # pylint: disable=missing-return
        # Before anybody else can have the connection: a late cancel must not hit another exchange.
        self._exchange.attach(None)
        self._bytes.close()
        super().close()


class _TimedSocket:
    """What `http.client` wants of a socket to read an answer from it: a file."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket, _thread.exchange))


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args, **kwargs) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)
        _thread.exchange.response = self


class _ExactConnection:
    """Mixed into the engine's connections: asks for the composed address, reads under its deadline."""

    response_class = _TimedResponse

    def putrequest(self, method: str, url: str, *args, **kwargs) -> None:  # pylint: disable=missing-return
        super().putrequest(method, _thread.exchange.target, *args, **kwargs)


class _Adapter(HTTPAdapter):
    """Uses pools whose connections are `_ExactConnection`s, and waits for a connection as the exchange says."""

    def send(self, request: requests.PreparedRequest, *, timeout: float, **kwargs) -> requests.Response:
        # Told here, not to the session: what wraps `Session.send` may expect one number for a timeout.
        return super().send(request, timeout=(_thread.exchange.connect_seconds, timeout), **kwargs)

    def init_poolmanager(self, *args, **kwargs) -> None:  # pylint: disable=missing-return
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": _exact(pool.ConnectionCls)})
            for scheme, pool in self.poolmanager.pool_classes_by_scheme.items()
        }


def _exact(connection_class: type) -> type:
    return type(connection_class.__name__, (_ExactConnection, connection_class), {})
