"""The running simulator: the other side over HTTP, and the API for tests in the same process."""

from .answers import Answer
from .control import control
from .far_side import FarSide
from .http_server import HttpServer
from .request import Request


class Simulator(FarSide):
    """The other side over real HTTP; a context manager, and reusable: a second start takes the same port.

    `port` 0 takes a free one. `token_lifetime`, `latency` and `agencies` as for `FarSide`.
    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        token_lifetime: float = 1800.0,
        latency: float = 0.0,
        agencies: int = 0,
    ) -> None:
        super().__init__(token_lifetime, latency, agencies)
        self._address = (host, port)
        self._server: HttpServer | None = None

    @property
    def url(self) -> str:
        """Address of the security server, e.g. http://127.0.0.1:40001; known from the first start on."""
        host, port = self._address
        return f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """How many connections have brought calls to be passed on since the start."""
        return self._server.used_connections if self._server else 0

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and serve in threads of its own. Raises OSError when the port is taken."""
        self._server = HttpServer(self._address, self._answer)
        self._address = (self._address[0], self._server.server_port)
        self._server.start()

    def stop(self) -> None:
        """Stop listening, break off what is still going on, and release its threads."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _answer(self, request: Request) -> Answer:
        own = control(self, self.url, request)
        if own is not None:
            return own
        return self.sign_in(request, self.url) if request.call == "openid" else self.forward(request)
