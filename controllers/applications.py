from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.portal.kho_dl_citizen_supplement import LONGEST_WORDS
from .files import content_answer
from .form_values import by_document, number_of_form
from .portal import A_PAGE, APPLICATIONS, CASES, FILE, LOOK, READ, WRITE, CitizenPortal, pages_of

APPLY = "/my/kho-dl/apply"
_DRAFT = f"{APPLICATIONS}/<int:case_id>"
# What the next page of a case shows once after forms were sent.
_SAID = "kho_dl_said"
# What was typed to the office about a case, until it is sent.
_WORDS = "kho_dl_words"


class CitizenApplications(CitizenPortal):
    """How a citizen applies: finds a procedure, begins a draft, chooses papers, submits (`kho.dl.citizen`).

    Each form keeps what was typed and leads back to the page; all of it works without a script.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        return values if counters else {**values, "kho_dl_can_apply": bool(request.env["kho.dl.citizen"]._offices())}

    @route([APPLY, f"{APPLY}/page/<int:page>"], **READ)
    def apply(self, page=1, search="", sector="", agency="", office="", **_anything):
        citizen = request.env["kho.dl.citizen"]
        chosen = {"sector": sector, "agency": agency, "office": office}
        wanted = {"search": search, **{name: number_of_form(text) for name, text in chosen.items()}}
        said = {name: value for name, value in wanted.items() if value}
        pages = pages_of(APPLY, citizen._procedure_count(**wanted), page, **said)
        return self._page(
            "kho_dl.portal_apply",
            page_name="kho_dl_apply",
            procedures=citizen._procedure_lines(pages["offset"], A_PAGE, **wanted),
            choices=citizen._choices(),
            wanted=wanted,
            pager=pages,
        )

    @route(f"{APPLY}/<int:procedure_id>", **READ)
    def procedure(self, procedure_id, **_anything):
        page = self._found(request.env["kho.dl.citizen"]._procedure_page(procedure_id))
        return self._page("kho_dl.portal_procedure", page_name="kho_dl_procedure", page=page)

    @route(f"{APPLY}/<int:procedure_id>", **WRITE)
    def begin(self, procedure_id, office="", applicant="", variant="", **_anything):
        citizen = request.env["kho.dl.citizen"]
        page = self._found(citizen._procedure_page(procedure_id))
        try:
            draft = citizen._begin(procedure_id, *map(number_of_form, (office, applicant, variant)))
        except UserError as error:
            return self._page("kho_dl.portal_procedure", page_name="kho_dl_procedure", page=page, refused=str(error))
        return request.redirect(f"{APPLICATIONS}/{self._found(draft.id or None)}")

    @route(_DRAFT, **LOOK)
    def application(self, case_id, **_anything):
        citizen = request.env["kho.dl.citizen"]
        page = citizen._draft_page(case_id)
        if page is None:
            # Submitted meanwhile, in another window perhaps.
            self._found(citizen._own_case(case_id).filtered(lambda case: not case.is_draft).id or None)
            return request.redirect(f"{CASES}/{case_id}")
        words = self._said_of(self._about(case_id))
        return self._page("kho_dl.portal_application", page_name="kho_dl_application", page=page, refused=words)

    @route(f"{_DRAFT}/data", **WRITE)
    def keep_data(self, case_id, phone=None, email=None, variant="", **typed):
        numbers = by_document(typed, "number")
        words = request.env["kho.dl.citizen"]._keep_data(
            self._open(case_id), phone, email, number_of_form(variant), numbers
        )
        return self._back(case_id, "data", words)

    @route(f"{_DRAFT}/ask", **WRITE)
    def ask(self, case_id, agree="", **typed):
        case, citizen = self._open(case_id), request.env["kho.dl.citizen"]
        citizen._keep_data(case, numbers=by_document(typed, "number"))
        return self._back(case_id, "papers", citizen._ask_store(case, bool(agree)))

    @route(f"{_DRAFT}/choose", **WRITE)
    def choose(self, case_id, keep="", words=None, **typed):
        case, citizen = self._open(case_id), request.env["kho.dl.citizen"]
        self._keep_words(self._about(case_id), words)
        choices = by_document(typed, "document")
        if keep:
            # In passing, by a script.
            citizen._keep_choices(case, choices)
            return request.make_response("", status=204)
        return self._back(case_id, "papers", citizen._choose(case, choices))

    @route(f"{_DRAFT}/choose-anew/<int:document_id>", **WRITE)
    def choose_anew(self, case_id, document_id, **_anything):
        request.env["kho.dl.citizen"]._choose_anew(self._open(case_id), document_id)
        return self._back(case_id, f"document_{document_id}")

    @route(f"{_DRAFT}/submit", **WRITE)
    def submit(self, case_id, **typed):
        citizen = request.env["kho.dl.citizen"]
        case = citizen._open_for_papers(case_id).filtered("is_draft")
        # What stands on the page is what is submitted.
        words = citizen._choose(case, by_document(typed, "document")) if case else ""
        if not words:
            case, words = citizen._submit(case_id)
        if words:
            return self._back(case_id, "said", words)
        return request.redirect(f"{CASES}/{self._found(case.id or None)}?submitted=1")

    @route(f"{_DRAFT}/discard", **WRITE)
    def discard(self, case_id, **_anything):
        citizen = request.env["kho.dl.citizen"]
        citizen._discard(self._found(citizen._open_for_papers(case_id).filtered("is_draft") or None))
        return request.redirect(CASES)

    # Without a language in its address: who asks every few seconds is not sent elsewhere first.
    @route(f"{_DRAFT}/progress", **FILE)
    def progress(self, case_id, **_anything):
        case = self._found(request.env["kho.dl.citizen"]._own_case(case_id) or None)
        figures = {"total": case.fetch_total, "done": case.fetch_done, "under_way": case.fetching_count}
        return request.make_json_response(figures, headers=[("Cache-Control", "no-store")])

    @route(f"{CASES}/<int:case_id>/receipt", **LOOK)
    def receipt(self, case_id, **_anything):
        name, content = self._found(request.env["kho.dl.citizen"]._receipt(case_id))
        return content_answer(content, "application/pdf", name)

    def _open(self, case_id):
        return self._found(request.env["kho.dl.citizen"]._open_for_papers(case_id) or None)

    def _about(self, case_id):
        """Return what is kept in a session is about: no other user of this browser and no later request sees it."""
        case = request.env["kho.dl.citizen"]._open_for_papers(case_id)
        return [request.env.uid, case_id, case._open_request().id]

    def _take_said(self, about):
        """Return, once, what was said of the forms that were sent about this, {form: words}."""
        said = request.session.pop(_SAID, None) or {}
        return said["words"] if said.get("about") == about else {}

    def _said_of(self, about):
        """Return the same in words, "" for none."""
        return " ".join(self._take_said(about).values())

    def _kept_words(self, about):
        """Return what was typed to the office about this and is not sent yet; "" else."""
        kept = request.session.get(_WORDS) or {}
        return kept["words"] if kept.get("about") == about else ""

    def _keep_words(self, about, words):
        if words:
            request.session[_WORDS] = {"about": about, "words": str(words)[:LONGEST_WORDS]}
        elif self._kept_words(about):
            del request.session[_WORDS]

    def _back(self, case_id, place, words=""):
        about = self._about(case_id)
        # Of each form what was said last: one that is kept in passing leads to no page itself.
        of_forms = {**self._take_said(about), place: words}
        if of_forms := {form: said for form, said in of_forms.items() if said}:
            request.session[_SAID] = {"about": about, "words": of_forms}
        # Where papers are asked for on a case, that has them on its own page.
        is_draft = request.env["kho.dl.citizen"]._own_case(case_id).is_draft
        return request.redirect(f"{APPLICATIONS if is_draft else CASES}/{case_id}#{'said' if of_forms else place}")
