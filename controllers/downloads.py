from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from ..models.common.xlsx_report import TEXT, Sheet, workbook_of
from ..models.health.kho_dl_support import TRACED
from ..models.lookup.proof_actions import PROVABLE
from .files import content_answer
from .form_values import number_of_form

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "pdf": "application/pdf",
    "json": "application/json",
}
# The columns of a table of old results, in the order in which an office fills them in.
_OLD_RESULTS = (
    "name",
    "result_code_id",
    "number",
    "owner_name",
    "owner_id_number",
    "agency",
    "agency_code",
    "date_issued",
    "date_expiry",
    "scope",
    "kind",
    "abstract",
    "file",
)
_OLD_RESULT = {
    "result_code_id": "KQ.G15.000007",
    "number": "12/2019",
    "owner_name": "Nguyễn Văn A",
    "owner_id_number": "000190000011",
    "date_issued": "2019-05-06",
    "file": "12-2019.pdf",
}


class Downloads(http.Controller):
    """Hands out tables and proof packs; who may not have one learns nothing of it, not even that it exists."""

    @http.route("/kho_dl/demand/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def demand_sheet(self, record_id):
        return self._sheet_of("kho.dl.demand.request", record_id)

    @http.route("/kho_dl/indicators/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def indicator_sheet(self, record_id):
        return self._sheet_of("kho.dl.indicator.sheet", record_id)

    @http.route("/kho_dl/audit/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def audit_sheet(self, record_id):
        return self._sheet_of("kho.dl.audit.sheet", record_id)

    @http.route("/kho_dl/slip/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def slip(self, record_id):
        return self._made("kho.dl.case", record_id, lambda case: case._slip(), as_attachment=False)

    @http.route(
        "/kho_dl/proof/<string:model>/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True
    )
    def proof_pack(self, model, record_id):
        if model not in PROVABLE:
            raise request.not_found()
        return self._made(model, record_id, lambda record: (record._proof_pack(), record._proof_name()))

    @http.route(
        "/kho_dl/support/<string:model>/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True
    )
    def support_file(self, model, record_id):
        if model not in TRACED:
            raise request.not_found()
        return self._made(model, record_id, lambda record: record._support_file())

    @http.route(
        ["/kho_dl/catalogue/export", "/kho_dl/catalogue/export/<any(xlsx, csv):file_type>"],
        type="http", auth="user", methods=["GET"], readonly=True,
    )  # fmt: skip
    def catalogue_table(self, file_type="xlsx"):
        content = self._procedures()._catalogue_table(file_type)
        return _answer(content, request.env._("procedures") + f".{file_type}")

    @http.route(
        ["/kho_dl/catalogue/template", "/kho_dl/catalogue/template/<any(xlsx, csv):file_type>"],
        type="http", auth="user", methods=["GET"], readonly=True,
    )  # fmt: skip
    def catalogue_template(self, file_type="xlsx"):
        content = self._procedures()._catalogue_example(file_type)
        return _answer(content, request.env._("template of procedures") + f".{file_type}")

    @http.route("/kho_dl/offices/template", type="http", auth="user", methods=["GET"], readonly=True)
    def offices_template(self):
        offices = request.env["kho.dl.office.import"]
        if not offices.has_access("create"):
            raise request.not_found()
        return _answer(offices._template(), request.env._("offices") + ".xlsx")

    @http.route("/kho_dl/import_template", type="http", auth="user", methods=["GET"], readonly=True)
    def old_results_template(self):
        papers = request.env["kho.dl.paper"]
        if not papers.has_access("create"):
            raise request.not_found()
        labels = papers.fields_get(_OLD_RESULTS, ["string", "selection"])
        example = {
            **_OLD_RESULT,
            "name": request.env._("Criminal record certificate"),
            "kind": labels["kind"]["selection"][0][1],
        }
        columns = [(labels[name]["string"], 20, TEXT) for name in _OLD_RESULTS]
        sheet = Sheet("", columns, [[example.get(name) for name in _OLD_RESULTS]])
        return _answer(workbook_of([sheet]), request.env._("old results") + ".xlsx")

    def _sheet_of(self, model, record_id):
        return self._made(model, record_id, lambda form: (form._sheet(), form._file_name()))

    def _made(self, model, record_id, make, as_attachment=True):
        """Answer with what `make(record)` returns, a content and its name."""
        record = request.env[model].browse(record_id).exists()
        if not record:
            raise request.not_found()
        try:
            return _answer(*make(record), as_attachment)
        except AccessError:
            raise request.not_found() from None

    def _procedures(self):
        user = request.env.user
        chosen = request.cookies.get("cids", "")
        # The companies that the screen is switched to, as Odoo's own client keeps them; only those of the user.
        companies = [number for number in map(number_of_form, chosen.split("-")) if number in user.company_ids.ids]
        procedures = request.env["kho.dl.procedure"]
        if companies:
            procedures = procedures.with_context(allowed_company_ids=companies)
        if not procedures.has_access("write"):
            raise request.not_found()
        return procedures


def _answer(content, name, as_attachment=True):
    return content_answer(content, _TYPES[name.rpartition(".")[2]], name, as_attachment)
