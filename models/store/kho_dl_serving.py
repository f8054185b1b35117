import ipaddress
import re
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..case import paper_states
from ..common.networks import parse_networks
from ..connection.kho_dl_database import IS_CONFIRMED

_MINUTE = timedelta(minutes=1)
# An X-Road identifier: instance, class, member, subsystem, parted by slashes or colons.
_NOT_IN_CALLER = re.compile(r"[^\w.:/+-]")
# The database refuses some characters, and a part of a file is asked for without any of them.
_NOT_IN_RANGE = re.compile(r"[^ -~]")
_MOST_CHARACTERS = 200
# The database refuses some characters, and no token is longer.
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


class Served(NamedTuple):
    """A file that is given, how many its caller had within the last minute, and how many one caller may have."""

    file_id: int
    name: str
    mimetype: str
    size: int
    sha256: str
    attachment_id: int
    company_id: int
    recent: int
    allowed: int


class Call(NamedTuple):
    """Who asks, for what: X-Road client or address, address of the security server, HTTP method, header Range."""

    caller: str
    address: str
    method: str
    byte_range: str


class KhoDLServing(models.Model):
    """Journal: one row each time a file of our own store is given to somebody (wire §5)."""

    _name = "kho.dl.serving"
    _description = "File given to another agency"
    _inherit = ["kho.dl.journal"]
    _order = "id desc"
    _rec_name = "paper_file_name"

    served_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    paper_file_id = fields.Many2one(
        "kho.dl.paper.file", "File", required=True, readonly=True, index=True, ondelete="restrict"
    )
    # As it was then, and readable for auditors, to whom papers are closed.
    paper_file_name = fields.Char("File name", required=True, readonly=True)
    sha256 = fields.Char("SHA-256", required=True, readonly=True)
    caller = fields.Char(required=True, readonly=True, help="The X-Road client, where the adapter tells it.")
    address = fields.Char("Security server", required=True, readonly=True)
    method = fields.Char(required=True, readonly=True)
    byte_range = fields.Char("Part asked for", readonly=True)
    status = fields.Integer("HTTP status", required=True, readonly=True)
    size = fields.Integer(
        "Bytes offered", readonly=True, help="What was to go out; how much the caller took is not known here."
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    # How often one caller came within the last minute.
    _caller_idx = models.Index("(caller, served_on)")

    _chain_fields = (
        "served_on",
        "paper_file_id",
        "paper_file_name",
        "sha256",
        "caller",
        "address",
        "method",
        "byte_range",
        "status",
        "size",
        "closed_on",
        "company_id",
    )

    def _is_closed(self):
        return bool(self.closed_on)

    @api.model
    def _outdated_domain(self, companies):
        # There is no personal data in it that could be emptied.
        return Domain.FALSE

    @api.model
    def _admitted(self, token, address, caller):
        """Return the `Served` file that `token` stands for, if it is given to who calls from `address`; else None.

        Nobody learns which of the two was wrong: an unknown address is turned away before anything is looked up.
        In SQL, and all in one statement: this is what Odoo's own serving of a file is measured against.
        """
        companies = self._companies_of(address)
        if not companies or not TOKEN.fullmatch(token):
            return None
        # Rows are only added, so callers never wait for each other; of those that come at the same moment a few more
        # than allowed may pass.
        statement = SQL(
            """
            SELECT file.id, file.name, file.mimetype, file.size, file.sha256, file.attachment_id, file.company_id,
                   (SELECT count(*) FROM (
                        SELECT 1 FROM kho_dl_serving WHERE caller = %(caller)s AND served_on > %(since)s LIMIT %(most)s
                   ) AS recent)
              FROM kho_dl_paper_file AS file
              JOIN kho_dl_paper AS paper ON paper.id = file.paper_id
             WHERE file.token = %(token)s
               AND %(is_confirmed)s
               AND file.withdrawn_on IS NULL
               AND file.company_id IN %(companies)s
               AND paper.state IN %(served)s
               AND (paper.date_expiry IS NULL OR paper.date_expiry >= %(today)s)
            """,
            caller=caller,
            since=fields.Datetime.now() - _MINUTE,
            most=max(companies.values()),
            token=token,
            is_confirmed=IS_CONFIRMED,
            companies=tuple(companies),
            served=paper_states.SERVED,
            today=self.env["kho.dl.paper"]._today(),
        )
        found = [Served(*row, allowed=companies[row[6]]) for row in self.env.execute_query(statement)]
        return found[0] if found else None

    @api.model
    def _companies_of(self, address):
        """Return {company id: files a minute} of those whose security servers call from `address`."""
        try:
            caller = ipaddress.ip_address(address)
        except ValueError:
            return {}
        # A socket for both kinds of addresses shows the old kind in the clothes of the new.
        caller = getattr(caller, "ipv4_mapped", None) or caller
        return {
            company_id: per_minute
            for company_id, per_minute, network in self._networks()
            if caller.version == network.version and caller in network
        }

    @api.model
    @tools.ormcache()
    def _networks(self):
        """Return ((company id, files a minute for one caller, network of its security servers), …)."""
        # sudo: which security servers there are is for system administrators; here nobody sees them.
        # The portal goes on naming the papers of an office that was archived.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        companies = companies.search([("kho_dl_serve_addresses", "!=", False)])
        return tuple(
            (company.id, company.kho_dl_serve_per_minute, network)
            for company in companies
            for network in parse_networks(company.kho_dl_serve_addresses)
        )

    @api.model
    def _caller(self, address, client):
        """Return who calls: the X-Road `client` as the adapter names it, else the `address`."""
        return _NOT_IN_CALLER.sub("", client or "")[:_MOST_CHARACTERS] or address

    @api.model
    def _note(self, served, call, status, size):
        """Write the row of one serving of a `Served` to a `Call`; it is closed, and sealed by the scheduled action.

        In SQL for the same reason as above. Nobody waits for the disk: only a power cut of the database itself can
        lose the rows of its last moment.
        """
        row = {
            "now": fields.Datetime.now(),
            "paper_file_id": served.file_id,
            "paper_file_name": served.name,
            "sha256": served.sha256,
            **call._asdict(),
            "byte_range": _NOT_IN_RANGE.sub("", call.byte_range)[:_MOST_CHARACTERS] or None,
            "status": status,
            "size": size,
            "company_id": served.company_id,
        }
        self.env.cr.execute(
            """
            SET LOCAL synchronous_commit TO OFF;
            INSERT INTO kho_dl_serving (
                served_on, closed_on, create_date, paper_file_id, paper_file_name, sha256,
                caller, address, method, byte_range, status, size, company_id
            ) VALUES (
                %(now)s, %(now)s, %(now)s, %(paper_file_id)s, %(paper_file_name)s, %(sha256)s,
                %(caller)s, %(address)s, %(method)s, %(byte_range)s, %(status)s, %(size)s, %(company_id)s
            )
            """,
            row,
        )
