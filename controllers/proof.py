from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from ..models.lookup.proof_actions import PROVABLE


class Proof(http.Controller):
    """Hands out proof packs; who may not read a record learns nothing of it, not even that it exists."""

    @http.route(
        "/kho_dl/proof/<string:model>/<int:record_id>", type="http", auth="user", methods=["GET"], readonly=True
    )
    def proof_pack(self, model, record_id):
        if model not in PROVABLE:
            raise request.not_found()
        record = request.env[model].browse(record_id).exists()
        if not record:
            raise request.not_found()
        try:
            pack = record._proof_pack()
        except AccessError:
            raise request.not_found() from None
        return request.make_response(
            pack,
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(f"proof-{model}-{record_id}.zip")),
                ("Cache-Control", "no-store"),
            ],
        )
