from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Indicators(http.Controller):
    """Hands out reports as spreadsheets; who may not have one learns nothing of it."""

    @http.route("/kho_dl/indicators/<int:form_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def indicator_sheet(self, form_id):
        return self._sheet_of("kho.dl.indicator.sheet", form_id)

    @http.route("/kho_dl/audit/<int:form_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def audit_sheet(self, form_id):
        return self._sheet_of("kho.dl.audit.sheet", form_id)

    def _sheet_of(self, model, form_id):
        form = request.env[model].browse(form_id).exists()
        if not form:
            raise request.not_found()
        try:
            sheet, name = form._sheet(), form._file_name()
        except AccessError:
            raise request.not_found() from None
        return request.make_response(
            sheet,
            headers=[
                ("Content-Type", _XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
