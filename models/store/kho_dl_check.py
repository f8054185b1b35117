import hashlib
import ipaddress
import re
import secrets
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.fields import Domain

from ..case import paper_states
from ..common.office_time import OFFICE_TIMEZONE
from .kho_dl_paper_file import CHECK_PATH
from .kho_dl_paper_store import IN_FORCE, OVER, WITHDRAWN

_MINUTE = timedelta(minutes=1)
_PIECE = 1024**2
# The same content can be in the store of several offices.
_MOST_SHOWN = 5
# A file that is sent costs more than a hash: of so many questions one may bring a file.
_QUESTIONS_FOR_A_FILE = 10
# Bytes of randomness: beyond guessing, and few enough for a code that a phone reads from 2 cm.
_CODE_BYTES = 16
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[A-Za-z0-9_-]{20,100}")

# In this order they are shown.
_VERDICTS = (IN_FORCE, OVER, WITHDRAWN, *paper_states.ENDED)


class Verdict(NamedTuple):
    """What everybody may know of a paper of ours: never whose it is, nor a number or a name that somebody typed."""

    state: str
    result: str
    agency: str
    keeper: str
    issued_on: date | None
    valid_until: date | None
    ended_on: date | None


class KhoDLCheck(models.TransientModel):
    """Says to anybody who holds a paper whether it is ours and in force; a row is a question, for as long as it counts."""

    _name = "kho.dl.check"
    _description = "Check of a paper"
    _inherit = ["kho.dl.rate"]

    caller = fields.Char("Address")

    @api.model
    def _companies(self):
        """Return {company id: questions a minute} of those that give papers to others: of no other anything is said."""
        return {company_id: per_minute for company_id, per_minute, _network in self.env["kho.dl.serving"]._networks()}

    @api.model
    def _admit(self, caller, brings_file=False, most=None):
        """Note a question of `caller`, an address, and return whether it is answered; of too many within a minute none is.

        `most` is how many are, by default as many as a company answers of this kind.
        """
        most = max(self._companies().values(), default=0) if most is None else most
        most = max(most // _QUESTIONS_FOR_A_FILE, 1) if brings_file else most
        return self._note_caller(_line_of(caller), most, _MINUTE)

    @api.model
    def _hash_of(self, stream):
        """Return the SHA-256 of a binary `stream`, in hex, read in pieces."""
        digest = hashlib.sha256()
        while piece := stream.read(_PIECE):
            digest.update(piece)
        return digest.hexdigest()

    @api.model
    def _verdicts_of_hash(self, sha256):
        """Return the `Verdict` of each paper of ours that has a file with this hash; [] also where nothing may be said."""
        if not _SHA256.fullmatch(sha256):
            return []
        wanted = self._said(Domain("sha256", "=", sha256))
        files = self.env["kho.dl.paper.file"].sudo().search(wanted, order="id desc", limit=_MOST_SHOWN)
        return self._in_order(self._verdict(file.paper_id, file) for file in files)

    @api.model
    def _verdicts_of_code(self, code):
        """Return the same for the paper with this code on its print."""
        if not _CODE.fullmatch(code):
            return []
        papers = self.env["kho.dl.paper"].sudo().search(self._said(Domain("check_code", "=", code)))
        is_locked = Domain("state", "in", paper_states.LOCKED)
        return [self._verdict(paper, paper.file_ids) for paper in papers.filtered_domain(is_locked)]

    @api.model
    def _said(self, domain):
        # sudo, where it is searched: who holds a paper may know these few facts of it.
        return domain & Domain("company_id", "in", list(self._companies()))

    @api.model
    def _in_order(self, verdicts):
        return sorted(verdicts, key=lambda verdict: _VERDICTS.index(verdict.state))

    @api.model
    def _verdict(self, paper, files):
        ended = paper.ended_on and fields.Datetime.context_timestamp(
            paper.with_context(tz=OFFICE_TIMEZONE), paper.ended_on
        )
        return Verdict(
            paper._standing(files),
            # The catalogue's name: what is typed on a paper may name a person.
            paper.result_code_id.name,
            paper.agency,
            paper.company_id.name,
            paper.date_issued or None,
            paper.date_expiry or None,
            ended.date() if ended else None,
        )

    @api.model
    def _new_code(self, company):
        """Return a code for the print of a paper and the address behind it; ("", "") where no page of `company` is public."""
        base = company.get_base_url()
        if company.id not in self._companies() or not _is_public(base):
            return "", ""
        code = secrets.token_urlsafe(_CODE_BYTES)
        return code, f"{base.rstrip('/')}/{CHECK_PATH}/{code}"


class KhoDLPaper(models.Model):
    """The code on the print of a certified copy."""

    _inherit = "kho.dl.paper"

    # It opens no file: who has it reads the facts of `Verdict`. Not the token of a file, which a print must not carry about.
    check_code = fields.Char("Code on the print", readonly=True, copy=False, groups="base.group_system")

    _check_code_once = models.UniqueIndex("(check_code) WHERE check_code IS NOT NULL", "This code exists already.")


def _line_of(address):
    """Return what one line has of `address`: 64 bits of the new kind, for the rest is everybody's own to choose."""
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return address
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return str(caller if caller.version == 4 else ipaddress.IPv6Network((int(caller), 64), strict=False))


def _is_public(address):
    """Whether people outside the office can reach `address`, as far as its form tells; only an address that is encrypted."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    try:
        is_reachable = ipaddress.ip_address(host).is_global
    except ValueError:
        is_reachable = "." in host and not host.endswith((".local", ".localhost", ".internal", ".lan", ".test"))
    return parts.scheme == "https" and is_reachable
