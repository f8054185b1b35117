"""Connections of the engine under `requests`, each read under the deadline of the exchange that this thread is in."""

from __future__ import annotations

import http.client
import io
import socket
import time
from http import HTTPStatus

import requests
from requests.adapters import HTTPAdapter

from .exchange import Exchange, current

# Many are kept only where many were in use at once, as by the threads of one process.
_MOST_KEPT = 64
# Of what came behind an announced length.
_MOST_BEHIND = 64 * 1024
_MOST_DIGITS = 20


def told_length(value: str) -> int | None:
    """Return what a header Content-Length tells, also one that tells it more than once (RFC 9110, 8.6); None for anything else."""
    told = {each.strip() for each in value.split(",")}
    number = told.pop() if len(told) == 1 else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < _MOST_DIGITS else None


class TimedReader(io.RawIOBase):
    """Reads a socket; no wait goes beyond the end of the exchange."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._socket, self._exchange = connected, exchange
        self._silence = connected.gettimeout()
        self._bytes = connected.makefile("rb", buffering=0)
        self.is_over = False
        exchange.attach(self.wake_up)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:
        if self.is_over:
            return self._read_at_once(buffer)
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

    def _read_at_once(self, buffer: memoryview) -> int | None:
        """Read what has come by now, None where that is nothing."""
        try:
            self._socket.settimeout(0)
            return self._bytes.readinto(buffer)
        except OSError:
            return None
        finally:
            self._socket.settimeout(self._silence)

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
        return io.BufferedReader(TimedReader(self._socket, current.exchange))


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args, **kwargs) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)
        current.exchange.response = self
        # What came behind the announced length, as far as it was here with it.
        self.behind = b""

    def _read_status(self) -> tuple[str, int, str]:
        told = super()._read_status()
        # What is said before the answer (RFC 9110, 15.2), of which the engine knows one kind alone.
        while HTTPStatus.SWITCHING_PROTOCOLS < told[1] < HTTPStatus.OK:
            http.client.parse_headers(self.fp)
            told = super()._read_status()
        return told

    def begin(self) -> None:  # pylint: disable=missing-return
        super().begin()
        if self.length is None and not self.chunked:
            # The engine knows one number alone, and waits for the end of the connection where there are more.
            self.length = told_length(self.headers.get("Content-Length", ""))

    def _close_conn(self) -> None:  # pylint: disable=missing-return
        if self.length == 0 and not self.fp.closed:
            self.fp.raw.is_over = True
            self.behind = self.fp.read(_MOST_BEHIND) or b""
        super()._close_conn()


class _ExactConnection:
    """Mixed into the engine's connections: asks for the composed address, reads under its deadline."""

    response_class = _TimedResponse

    def putrequest(self, method: str, url: str, *args, **kwargs) -> None:  # pylint: disable=missing-return
        super().putrequest(method, current.exchange.target, *args, **kwargs)


class _AgedPool:
    """Mixed into the engine's pools: no connection is used again that was idle for longer than the exchange allows."""

    def _get_conn(self, *args, **kwargs):
        connection, exchange = super()._get_conn(*args, **kwargs), current.exchange
        sock = getattr(connection, "sock", None)
        if sock is not None and time.monotonic() - getattr(connection, "idle_since", 0.0) > exchange.most_idle:
            connection.close()
            sock = None
        exchange.is_reused = sock is not None
        if sock is not None:
            # What the last exchange had left is not what this one has to send its request.
            sock.settimeout(exchange.connect_seconds)
        return connection

    def _put_conn(self, connection) -> None:  # pylint: disable=missing-return
        if connection is not None:
            if current.exchange is not None and current.exchange.has_more():
                # The rest of it may still come, and would begin the next answer.
                connection.close()
            connection.idle_since = time.monotonic()
        super()._put_conn(connection)


class Adapter(HTTPAdapter):
    """Uses pools whose connections are `_ExactConnection`s, and waits for a connection as the exchange says."""

    def send(self, request: requests.PreparedRequest, *, timeout: float, **kwargs) -> requests.Response:
        # Told here, not to the session: what wraps `Session.send` may expect one number for a timeout.
        return super().send(request, timeout=(current.exchange.connect_seconds, timeout), **kwargs)

    def init_poolmanager(self, *args, **kwargs) -> None:  # pylint: disable=missing-return
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (_AgedPool, pool), {"ConnectionCls": _exact(pool.ConnectionCls)})
            for scheme, pool in self.poolmanager.pool_classes_by_scheme.items()
        }


class KeptAdapter(Adapter):
    """Connections that outlive the sessions which use them; see `kept_connections`."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=_MOST_KEPT)

    def close(self) -> None:
        """Do nothing: a session is closed, and others use the connections."""

    def close_all(self) -> None:
        """Close all connections that nobody uses, and each other one as it is given back."""
        self.poolmanager.clear()


def _exact(connection_class: type) -> type:
    return type(connection_class.__name__, (_ExactConnection, connection_class), {})
