from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ..case import paper_states
from ..store.kho_dl_case_document_store import same_number

# Older answers tell of a world that was.
_LATELY = timedelta(days=90)
_MOST_ANSWERS, _MOST_PAPERS = 50, 100


class NationalLine(NamedTuple):
    """A paper of which the national store told lately, in words; `told_on` is when. No link, and no file: those are the store's."""

    name: str
    number: str
    agency: str
    issued_on: str
    valid_until: str
    scope: str
    told_on: str
    is_over: bool


class KhoDLCitizen(models.AbstractModel):
    """What the national store told about the citizen, as it was asked for own applications."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _national_papers(self):
        """Return [NationalLine], the newest answer first, each paper once, and none that is of our own store."""
        lately = Domain("asked_on", ">=", fields.Datetime.now() - _LATELY) & Domain("outcome", "=", "found")
        # sudo: a citizen reads no journal; what is told is about the own numbers, for own cases.
        queries = self.env["kho.dl.query"].sudo().search(self._own_domain() & lately, limit=_MOST_ANSWERS)
        # Once: Odoo copies the whole of an answer each time.
        answers = [(paper, query) for query in queries for paper in query.answer or ()]
        told, own = {}, self._numbered_papers([paper for paper, _query in answers])
        for paper, query in answers:
            same = own.get((paper.get("result_code"), paper.get("agency_code")), ())
            if any(same_number(mine.number, paper.get("number")) for mine in same):
                # Shown above it, with its files.
                continue
            key = tuple(paper.get(name) or "" for name in ("result_code", "agency_code", "number", "name"))
            told.setdefault(key, (paper, query))
        today = fields.Date.to_string(self.env["kho.dl.paper"]._today())
        # sudo: the directory is not a citizen's to read; which agency issued an own paper is told.
        servers = self.env["kho.dl.security.server"].sudo()._server_resolver()
        return [
            self._national_line(paper, query, servers, today) for paper, query in list(told.values())[:_MOST_PAPERS]
        ]

    @api.model
    def _numbered_papers(self, answers):
        """Return {(result code, agency code): the citizen's papers in our own store that are in force}, of those in `answers`.

        Of one that was replaced or revoked the word of the national store may be the newer one.
        """
        if not answers:
            return {}
        is_told = Domain("result_code_id.code", "in", {paper.get("result_code") for paper in answers})
        is_told &= Domain("agency_code", "in", {paper.get("agency_code") for paper in answers})
        in_force = Domain("state", "in", paper_states.IN_STORE) & Domain("number", "not in", (False, ""))
        # sudo: a citizen reads no records; these are the own ones.
        papers = self.env["kho.dl.paper"].sudo().search(self._own_papers_domain() & in_force & is_told)
        return papers.grouped(lambda paper: (paper.result_code_id.code, paper.agency_code))

    @api.model
    def _national_line(self, paper, query, servers, today):
        end, code = paper.get("date_expiry") or "", paper.get("agency_code") or ""
        return NationalLine(
            paper.get("name") or "",
            paper.get("number") or "",
            servers.name(code, servers.find(code, "")),
            self._day(paper.get("date_issued")),
            self._day(end),
            paper.get("scope") or "",
            self._moment(query.asked_on),
            bool(end) and end < today,
        )
