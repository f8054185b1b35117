"""The calls of an acceptance run about its test case, which is told, followed and withdrawn."""

from datetime import datetime, timezone

from ...protocol.case_sync import STATE_WORDS, CaseMessage, ProgressMessage, StateMessage
from ...protocol.errors import PortalRejected
from .acceptance_faults import CaseNotFound, NothingToTry, NumberTaken

# What the portal's people read of the test case.
_OWNER_NAME = "HỒ SƠ THỬ NGHIỆM"
_ABSTRACT = "Hồ sơ thử nghiệm để nghiệm thu kết nối, không giải quyết"
_RECEIVED, _AT_WORK, _WITHDRAWN = "2", "4", "7"


class CaseCalls:
    """Steps of `AcceptanceCalls`, which has the client and the plan.

    `is_case_taken`: the portal has said that it took the test case.
    """

    is_case_taken = _is_case_refused = False

    def _free_number(self):
        known, refusal = self._find_case()
        if known:
            raise NumberTaken("the number of the test case is known")
        return {"message": self.strike_out(refusal.message)} if refusal else {}

    def _case(self):
        try:
            self._client.send_case(self._case_message(_RECEIVED), is_update=False)
        except PortalRejected as refusal:
            self._is_case_refused = not refusal.is_transient
            raise
        self.is_case_taken = True

    def _progress(self):
        self._client.send_progress(self._progress_message(_AT_WORK))

    def _state(self):
        self._client.send_state(
            StateMessage(
                number=self._plan.case_number,
                state=_AT_WORK,
                content=STATE_WORDS[_AT_WORK],
                done_on=datetime.now(timezone.utc),
            )
        )

    def _lookup(self):
        known = self._client.find_case(self._plan.case_number)
        if known is None:
            raise CaseNotFound("the portal does not know what it accepted")
        return {"state": STATE_WORDS.get(known.state, known.state)}

    def _withdrawal(self):
        known, _refusal = self._find_case()
        # What the portal has under the number and would not take from us is somebody else's.
        if self._is_case_refused or not (known or self.is_case_taken):
            raise NothingToTry("the portal does not have the case")
        if known and known.state == _WITHDRAWN:
            # Told before a break.
            return
        self._client.send_case(self._case_message(_WITHDRAWN), is_update=True)
        self._client.send_progress(self._progress_message(_WITHDRAWN))

    def _find_case(self):
        """Return (the `KnownCase` of the test case, why the portal tells of none in words that we do not know), or None for each."""
        try:
            return self._client.find_case(self._plan.case_number), None
        except PortalRejected as refusal:
            if refusal.is_transient:
                raise
            return None, refusal

    def _case_message(self, state):
        plan, question, now = self._plan, self._plan.question, datetime.now(timezone.utc)
        return CaseMessage(
            number=plan.case_number,
            procedure_code=question.procedure_code,
            procedure_name=plan.procedure_name,
            owner_name=_OWNER_NAME,
            owner_kind=plan.owner_kind,
            owner_number=question.owner_id_number,
            channel=question.channel,
            state=state,
            abstract=_ABSTRACT,
            note=_ABSTRACT,
            submitted_on=now,
            received_on=now,
            finished_on=now if state == _WITHDRAWN else None,
            office=plan.office,
            identities=((plan.identity_kind, question.owner_id_number),),
        )

    def _progress_message(self, state):
        plan = self._plan
        return ProgressMessage(
            number=plan.case_number,
            officer=plan.officer_name,
            title=plan.officer_title,
            done_on=datetime.now(timezone.utc),
            department=plan.office,
            content=STATE_WORDS[state],
            state=state,
        )
