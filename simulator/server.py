"""The HTTP side of the simulator."""

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from .answers import Answer
from .control import control
from .faults import Fault, Faults
from .portal import Portal
from .record import Record
from .security_server import Request, SecurityServer, own_query
from .world import World

_MOST_BODY = 16 * 1024 * 1024
_KEPT_HEADERS = ("authorization", "dstcode", "content-type", "charset", "accept-encoding", "host")


class Simulator:
    """The running other side; a context manager. `latency` (s) is added to every forwarded call."""

    def __init__(
        self, port: int = 0, host: str = "127.0.0.1", token_lifetime: float = 1800.0, latency: float = 0.0
    ) -> None:
        self.world = World()
        self.faults = Faults()
        self.latency = latency
        self._record = Record()
        self._portal = Portal(self.world, token_lifetime)
        self.security_server = SecurityServer(self.world, self._portal)
        self.stopping = threading.Event()
        self._server = _Server((host, port), _Handler)
        self._server.simulator = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Address of the security server, e.g. http://127.0.0.1:40001."""
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}"

    def __enter__(self) -> "Simulator":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def order(self, call: str, fault: str, times: int | None = 1, match: str = "", **parameters: object) -> None:
        """Let the next `times` calls (None: all) of `call` suffer `fault`; see `faults.py` for the parameters."""
        self.faults.order(Fault(call, fault, times, match, parameters))

    def clear_faults(self) -> None:
        self.faults.clear()

    def requests(self, call: str | None = None) -> list[dict]:
        """Return what was asked, in order: number, time, call, method, path, query, headers, body, status."""
        return self._record.rows(call)

    def clear_requests(self) -> None:
        self._record.clear()

    def expire_tokens(self) -> None:
        self._portal.expire_tokens()

    def reset(self) -> None:
        """Back to the beginning: world, tokens, faults, record."""
        self.world.reset()
        self.clear_faults()
        self.clear_requests()
        self.expire_tokens()

    def answer(self, request: Request) -> Answer:
        """Return the answer to a forwarded request, after latency and faults, and keep a record of it."""
        row = self._record.add(
            call=request.call,
            method=request.method,
            path=unquote(request.path),
            query=request.query,
            headers={name: value for name, value in request.headers.items() if name in _KEPT_HEADERS},
            body=request.body,
        )
        if self.latency:
            time.sleep(self.latency)
        answer = self.faults.apply(request.call, request.path, lambda: self.security_server.forward(request))
        row["status"] = answer.status
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    simulator: Simulator


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # An idle connection is closed after this long, so that no thread stays for ever.
    timeout = 120

    def handle_any(self) -> None:
        simulator = self.server.simulator
        parts = urlsplit(self.path)
        body = self._body()
        if "/RestService/" in parts.path:
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, query, own_query(parts.query), headers, body)
            self._send(simulator.answer(request))
        else:
            self._send(control(simulator, self.command, parts.path, body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def _body(self) -> object:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BODY)
        raw = self.rfile.read(length) if length else b""
        try:
            return json.loads(raw) if raw else None
        except ValueError:
            return None

    def _send(self, answer: Answer) -> None:
        if answer.never:
            self.close_connection = True
            self.server.simulator.stopping.wait(600)
            return
        if answer.reset:
            self._reset()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.without_length:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        if answer.send_only is not None or answer.without_length:
            self.close_connection = True
        body = answer.body[: answer.send_only]
        try:
            if not answer.drip_seconds:
                self.wfile.write(body)
                return
            for position in range(len(body)):
                self.wfile.write(body[position : position + 1])
                if self.server.simulator.stopping.wait(answer.drip_seconds):
                    return
        except OSError:
            # Whoever asked has gone away, as the faults intend.
            self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the record is the log."""
