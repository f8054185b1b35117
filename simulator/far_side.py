"""The other side without HTTP: what there is, what has happened, and what is wrong on purpose."""

import uuid
from collections.abc import Callable
from dataclasses import replace

from .answers import Answer
from .delivery import Late
from .faults import Fault, Faults
from .identity import IdentityProvider
from .national_catalogue import NationalCatalogue
from .portal import Portal
from .profiles import PROFILES
from .record import Record
from .request import KINDS, Request
from .security_server import SecurityServer
from .world import World


class FarSide:
    """World, portal and security server, with the faults that were ordered and the record of all requests.

    `token_lifetime` and `latency` in seconds; `latency` is added to every forwarded call. `agencies` are generated ones
    beside those of the world.
    """

    def __init__(self, token_lifetime: float = 1800.0, latency: float = 0.0, agencies: int = 0) -> None:
        self.world = World(agencies)
        self.faults = Faults()
        self.latency = latency
        self._record = Record()
        self._portal = Portal(self.world, token_lifetime)
        self._security_server = SecurityServer(self.world, self._portal)
        self.identity = IdentityProvider(self.world)

    @property
    def connections(self) -> int:
        """How many connections have brought calls: none, where nobody listens."""
        return 0

    @property
    def calls(self) -> int:
        """How many calls there were since the start."""
        return self._record.count

    @property
    def logins(self) -> dict[str, int]:
        """How many logins each of the portal's two services has accepted."""
        return {"directory": self._portal.directory_tokens.logins, "papers": self._portal.papers_tokens.logins}

    def order(
        self,
        /,
        call: str,
        fault: str,
        times: int | None = 1,
        match: str = "",
        share: float = 1,
        **parameters: object,
    ) -> None:
        """Let the next `times` calls (None: all) of the kind `call` suffer `fault`; parameters are in `effects`.

        Of the fitting calls only about `share`, by chance.

        `call` is login, directory, sync, catalogue, papers, file, openid or any; `match` a part of the decoded path, or of the far system's
        own query behind it. Raises ValueError.
        """
        self.faults.order(Fault(call, fault, times, match, parameters, share))

    @property
    def profile(self) -> str:
        """The name of the way in which the portal speaks, of `profiles.PROFILES`."""
        return next(name for name, profile in PROFILES.items() if profile == self._portal.profile)

    def speak(self, profile: str) -> None:
        """Let the portal speak in the way `profile` from now on. Raises ValueError for one that does not exist."""
        if profile not in PROFILES:
            raise ValueError(f"no such profile: {profile}; there are {', '.join(PROFILES)}")
        self._portal.profile = PROFILES[profile]

    def clear_faults(self) -> None:
        """Withdraw all orders."""
        self.faults.clear()

    def requests(self, call: str | None = None) -> list[dict]:
        """Return the requests in order, or those of one kind; the simulator's own pages are not among them.

        Keys: number, time (s since 1970), call, method, path and query (decoded), headers (lower-case names, those
        of interest), body (decoded JSON or None), status (None: no answer), far_id (how the security server knows it).
        Raises ValueError for a kind that does not exist: nothing would ever be found of it.
        """
        if call not in (None, *KINDS):
            raise ValueError(f"no such call: {call}; there are {', '.join(KINDS)}")
        return self._record.rows(call)

    def cases(self) -> list[dict]:
        """Return the cases that the portal has accepted, each as it was told last, with its steps (`TienDo`)."""
        return self._portal.register.cases()

    def reject_case(self, number: str, message: str) -> None:
        """Let the portal refuse the case `number` with `message`, until `message` is ""."""
        self._portal.register.reject(number, message)

    def refuse_unknown_cases(self, message: str) -> None:
        """Let a lookup of a case that the portal does not know end in an error with `message`, until that is ""."""
        self._portal.register.refuse_unknown(message)

    @property
    def catalogue(self) -> NationalCatalogue:
        """The national catalogue of procedures, to be changed by tests."""
        return self._portal.catalogue

    def clear_requests(self) -> None:
        """Forget all requests."""
        self._record.clear()

    def expire_tokens(self) -> None:
        """End all tokens given out so far."""
        self._portal.directory_tokens.expire()
        self._portal.papers_tokens.expire()

    def reset(self) -> None:
        """Go back to the beginning: world, tokens, counts, faults, record."""
        self.world.reset()
        self.speak("printed")
        self._portal.register.reset()
        self.catalogue.reset()
        self.identity.reset()
        self._portal.directory_tokens.reset()
        self._portal.papers_tokens.reset()
        self.clear_faults()
        self.clear_requests()

    def forward(self, request: Request) -> Answer:
        """Return the answer to a call that goes through the security server, and keep it on the record."""
        return self._recorded(request, lambda: self._security_server.forward(request), far_id=str(uuid.uuid4()))

    def sign_in(self, request: Request, url: str) -> Answer:
        """Return the answer to a call to the identity provider, and keep it on the record; we are reached by `url`."""
        return self._recorded(request, lambda: self.identity.answer(request, url))

    def _recorded(self, request: Request, right: Callable[[], Answer], far_id: str = "") -> Answer:
        row = self._record.add(**request.as_row(), far_id=far_id)
        answer = self.faults.apply(row["call"], request.subject, right)
        # Before it is sent: who has the answer finds it on the record.
        row["status"] = answer.status
        if far_id:
            answer = replace(answer, headers={**answer.headers, "X-Road-Id": far_id})
        return replace(answer, delivery=Late(self.latency, answer.delivery)) if self.latency else answer
