"""Whether the other side's security servers let us in."""

from ..health_check import Check, Place, _lt
from .account import query_facts
from .files import closed_facts
from .messages import message_facts


class RightsMissing(Check):
    kind, sequence = "rights_missing", 55
    group = "connection"
    place = Place("kho_dl.action_kho_dl_access_right", _lt("Open the list of access rights"))
    title = _lt("Another side's security server does not let us in (%(count)s questions, files or messages)")
    advice = _lt(
        "Ask that side for the right: the list names the systems, and shows what was granted. Nothing is lost."
    )
    measures = (query_facts, closed_facts, message_facts)

    def judge(self, facts, company, now):
        count = facts.query_lacks_right + facts.files_lack_right + facts.messages_lack_right
        return self.warning(count=count) if count else None

    def together(self, trouble, other):
        return self.warning(count=trouble.values["count"] + other.values["count"])
