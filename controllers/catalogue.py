from odoo import http
from odoo.http import content_disposition, request

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Catalogue(http.Controller):
    """Hands out the procedures as a table, as `kho.dl.catalogue.import` reads it; strangers learn nothing of it."""

    @http.route("/kho_dl/catalogue/export", type="http", auth="user", methods=["GET"], readonly=True)
    def export(self):
        procedures = self._procedures()
        return self._sheet(procedures._catalogue_table(), request.env._("procedures"))

    @http.route("/kho_dl/catalogue/template", type="http", auth="user", methods=["GET"], readonly=True)
    def template(self):
        return self._sheet(self._procedures()._catalogue_example(), request.env._("template of procedures"))

    def _procedures(self):
        procedures = request.env["kho.dl.procedure"]
        if not procedures.has_access("write"):
            raise request.not_found()
        return procedures

    def _sheet(self, content, name):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", _XLSX),
                ("Content-Disposition", content_disposition(f"{name}.xlsx")),
                ("Cache-Control", "no-store"),
            ],
        )
