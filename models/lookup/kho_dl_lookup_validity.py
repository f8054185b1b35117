from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..store.kho_dl_case_document_store import same_number

# A paper that ends within so many days is about to be over.
SOON_DAYS = 30
# What an answer and a paper of our own store both tell, by the same names.
_VALIDITY = ("date_issued", "date_expiry", "scope")


class KhoDLLookupCandidate(models.Model):
    """From when to when a paper is valid, and what for, said before it is chosen (Circular 01/2023/TT-VPCP).

    Of a national paper only what its answer tells, or what our own store knows of the same paper.
    """

    _inherit = "kho.dl.lookup.candidate"

    date_issued = fields.Date("Issued on", readonly=True)
    date_expiry = fields.Date("Valid until", readonly=True)
    scope = fields.Char("Valid for", readonly=True)
    validity = fields.Selection(
        [("over", "Over"), ("soon", "About to be over")],
        compute="_compute_validity",
        help="Empty: valid, or not known.",
    )
    validity_badge = fields.Char(compute="_compute_validity")
    validity_words = fields.Char(compute="_compute_validity")

    @api.depends("date_issued", "date_expiry", "scope")
    @api.depends_context("lang")
    def _compute_validity(self):
        today = self.env["kho.dl.paper"]._today()
        for line in self:
            end = line.date_expiry
            is_soon = end and end <= today + timedelta(days=SOON_DAYS)
            line.validity = "over" if end and end < today else "soon" if is_soon else False
            line.validity_badge = line.validity and line._badge((end - today).days)
            line.validity_words = line._in_words()

    def _badge(self, days):
        if days < 0:
            return self.env._("Expired on %(day)s", day=format_date(self.env, self.date_expiry))
        if days == 0:
            return self.env._("Expires today")
        return self.env._("Expires in %(days)s days", days=days)

    def _in_words(self):
        parts = [
            self.date_issued and self.env._("issued on %(day)s", day=format_date(self.env, self.date_issued)),
            self.date_expiry and self.env._("valid until %(day)s", day=format_date(self.env, self.date_expiry)),
            self.scope and self.env._("valid for: %(scope)s", scope=self.scope),
        ]
        return " · ".join(filter(None, parts)) or False

    @api.depends("validity", "retrieval_ids.attachment_id")
    def _compute_status(self):  # pylint: disable=missing-return
        super()._compute_status()
        for line in self:
            # Who attaches a paper that is over knows it, and says why.
            line.needs_reason |= line.validity == "over" and line.status in ("new", "failed")

    def _remarks(self):
        remarks = super()._remarks()
        if self.validity == "over":
            remarks.append(
                self.env._(
                    "This paper is over. Ask the applicant for a new one, or say why it is attached all the same."
                )
            )
        return remarks

    @api.model
    def _can_be_best(self, document, vals):
        end = fields.Date.to_date(vals["date_expiry"])
        return super()._can_be_best(document, vals) and not (end and end < self.env["kho.dl.paper"]._today())


class KhoDLLookupDocument(models.Model):
    _inherit = "kho.dl.lookup.document"

    ended_words = fields.Char(compute="_compute_ended_words")

    @api.depends("plan", "case_document_id.paper_number")
    @api.depends_context("lang")
    def _compute_ended_words(self):
        """Say that our own store has a paper which is over: it is not offered."""
        ended = self.case_document_id._ended_papers()
        for document in self:
            paper = document.is_missing and ended.get(document.case_document_id)
            document.ended_words = bool(paper) and self.env._(
                "Our own store has “%(paper)s”, which was valid until %(day)s.",
                paper=paper.display_name,
                day=format_date(self.env, paper.date_expiry),
            )


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    def _told_validity(self):
        """Return {name: value} of _VALIDITY for the paper here, as our store tells, or the answer by which it was fetched."""
        # A copy may come back to where it was copied from.
        # sudo: how long a paper is valid is a fact about it, wherever it was copied from.
        copied, origin = self.sudo(), self.sudo().origin_document_id
        while origin - copied:
            copied |= origin
            origin = origin.origin_document_id
        told = {name: copied[-1:].origin_paper_id[name] for name in _VALIDITY}
        own = (
            self.provenance_result_code_id.code,
            self.provenance_paper_number or "",
            self.provenance_agency_code or "",
        )
        # So are answers read, which hold links that clerks do not read.
        for row in copied.retrieval_ids.filtered(lambda row: row.state == "done"):
            key = (row.result_code_id.code, row.paper_number or "", row.agency_code or "")
            # A copy outlives the file that it was made of.
            if row.attachment_id not in self.attachment_ids and key != own:
                continue
            for paper in row.query_id.answer or ():
                if (paper["result_code"], paper["number"] or "", paper["agency_code"] or "") == key:
                    told = {name: told[name] or paper.get(name) or False for name in _VALIDITY}
        return told

    def _is_paper_over(self):
        end = fields.Date.to_date(self._told_validity()["date_expiry"])
        return super()._is_paper_over() or bool(end and end < self.env["kho.dl.paper"]._today())

    def _ended_papers(self):
        """Return {document: the paper of our store that satisfied it and ended last}."""
        if not self._is_anything_kept():
            return {}
        ended, owners = Domain("date_expiry", "<", self.env["kho.dl.paper"]._today()), self.case_id._owner_numbers()
        found = {}
        for paper in self._stored_papers(owners, ended).sorted("date_expiry", reverse=True):
            for document in self:
                if document._is_satisfied_by_paper(paper, owners.get(document.case_id, ())):
                    found.setdefault(document, paper)
        return found


class KhoDLLookup(models.Model):
    _inherit = "kho.dl.lookup"

    def _prepare_own(self, document, paper):
        values = super()._prepare_own(document, paper)
        if values["paper_id"]:
            return {**values, **{name: paper.origin[name] for name in _VALIDITY}}
        return {**values, **paper.origin._told_validity()}

    @api.model
    def _known_papers(self, documents):
        """Return {name: value} of each paper of our store with a number: of which an answer may not tell how long it is valid."""
        # sudo: until when a paper is valid is a fact about it, of this office.
        documents = documents.sudo()
        numbered = Domain("number", "not in", (False, ""))
        papers = documents._stored_papers(documents.case_id._owner_numbers(), numbered)
        names = ("number", "agency_code", *_VALIDITY)
        own = [{"result_code": paper.result_code_id.code, **{name: paper[name] for name in names}} for paper in papers]
        return super()._known_papers(documents) + own

    def _prepare_candidates(self, answer, codes_by_document, known):
        prepared = super()._prepare_candidates(answer, codes_by_document, known)
        for values in prepared:
            paper = answer[values["paper_index"]]
            same = next((own for own in known if _is_same(own, paper)), {})
            told = {name: paper.get(name) or same.get(name, False) for name in _VALIDITY}
            values.update(told)
        return prepared


def _is_same(own, paper):
    """Whether `own`, of our store, is the `paper` of an answer: the same result, number and issuer."""
    return (
        own["result_code"] == paper["result_code"]
        and bool(paper["number"])
        and same_number(own["number"], paper["number"])
        and own["agency_code"] == paper["agency_code"]
    )
