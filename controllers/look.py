from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from .files import content_answer, picture_answer

_LOOK = {"type": "http", "auth": "user", "methods": ["GET"], "readonly": False}


class Look(http.Controller):
    """Pages as pictures for officers; who may not see one learns nothing of it, not even that it exists."""

    @http.route("/kho_dl/look/paper/<int:record_id>/<int:file_id>/<int:page>.jpg", **_LOOK)
    def paper_page(self, record_id, file_id, page):
        return self._page("kho.dl.lookup.candidate", record_id, file_id, page)

    @http.route("/kho_dl/look/file/<int:record_id>/<int:file_id>/<int:page>.jpg", **_LOOK)
    def file_page(self, record_id, file_id, page):
        return self._page("kho.dl.case.document", record_id, file_id, page)

    @http.route("/kho_dl/look/paper/<int:record_id>/<int:file_id>", **_LOOK)
    def paper_file(self, record_id, file_id):
        name, content = self._found("kho.dl.lookup.candidate", record_id, lambda paper: paper._look_download(file_id))
        return content_answer(content, "application/octet-stream", name)

    def _page(self, model, record_id, file_id, page):
        return picture_answer(lambda: self._found(model, record_id, lambda record: record._look_picture(file_id, page)))

    def _found(self, model, record_id, find):
        try:
            found = find(request.env[model].browse(record_id))
        except (AccessError, MissingError, UserError):
            found = None
        if not found:
            raise request.not_found()
        return found
