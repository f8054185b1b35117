"""One message to the portal as a thread sends it: looked up first where an earlier answer was lost (wire §7)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .case_sync import CaseMessage, KnownCase, ProgressMessage, StateMessage, says_known
from .client import Client
from .errors import AnswerOutOfTime, PortalRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A message; `is_update` when the portal has accepted its case before, `is_uncertain` when it may have this one.

    `more` are the next steps of the same case, which go in the same call.
    """

    message: CaseMessage | ProgressMessage | StateMessage
    is_update: bool
    is_uncertain: bool = False
    more: tuple[ProgressMessage, ...] = ()

    @property
    def messages(self) -> tuple[CaseMessage | ProgressMessage | StateMessage, ...]:
        """All that is told, in its order."""
        return (self.message, *self.more)


def tell(client: Client, telling: Telling, until: float) -> bool:
    """Tell the portal, in no longer than until `until` (time.monotonic()); return whether it knew the case before.

    A message that the portal has already is not sent again, or as what it is now: an update. Raises as
    `Client.send_case`, and what the token store of `client` raises; AnswerOutOfTime with `is_sent` False where a lookup said that
    the portal has it not, and left too little time to send it.
    """
    if isinstance(telling.message, CaseMessage):
        return _tell_case(client, telling, until)
    if isinstance(telling.message, StateMessage):
        # Told twice it is the same.
        client.send_state(telling.message, until=until)
    else:
        _tell_steps(client, telling, until)
    return True


def _tell_case(client: Client, telling: Telling, until: float) -> bool:
    is_known = telling.is_uncertain and _look_up(client, telling.message.number, until) is not None
    is_update = telling.is_update or is_known
    try:
        client.send_case(telling.message, is_update=is_update, until=until)
    except PortalRejected as refusal:
        if is_update or not says_known(refusal):
            raise
        is_update = True
        client.send_case(telling.message, is_update=is_update, until=until)
    return is_update


def _tell_steps(client: Client, telling: Telling, until: float) -> None:
    steps = telling.messages
    if telling.is_uncertain:
        known = _look_up(client, telling.message.number, until)
        there = (known and known.steps) or ()
        steps = tuple(step for step in steps if step.as_known() not in there)
    if steps:
        client.send_progress(*steps, until=until)


def _look_up(client: Client, number: str, until: float) -> KnownCase | None:
    began = time.monotonic()
    try:
        known = client.find_case(number, until=until)
    except PortalRejected as refusal:
        if refusal.is_transient:
            raise
        # In whatever words the portal says that it knows no such case: what it says to the message itself decides.
        known = None
    needed = time.monotonic() - began
    if known is None and time.monotonic() + needed > until:
        # As slow an answer to the message would be lost like the first one, and looked up again, for ever.
        raise AnswerOutOfTime(needed, is_sent=False)
    return known
