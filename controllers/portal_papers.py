import os

from odoo.exceptions import UserError
from odoo.http import request, route

from .applications import CitizenApplications
from .files import content_answer, picture_answer
from .portal import APPLICATIONS, FILE, LOOK, WRITE

_CASE = f"{APPLICATIONS}/<int:case_id>"
_UPLOAD = f"{_CASE}/upload/<int:document_id>"
_PAPER = f"{_CASE}/papers/<int:candidate_id>"
# No page: without a language in its address, and Odoo puts no page of its own, which it lacks for 503, in place of an error.
_FILE = {**FILE, "readonly": False}


def _most_bytes(_controller):
    # What is a little too much is said in words; what is far too much is not even received.
    return 2 * request.env["kho.dl.citizen"]._most_upload_bytes()


class CitizenPapers(CitizenApplications):
    """What a citizen hands in for an own case, and a found paper before it is chosen. All of it works without a script."""

    @route(_UPLOAD, **WRITE, max_content_length=_most_bytes)
    def upload(self, case_id, document_id, **_anything):
        citizen = request.env["kho.dl.citizen"]
        document = self._found(citizen._own_document(case_id, document_id) or None)
        sent = [file for file in request.httprequest.files.getlist("files") if file.filename]
        try:
            # Counted before anything is read.
            citizen._check_size(document.company_id, sum(_size(file.stream) for file in sent))
            self._found(citizen._upload(case_id, document_id, [(file.filename, file.read()) for file in sent]) or None)
        except UserError as error:
            return self._back(case_id, "said", str(error))
        return self._back(case_id, f"document_{document_id}")

    @route(f"{_UPLOAD}/take-off/<int:file_id>", **WRITE)
    def take_off(self, case_id, document_id, file_id, **_anything):
        self._found(request.env["kho.dl.citizen"]._take_off_upload(case_id, document_id, file_id) or None)
        return self._back(case_id, f"document_{document_id}")

    @route(_PAPER, **LOOK)
    def preview(self, case_id, candidate_id, **_anything):
        page = self._found(request.env["kho.dl.citizen"]._preview_page(case_id, candidate_id))
        return self._page("kho_dl.portal_preview", page_name="kho_dl_preview", page=page)

    @route(f"{_PAPER}/files/<int:preview_id>/<int:number>.jpg", **_FILE)
    def picture(self, case_id, candidate_id, preview_id, number, **_anything):
        citizen = request.env["kho.dl.citizen"]
        return picture_answer(lambda: self._found(citizen._preview_picture(case_id, candidate_id, preview_id, number)))

    @route(f"{_PAPER}/files/<int:preview_id>", **_FILE)
    def preview_file(self, case_id, candidate_id, preview_id, **_anything):
        found = request.env["kho.dl.citizen"]._preview_download(case_id, candidate_id, preview_id)
        name, content = self._found(found)
        return content_answer(content, "application/octet-stream", name)


def _size(stream):
    stream.seek(0, os.SEEK_END)
    size = stream.tell()
    stream.seek(0)
    return size
