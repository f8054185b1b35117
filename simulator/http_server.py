"""HTTP/1.1 with connections that stay open; sends answers in the way that they are to travel."""

import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .answers import Answer, text_answer
from .request import Request

_MOST_BODY = 16 * 1024 * 1024
_MOST_DIGITS = 20
# Statuses whose answers have no body, whatever they announce.
_BODILESS = (204, 304)
_TICK = 0.05  # seconds between looks at whether somebody who waits is still there
_LINGER_NOT = struct.pack("ii", 1, 0)


class HttpServer(ThreadingHTTPServer):
    """Gives every request to `answer`, each connection in a thread of its own."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Answer]) -> None:
        super().__init__(address, _Handler)
        self.answer = answer
        self.stopping = threading.Event()
        # So many connections have brought something to be passed on.
        self.used_connections = 0
        self._counting = threading.Lock()
        self._connections: set[socket.socket] = set()

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(_TICK,), name="simulator", daemon=True).start()

    def stop(self) -> None:
        """Stop serving and break all connections off, so that their threads end."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for connection in self._connections.copy():
            _shut(connection)

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def count_connection(self) -> None:
        """Count one more connection that is used for what is passed on."""
        with self._counting:
            self.used_connections += 1

    def shutdown_request(self, request: socket.socket) -> None:
        """Close a connection and forget it."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: socket.socket, client_address: object) -> None:
        """Stay silent about clients that break off, as faults make them do."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body of a small answer leave in one packet.
    wbufsize = -1
    # An idle connection is closed after this long (s), so that no thread stays for ever.
    timeout = 120
    server: HttpServer
    # Each connection has a handler of its own.
    _is_counted = False

    def _serve(self) -> None:
        body = self._read_body()
        if isinstance(body, Answer):
            self.close_connection = True
            answer = body
        else:
            # Addresses may come with raw letters: UTF-8, which the base class took for Latin-1.
            target = self.path.encode("latin-1").decode(errors="replace")
            request = Request.parse(self.command, target, self.headers.items(), body)
            if request.far_path is not None and not self._is_counted:
                self._is_counted = True
                self.server.count_connection()
            answer = self.server.answer(request)
        try:
            answer.delivery.send(_Wire(self, answer), answer.body)
        except OSError:
            # Whoever asked has gone away, as the faults intend.
            self.close_connection = True

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _serve

    def _read_body(self) -> bytes | Answer:
        """Return the body, or why it is not read. Raises ConnectionAbortedError when the client leaves in the midst."""
        if "Transfer-Encoding" in self.headers:
            return text_answer("Length Required", 411)
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            return text_answer("Bad Request", 400)
        # By the digits first: Python refuses to read a number of thousands of them.
        if len(lengths[0]) > _MOST_DIGITS or int(lengths[0]) > _MOST_BODY:
            return text_answer("Content Too Large", 413)
        body = self.rfile.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            raise ConnectionAbortedError("the body ended early")
        return body

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the record is the log."""


class _Wire:
    """See `delivery.Wire`."""

    def __init__(self, handler: _Handler, answer: Answer) -> None:
        self._handler = handler
        self._answer = answer

    def start(self, length: int | None) -> None:
        handler = self._handler
        handler.send_response(self._answer.status)
        headers = {"Content-Type": self._answer.content_type, **self._answer.headers}
        if length is not None and self._answer.status not in _BODILESS:
            headers["Content-Length"] = str(length)
        if length is None or handler.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    def write(self, data: bytes) -> None:
        if self._handler.command != "HEAD" and self._answer.status not in _BODILESS:
            self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def end(self) -> None:
        self._handler.close_connection = True

    def reset(self) -> None:
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        # Closed before anybody shuts it down: a shutdown would be an orderly end.
        connection.close()
        self.end()

    def wait(self, seconds: float | None) -> bool:
        ends_at = None if seconds is None else time.monotonic() + seconds
        while True:
            left = _TICK if ends_at is None else ends_at - time.monotonic()
            if left <= 0:
                return True
            if self._handler.server.stopping.wait(min(left, _TICK)) or _has_left(self._handler.connection):
                return False


def _has_left(connection: socket.socket) -> bool:
    """Tell whether the far end has closed the connection; bytes that wait unread are a sign of life."""
    # Not select, which fails in a process with more than 1,024 open files.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    try:
        return bool(poll.poll(0)) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # its own thread was quicker
