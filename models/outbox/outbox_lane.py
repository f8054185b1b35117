"""What is in hand for one account at one portal, and whose turn it is; knows no records."""

from collections import Counter, deque
from dataclasses import dataclass, field

from ...protocol.client import Client
from ...protocol.errors import AccountRefused, KhoDLError, PortalRejected, SecurityServerFault, Trouble
from ...protocol.telling import Telling

# So many rounds of messages are in hand: one at the portal, one ready for when a slot is free, one to be made at once.
_ROUNDS_IN_HAND = 3
# No call begins with less time (s) for its answer; a portal that needed longer before gets longer.
LEAST_SECONDS = 4


@dataclass(slots=True, eq=False)
class Job:
    """One call in hand: what is told with which client, and how often the portal refused the token for it.

    `row_ids` are those of its messages, in their order: one, or steps that go together. By `far_id` the security servers
    know what was accepted.
    """

    row_ids: tuple[int, ...]
    company_id: int
    telling: Telling
    client: Client
    refusals: int = 0
    began: float = 0.0
    far_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call: `is_update` where the portal accepted it, else `error`."""

    job: Job
    error: BaseException | None = None
    is_update: bool = False

    @property
    def far_id(self) -> str:
        """By which the security servers know the last exchange, "" where they told nothing."""
        return self.job.far_id if self.error is None else getattr(self.error, "far_id", "")

    @property
    def is_answer(self) -> bool:
        """Whether the portal answered, if only that it wants nothing of this account, or of this message."""
        is_no = isinstance(self.error, PortalRejected) and not self.error.is_transient
        return self.error is None or is_no or isinstance(self.error, AccountRefused)

    @property
    def is_failure(self) -> bool:
        """Whether the error says nothing about the message itself, which is to be sent again."""
        is_refusal = isinstance(self.error, PortalRejected) and not self.error.is_transient
        return isinstance(self.error, KhoDLError) and not is_refusal and not self.is_too_large

    @property
    def is_too_large(self) -> bool:
        """Whether a security server lets the message through to nobody, however often it is sent."""
        return isinstance(self.error, SecurityServerFault) and self.error.trouble is Trouble.TOO_LARGE


@dataclass(slots=True, eq=False)
class Lane:
    """One account at one portal, as a pass of the sender meets it. `key` names it, `width` is how many calls at once."""

    key: str
    client: Client
    width: int = 1
    ready: deque[Job] = field(default_factory=deque)
    running: Counter[int] = field(default_factory=Counter)
    companies: set[int] = field(default_factory=set)
    refused_token: str | None = None
    is_resting: bool = False
    slowest: float = LEAST_SECONDS
    # A call of it was cut off by the end of our time: its calls get what the pass has left.
    is_slow: bool = False
    # The token of a login in this pass, since when (time.monotonic()), and whether it has worked for any message;
    # and the messages with which it was refused.
    fresh_token: str | None = None
    fresh_since: float = 0.0
    has_worked: bool = False
    doubtful: list[Job] = field(default_factory=list)

    def in_hand(self):
        """Return how many messages of each company are running or ready."""
        return self.running + Counter(job.company_id for job in self.ready)

    def wants_more(self):
        """Return whether it is time to take messages: those made at once cost fewer statements."""
        in_hand = len(self.ready) + self.running.total()
        return not self.ready or in_hand <= (_ROUNDS_IN_HAND - 1) * self.width

    def choose(self, waiting, order):
        """Return ids out of `waiting`, {company id: ids in their order}, that fit into what may be in hand.

        The companies of this lane take turns, first who comes first in `order`. None has more than its share while
        others wait: where its calls hang, the others' go on.
        """
        in_hand = self.in_hand()
        wanting = [company_id for company_id in order if company_id in self.companies and waiting.get(company_id)]
        share = self._share(len({*wanting, *(+in_hand)}))
        room = _ROUNDS_IN_HAND * self.width - in_hand.total()
        chosen, turns = [], deque((company_id, deque(waiting[company_id])) for company_id in wanting)
        while turns and len(chosen) < room:
            company_id, ids = turns.popleft()
            if ids and in_hand[company_id] < _ROUNDS_IN_HAND * share:
                chosen.append(ids.popleft())
                in_hand[company_id] += 1
                turns.append((company_id, ids))
        return chosen

    def next_job(self, now, leave_at):
        """Return the next message to send, counted as running; None for now, also where the time would not do."""
        if self.running.total() >= self.width or not self.has_time(now, leave_at):
            return None
        share = self._share(len(+self.in_hand()))
        for place, job in enumerate(self.ready):
            if self.running[job.company_id] < share:
                del self.ready[place]
                self.running[job.company_id] += 1
                job.began = now
                return job
        return None

    def has_time(self, now, leave_at):
        """Return whether an answer may be expected before `leave_at`, so that a message can be sent."""
        return now + self.slowest <= leave_at

    def log_in(self, token, now):
        """Go on with the `token` of a login that has ended `now`."""
        self.fresh_token, self.fresh_since, self.has_worked = token, now, False

    def note(self, outcome, now):
        """Learn from what became of a call that has ended `now`."""
        if outcome.error is None:
            self.slowest = max(self.slowest, now - outcome.job.began)
        if outcome.is_answer and outcome.job.began >= self.fresh_since:
            self.has_worked = True

    def may_blame(self, job, refused):
        """Return whether `job`, for which the portal has `refused` this token, should not be the reason of a login."""
        return bool(refused) and (refused == self.fresh_token or job.refusals > 0)

    def is_judged(self):
        """Return whether it is known if the messages are refused with a fresh token, or the account is."""
        has_others = self.ready or self.running.total()
        return bool(self.doubtful) and (self.has_worked or not has_others or len(self.doubtful) >= max(2, self.width))

    def end_doubts(self):
        """Return the outcomes of the messages with which a fresh token was refused."""
        refusal = AccountRefused("the portal refused a fresh token")
        outcomes = [Outcome(job, refusal) for job in self.doubtful]
        self.doubtful.clear()
        return outcomes

    def _share(self, companies):
        return -(-self.width // max(1, companies))
