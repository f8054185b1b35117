from odoo import http
from odoo.http import content_disposition, request

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class Catalogue(http.Controller):
    """Hands out the procedures as a table, as `kho.dl.catalogue.import` reads it; strangers learn nothing of it."""

    @http.route(
        ["/kho_dl/catalogue/export", "/kho_dl/catalogue/export/<any(xlsx, csv):file_type>"],
        type="http", auth="user", methods=["GET"], readonly=True,
    )  # fmt: skip
    def export(self, file_type="xlsx"):
        procedures = self._procedures()
        return self._answer(procedures._catalogue_table(file_type), request.env._("procedures"), file_type)

    @http.route(
        ["/kho_dl/catalogue/template", "/kho_dl/catalogue/template/<any(xlsx, csv):file_type>"],
        type="http", auth="user", methods=["GET"], readonly=True,
    )  # fmt: skip
    def template(self, file_type="xlsx"):
        content = self._procedures()._catalogue_example(file_type)
        return self._answer(content, request.env._("template of procedures"), file_type)

    def _procedures(self):
        user = request.env.user
        chosen = request.cookies.get("cids", "")
        # The companies that the screen is switched to, as Odoo's own client keeps them; only those of the user.
        companies = [int(word) for word in chosen.split("-") if word.isdecimal() and int(word) in user.company_ids.ids]
        procedures = request.env["kho.dl.procedure"]
        if companies:
            procedures = procedures.with_context(allowed_company_ids=companies)
        if not procedures.has_access("write"):
            raise request.not_found()
        return procedures

    def _answer(self, content, name, file_type):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", _TYPES[file_type]),
                ("Content-Disposition", content_disposition(f"{name}.{file_type}")),
                ("Cache-Control", "no-store"),
            ],
        )
