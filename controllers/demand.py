from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Demand(http.Controller):
    """Hands out the list of papers that are missing in the national store; strangers learn nothing of it."""

    @http.route("/kho_dl/demand/<int:request_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def demand_sheet(self, request_id):
        form = request.env["kho.dl.demand.request"].browse(request_id).exists()
        if not form:
            raise request.not_found()
        try:
            sheet = form._sheet()
        except AccessError:
            raise request.not_found() from None
        name = f"kho-dl-{form.date_from:%Y-%m}-{form.date_to:%Y-%m}.xlsx"
        return request.make_response(
            sheet,
            headers=[
                ("Content-Type", _XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
