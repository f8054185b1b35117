"""A mail server that takes, puts off, refuses or breaks off, as it is told; it speaks SMTP over a socket."""

import socketserver
import threading
from email import message_from_bytes, policy

TAKEN, PUT_OFF, REFUSED, CUT_OFF = b"250 OK", b"451 4.7.1 Come back later", b"550 5.1.1 No such user here", b""


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self._say(self.server.said.get(b"", b"220 here"))
        readers = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say(b"221 bye")
            if verb == b"RCPT":
                address = line.split(b"<")[1].split(b">")[0].decode()
                answer = self.server.answers.get(address, self.server.answer)
                if not answer:
                    return None
                readers += [address] if answer == TAKEN else []
                self._say(answer)
            elif verb == b"DATA":
                self._say(b"354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append((readers, message_from_bytes(content, policy=policy.default)))
                readers = []
                self._say(TAKEN)
            else:
                self._say(self.server.said.get(verb, TAKEN))
        return None

    def _say(self, answer):
        self.wfile.write(answer + b"\r\n")


class SmtpServer(socketserver.ThreadingTCPServer):
    """`answer` is what is said of each address but those in `answers`; `taken` are pairs of addresses and message.

    `said` is what it answers to other verbs, and what it begins with under the verb of no letters.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.answer, self.answers, self.said, self.taken = TAKEN, {}, {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def close(self):
        self.shutdown()
        self.server_close()
