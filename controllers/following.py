from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.portal.kho_dl_case_message import LONGEST
from ..models.portal.kho_dl_citizen_supplement import LONGEST_WORDS
from .applications import CitizenApplications
from .form_values import by_document
from .portal import A_PAGE, CASES, READ, WRITE, pages_of

_NEWEST = 5
_MESSAGES = f"{CASES}/<int:case_id>/messages"


class CitizenFollowing(CitizenApplications):
    """What a citizen does about an own case after it was submitted: messages, more documents, and the withdrawal."""

    def _case_values(self, case_id):
        citizen = request.env["kho.dl.citizen"]
        return {
            **super()._case_values(case_id),
            "messages": citizen._messages(case_id, limit=_NEWEST),
            "message_count": citizen._message_count(case_id),
            "longest_message": LONGEST,
            "fees": citizen._fees(case_id),
            "supplement": citizen._supplement_page(case_id),
        }

    def _case(self, case_id, **values):
        about = self._about(case_id)
        kept = {"said": self._said_of(about), "words": self._kept_words(about)}
        return super()._case(case_id, **{**kept, "longest_words": LONGEST_WORDS, **values})

    @route(f"{CASES}/<int:case_id>/hand-in", **WRITE)
    def hand_in(self, case_id, words="", **typed):
        citizen, about = request.env["kho.dl.citizen"], self._about(case_id)
        self._found(citizen._followed(case_id) or None)
        case = citizen._open_for_papers(case_id)
        # What stands on the page is what is sent.
        refused = citizen._choose(case, by_document(typed, "document")) if case else ""
        if refused := refused or citizen._hand_in(case_id, words):
            return self._case(case_id, said=refused, words=words)
        self._keep_words(about, "")
        return request.redirect(f"{CASES}/{case_id}")

    @route([_MESSAGES, f"{_MESSAGES}/page/<int:page>"], **READ)
    def messages(self, case_id, page=1, **_anything):
        citizen = request.env["kho.dl.citizen"]
        self._found(citizen._followed(case_id) or None)
        pages = pages_of(f"{CASES}/{case_id}/messages", citizen._message_count(case_id), page)
        return self._page(
            "kho_dl.portal_all_messages",
            page_name="kho_dl_messages",
            page=citizen._case_page(case_id),
            messages=citizen._messages(case_id, pages["offset"], A_PAGE),
            pager=pages,
        )

    @route(_MESSAGES, **WRITE)
    def write_message(self, case_id, text="", **_anything):
        citizen = request.env["kho.dl.citizen"]
        self._found(citizen._followed(case_id) or None)
        try:
            citizen._write_message(case_id, text)
        except UserError as error:
            return self._case(case_id, message_refused=str(error), typed=text)
        return request.redirect(f"{CASES}/{case_id}#messages")

    @route(f"{CASES}/<int:case_id>/withdraw", **WRITE)
    def withdraw(self, case_id, reason="", confirmed="", **_anything):
        citizen = request.env["kho.dl.citizen"]
        self._found(citizen._followed(case_id) or None)
        try:
            if not confirmed:
                raise UserError(request.env._("Tick that you withdraw your application. Nothing was changed."))
            citizen._withdraw_application(case_id, reason)
        except UserError as error:
            return self._case(case_id, withdrawal_refused=str(error), reason=reason)
        return request.redirect(f"{CASES}/{case_id}")
