import logging

from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.portal.kho_dl_citizen_case import ORDERS
from ..models.reporting.person_history import MOST_ENTRIES
from .files import file_answer
from .form_values import day_of_form, number_of_form

_logger = logging.getLogger(__name__)

CASES, PAPERS, DATA = "/my/kho-dl/cases", "/my/kho-dl/papers", "/my/kho-dl/data"
APPLICATIONS = "/my/kho-dl/applications"
# No page: without a language in its address.
FILE = {"type": "http", "auth": "user", "methods": ["GET"], "readonly": True}
READ = {**FILE, "website": True}
# A page that begins a lookup, or fetches.
LOOK = {**READ, "readonly": False}
WRITE = {**LOOK, "methods": ["POST"]}
A_PAGE = 20


class CitizenPortal(CustomerPortal):
    """What a citizen with a login sees, of the own verified number only (`kho.dl.citizen`).

    What is somebody else's is answered as what does not exist.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        citizen = request.env["kho.dl.citizen"]
        if citizen._contact():
            counts = {"kho_dl_case_count": citizen._case_count, "kho_dl_paper_count": citizen._paper_count}
            # Without a script nobody asks for them later.
            values |= {name: count() for name, count in counts.items() if not counters or name in counters}
        return values

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        invalid, missing, messages = super()._validate_address_values(address_values, partner_sudo, *args, **kwargs)
        # Said beside the field; who goes round this form is refused as it is written.
        organisation = (partner_sudo.commercial_partner_id - partner_sudo).filtered("is_company")
        named = {"name": partner_sudo, "company_name": organisation}
        for field, contact in named.items():
            name = address_values.get(field)
            if name and (words := contact._kho_dl_name_refused({"name": name})):
                invalid.add(field)
                messages.append(words)
        return invalid, missing, messages

    @route([CASES, f"{CASES}/page/<int:page>"], **READ)
    def cases(self, page=1, search="", sortby="newest", **_anything):
        citizen = request.env["kho.dl.citizen"]
        order = sortby if sortby in ORDERS else "newest"
        pages = pages_of(CASES, citizen._case_count(search), page, search=search, sortby=order)
        return self._page(
            "kho_dl.portal_cases",
            page_name="kho_dl_cases",
            cases=citizen._cases(search, order, pages["offset"], A_PAGE),
            orders={name: request.env._(label) for name, label in ORDERS.items()},
            order=order,
            search=search,
            drafts=[] if pages["offset"] or search else citizen._drafts(),
            can_apply=bool(citizen._offices()),
            pager=pages,
        )

    # Where more documents are asked for it begins a lookup, and looks at our own store.
    @route(f"{CASES}/<int:case_id>", **LOOK)
    def case(self, case_id, **_anything):
        if request.env["kho.dl.citizen"]._open_for_papers(case_id).is_draft:
            return request.redirect(f"{APPLICATIONS}/{case_id}")
        return self._case(case_id)

    @route(f"{CASES}/<int:case_id>/withdraw-consent", **WRITE)
    def withdraw_consent(self, case_id, reason="", **_anything):
        citizen = request.env["kho.dl.citizen"]
        self._found(citizen._case_page(case_id))
        try:
            citizen._withdraw_consent(case_id, reason)
        except UserError as error:
            return self._case(case_id, refused=str(error))
        return request.redirect(f"{CASES}/{case_id}")

    @route(f"{CASES}/<int:case_id>/files/<int:file_id>", **FILE)
    def case_file(self, case_id, file_id, **_anything):
        return self._download(request.env["kho.dl.citizen"]._case_download(case_id, file_id))

    @route([PAPERS, f"{PAPERS}/page/<int:page>"], **READ)
    def papers(self, page=1, **_anything):
        citizen = request.env["kho.dl.citizen"]
        pages = pages_of(PAPERS, citizen._paper_count(), page)
        papers = citizen._papers(pages["offset"], A_PAGE)
        return self._page(
            "kho_dl.portal_papers",
            page_name="kho_dl_papers",
            papers=papers,
            # Below the first page of our own.
            national=[] if pages["offset"] else citizen._national_papers(),
            pager=pages,
        )

    @route(f"{PAPERS}/<int:paper_id>/files/<int:file_id>", **FILE)
    def paper_file(self, paper_id, file_id, **_anything):
        return self._download(request.env["kho.dl.citizen"]._paper_download(paper_id, file_id))

    @route([DATA, f"{DATA}/page/<int:page>"], **READ)
    def data(self, page=1, date_from="", date_to="", **_anything):
        begin, end = day_of_form(date_from), day_of_form(date_to)
        days = {"date_from": begin or "", "date_to": end or ""}
        offset = pages_of(DATA, MOST_ENTRIES, page)["offset"]
        entries, is_cut = request.env["kho.dl.citizen"]._entries(begin, end, offset, A_PAGE)
        if offset and not entries:
            return self.data(1, date_from, date_to)
        # How many there are is not counted: whether there are more.
        known = offset + len(entries) + is_cut
        is_cut &= known > MOST_ENTRIES
        pages = pages_of(DATA, min(known, MOST_ENTRIES), page, **days)
        return self._page(
            "kho_dl.portal_data", page_name="kho_dl_data", entries=entries, is_cut=is_cut, pager=pages, **days
        )

    def _case(self, case_id, **values):
        return self._page("kho_dl.portal_case", page_name="kho_dl_case", **self._case_values(case_id), **values)

    def _case_values(self, case_id):
        """Return what the page of a case shows. Raises NotFound for one that is not the citizen's."""
        return {"page": self._found(request.env["kho.dl.citizen"]._case_page(case_id))}

    def _page(self, template, **values):
        is_verified = bool(request.env["kho.dl.citizen"]._verified_numbers())
        is_checkable = bool(request.env["kho.dl.check"]._companies())
        answer = request.render(template, {"is_verified": is_verified, "is_checkable": is_checkable, **values})
        # Not in the memory of a browser that the next one uses.
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _found(self, value):
        if value is None:
            raise request.not_found()
        return value

    def _download(self, download):
        try:
            return file_answer(self._found(download))
        except OSError as error:
            _logger.error(
                "A file for a citizen cannot be read (%s): no. %s", type(error).__name__, download.attachment_id
            )
            raise request.not_found() from None


def pages_of(url, total, page, **arguments):
    """Return Odoo's pager of `total` lines; `page` is whatever stands in an address."""
    return pager(url=url, total=total, page=number_of_form(page) or 1, step=A_PAGE, url_args=arguments)
