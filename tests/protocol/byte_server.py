"""A real HTTP server on loopback whose answers are bytes: the test decides each of them, and when they are sent."""

import contextlib
import json
import socket
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class ByteServer:
    """`answer(asked, connection)` returns the bytes to send, or None when it has done everything itself.

    A connection lives on unless the answer says "Connection: close", has no length, or `answer` returned None.
    """

    def __init__(self):
        self.asked = []
        self.connections = 0
        self.answer = lambda asked, connection: http(b"{}")
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        # Whoever waits for a connection is woken up, and does not wait on for those of who has the number next.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def by_path(self, **answers):
        """Answer by the last segment of the path; the last of a list is repeated for ever."""
        queues = {name: list(value) if isinstance(value, list) else [value] for name, value in answers.items()}

        def answer(asked, _connection):
            queue = queues[asked.target.partition("?")[0].rpartition("/")[2].partition(".")[0]]
            return queue.pop(0) if len(queue) > 1 else queue[0]

        self.answer = answer

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self.connections += 1
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            while asked := _read(stream):
                self.asked.append(asked)
                answer = self.answer(asked, connection)
                if answer is None:
                    break
                connection.sendall(answer)
                head = answer.partition(b"\r\n\r\n")[0].lower()
                if b"connection: close" in head or not (b"content-length" in head or b"chunked" in head):
                    break
            stream.close()
            connection.shutdown(socket.SHUT_RDWR)
        self._open.discard(connection)


def _read(stream):
    if stream.peek(1)[:1] == b"\x16":
        return None  # somebody speaks TLS
    line = stream.readline().decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    method, target, _version = line.split(" ")
    headers = {}
    while field := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _colon, value = field.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, stream.read(int(headers.get("content-length", 0))))


def torn(answer):
    """Return a function that sends `answer` and hangs up, whatever the answer promises."""

    def send(_asked, connection):
        connection.sendall(answer)

    return send


def http(body=b"", status=200, length=True, **headers):
    """Return the bytes of an answer; a keyword Content_Type="…" is a header; without `length` the end is the end."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def as_json(answer, status=200, **headers):
    return http(json.dumps(answer, ensure_ascii=False).encode(), status, **headers)


def chunked(*blocks, end=b"0\r\n\r\n", **headers):
    """Return the bytes of an answer in chunks; with another `end` it is never complete."""
    head = http(length=False, Transfer_Encoding="chunked", **headers)
    return head + b"".join(b"%x\r\n%s\r\n" % (len(block), block) for block in blocks) + end
