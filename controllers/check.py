from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import TooManyRequests

from odoo import http
from odoo.http import request

from ..models.store.kho_dl_paper_file import CHECK_PATH

# The page says so, too.
_MOST_BYTES = 50 * 1024**2
_BYTES_AROUND_IT = 64 * 1024
_MOST_WITHOUT_FILE = 1024**2
_VIETNAMESE = "vi_VN"


def _admitted_bytes(_controller):
    """Count who sends a form before any of it is read; return how many bytes it may have."""
    http_request = request.httprequest
    if http_request.method != "POST":
        return 0
    # Without a file the page sends a plain form.
    brings_file = http_request.mimetype == "multipart/form-data"
    _admit(_checks(), brings_file)
    # What is refused or broken off later was read all the same.
    request.env.cr.commit()  # pylint: disable=invalid-commit
    return _MOST_BYTES + _BYTES_AROUND_IT if brings_file else _MOST_WITHOUT_FILE


class Check(http.Controller):
    """Says to anybody whether a paper is ours and in force, by the hash of its file or by the code on its print.

    A browser that can makes the hash itself and sends nothing else. A file that is sent is read in pieces and gone with the
    request.
    """

    @http.route(
        f"/{CHECK_PATH}",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        max_content_length=_admitted_bytes,
    )
    def check(self, lang="", file=None, sha256="", **_anything):
        if request.httprequest.method != "POST":
            return _page(lang)
        checks = _checks()
        if isinstance(file, FileStorage) and file.filename:
            sha256 = checks._hash_of(file.stream)
        if not isinstance(sha256, str) or not sha256:
            return _page(lang, is_asked=True)
        return _page(lang, checks._verdicts_of_hash(sha256.strip().lower()), is_asked=True, sha256=sha256)

    @http.route(f"/{CHECK_PATH}/<string:code>", type="http", auth="public", methods=["GET"], max_content_length=0)
    def check_code(self, code, lang="", **_anything):
        checks = _checks()
        _admit(checks)
        return _page(lang, checks._verdicts_of_code(code), is_asked=True, is_code=True)


def _checks():
    """Return the model that answers. Raises NotFound where no company lets anything be said of its papers."""
    checks = request.env["kho.dl.check"]
    if not checks._companies():
        raise request.not_found()
    return checks


def _admit(checks, brings_file=False):
    if not checks._admit(request.httprequest.remote_addr or "", brings_file):
        raise TooManyRequests(retry_after=60)


def _page(lang, verdicts=(), **values):
    checks = _checks()
    languages = checks.env["res.lang"].get_installed()
    request.update_context(lang=_language(lang, [code for code, _name in languages]))
    is_copy = not checks.env["kho.dl.database"]._is_confirmed()
    return request.render(
        "kho_dl.check_page",
        {
            "page_name": "kho_dl_check",
            "verdicts": [] if is_copy else verdicts,
            "is_copy": is_copy,
            "languages": languages,
            "most_bytes": _MOST_BYTES,
            "path": request.httprequest.path,
            **values,
        },
        headers={
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex, nofollow",
            # The code on a print is in the address.
            "Referrer-Policy": "no-referrer",
        },
    )


def _language(chosen, installed):
    """Return the language chosen on the page, that of the user or of the browser, or else Vietnamese where there is any."""
    own = request.env.user.lang if not request.env.user._is_public() else request.best_lang
    return next((code for code in (chosen, own, _VIETNAMESE) if code in installed), request.env.lang)
