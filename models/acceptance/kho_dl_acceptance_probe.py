import secrets
from urllib.parse import quote

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.own_links import own_link
from ..connection.kho_dl_database import IS_CONFIRMED
from ..store.kho_dl_paper_file import ADDRESS_PATH
from ..store.kho_dl_serving import TOKEN

_TOKEN_BYTES = 32
_NAME = "nghiem-thu.pdf"


def _empty_page():
    """Return a PDF of one empty page: what others would fetch, about nobody."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows)
    return content + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(content))


PROBE = _empty_page()


class KhoDLAcceptance(models.Model):
    """A paper that is none, given like those of our store as long as a run asks for it: it proves the way to us."""

    _inherit = "kho.dl.acceptance"

    probe_token = fields.Char("Token", readonly=True, copy=False, groups="base.group_system", exportable=False)

    def _new_probe_link(self):
        """Return the link to the paper as the portal would hand it out, under a new token; "" without an address of ours."""
        company = self.company_id
        if not company.kho_dl_own_providerurl or not company.kho_dl_serve_addresses:
            return ""
        self.probe_token = secrets.token_urlsafe(_TOKEN_BYTES)
        path = f"{ADDRESS_PATH}/{self.probe_token}/{quote(_NAME)}"
        settings = self.env["kho.dl.gateway"]._settings(company)
        return own_link(settings, company.kho_dl_own_providerurl, path, company.kho_dl_own_dstcode or "")

    @api.model
    def _probe(self, token, address):
        """Return the content for who brings the `token` of a run from `address`, of a security server of ours; else None."""
        companies = self.env["kho.dl.serving"]._companies_of(address)
        if not companies or not TOKEN.fullmatch(token):
            return None
        statement = SQL(
            "SELECT 1 FROM kho_dl_acceptance WHERE probe_token = %(token)s AND company_id IN %(companies)s AND %(confirmed)s",
            token=token,
            companies=tuple(companies),
            confirmed=IS_CONFIRMED,
        )
        return PROBE if self.env.execute_query(statement) else None
