"""A daemon that speaks clamd's INSTREAM over a real socket; it finds the test virus of EICAR, and nothing else."""

import socketserver
import struct
import threading

# In two parts, so that no scanner takes this file for it.
TEST_VIRUS = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """The daemon, for the length of a `with` block; files larger than `limit` bytes are refused as clamd does."""

    def __init__(self, limit=25 * 1024 * 1024):
        self.scanned = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self, limit))
        self._server.daemon_threads = True

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    def judge(self, content):
        """Return the answer to `content`; called by the thread of each connection."""
        self.scanned.append(content)
        return b"stream: Eicar-Test FOUND\n" if TEST_VIRUS in content else b"stream: OK\n"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._server.server_close()


def _handler(daemon, limit):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            command = self.rfile.readline()
            if command == b"nPING\n":
                self.wfile.write(b"PONG\n")
            elif command == b"nINSTREAM\n":
                self.wfile.write(self._scan())

        def _scan(self):
            content = b""
            while length := struct.unpack("!L", self.rfile.read(4))[0]:
                content += self.rfile.read(length)
                if len(content) > limit:
                    return b"INSTREAM size limit exceeded. ERROR\n"
            return daemon.judge(content)

    return Handler
