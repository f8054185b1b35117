from collections import Counter
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..case.kho_dl_case import OPEN_STATES
from ..common import cron_budget
from ..common.transactions import commit_or_retry
from .mapping_match import Finder

_BATCH = 500
# None begins with less time (s).
_BATCH_SECONDS = 5
_MOST_CANDIDATES = 5
# A case is recent for so many days.
_RECENT_DAYS = 90
# What people decided counts for more than what names say.
_ELSEWHERE_SCORE, _CLERK_SCORE = 99, 97


class KhoDLProcedureDocument(models.Model):
    """Which national result a required document is: found among all results in the background, decided by people."""

    _inherit = "kho.dl.procedure.document"

    mapping_state = fields.Selection(
        [("mapped", "Mapped"), ("not_reusable", "Not reusable"), ("open", "To be mapped")],
        "Mapping",
        compute="_compute_mapping_state",
        store=True,
        precompute=True,
        index=True,
    )
    # Both have a value from the start: PostgreSQL puts none before everything else.
    is_mapping_skipped = fields.Boolean("Skipped for now", default=False, readonly=True, copy=False)
    waiting_count = fields.Integer(
        "Cases that ask for it",
        default=0,
        readonly=True,
        copy=False,
        help="Open cases and those of the last 90 days that ask for this document, counted each hour.",
    )
    candidate_ids = fields.One2many("kho.dl.mapping.candidate", "document_id", "Candidates", readonly=True)
    candidates_on = fields.Datetime("Candidates were looked for on", readonly=True, copy=False)
    sector_id = fields.Many2one(related="procedure_id.sector_id", store=True, precompute=True, index="btree_not_null")

    # The worklist, most wanted first.
    _worklist_idx = models.Index("(is_mapping_skipped, waiting_count DESC, id) WHERE mapping_state = 'open' AND active")
    # A catalogue renames one result after the other; only the first time there is something to forget.
    _looked_for_idx = models.Index("(id) WHERE mapping_state = 'open' AND candidates_on IS NOT NULL")

    @api.depends("result_code_ids", "is_reusable")
    def _compute_mapping_state(self):
        for document in self:
            if document.result_code_ids:
                document.mapping_state = "mapped"
            else:
                document.mapping_state = "open" if document.is_reusable else "not_reusable"

    def write(self, vals):
        renamed = self.filtered(lambda document: document.name != vals["name"]) if "name" in vals else self.browse()
        before = {document: document.result_code_ids for document in self} if "result_code_ids" in vals else {}
        result = super().write(vals)
        renamed._drop_candidates()
        unmapped = (document for document, codes in before.items() if codes - document.result_code_ids)
        self.browse().union(*unmapped)._mapped_no_more()
        return result

    def _drop_candidates(self):
        """Take away the candidates of these documents, whose names have changed, and look for others."""
        if self:
            # sudo: what is looked for in the background is recorded by this code only.
            self.sudo().candidate_ids.unlink()
            self.sudo()._look_anew()

    def _mapped_no_more(self):
        """Have documents of the same names looked for anew: the mapping of these is no reason any more."""
        if not self:
            return
        # sudo: as in `_drop_candidates`; namesakes of all companies.
        named = Domain("name", "in", self.mapped("name")) & Domain("mapping_state", "=", "open")
        namesakes = self.sudo().with_context(active_test=False).search(named)
        namesakes.candidate_ids.filtered(lambda candidate: candidate._is_because("elsewhere")).unlink()
        namesakes._look_anew()

    def _look_anew(self):
        if self:
            self.write({"candidates_on": False})
            self.env.ref("kho_dl.ir_cron_candidates")._trigger()

    @api.model
    def _open_domain(self):
        return Domain("mapping_state", "=", "open") & self._procedure_domain()

    @api.model
    def _procedure_domain(self):
        return Domain("procedure_id.active", "=", True)

    @api.model
    def _forget_candidates(self):
        """Have all candidates looked for anew: results or abbreviations have changed."""
        # sudo: what is looked for in the background is recorded by this code only.
        documents = self.sudo().with_context(active_test=False)
        documents.search(Domain("mapping_state", "=", "open") & Domain("candidates_on", "!=", False))._look_anew()

    @api.model
    def action_find_candidates(self, _ids=None):
        """Look for candidates now, in the background. Needs no record."""
        self.check_access("write")
        self._forget_candidates()
        # sudo: administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_candidates").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Candidates are being looked for. With many documents it takes up to a minute."),
            },
        }

    @api.model
    def _cron_find_candidates(self):
        """Count who waits, and find candidates where they were not looked for, as long as there is time."""
        ends_at = cron_budget.ends_at()
        # sudo: the scheduled action works for all companies.
        documents = self.sudo()
        commit_or_retry(self.env, documents._count_waiting)
        wanted = documents._open_domain() & Domain("candidates_on", "=", False)
        remaining = documents.search_count(wanted)
        if not remaining:
            return
        finder, done = documents._finder(), 0
        while cron_budget.report(self.env, done, remaining, ends_at - _BATCH_SECONDS):
            batch = documents.search(wanted, order="waiting_count desc, id", limit=_BATCH)
            if not batch:
                break
            commit_or_retry(self.env, partial(batch._find_candidates, finder))
            done = len(batch)
            remaining = max(0, remaining - done)
            self.env.invalidate_all()

    @api.model
    def _finder(self):
        results = self.env["kho.dl.result.code"].sudo().search_fetch([], ["name"])
        return Finder({result.id: result.name for result in results}, self.env["kho.dl.abbreviation"]._vocabulary())

    def _find_candidates(self, finder):
        """Put the candidates of these documents in the place of those from before."""
        elsewhere, proposed = self._mapped_elsewhere(), self._proposed()
        by_name = {name: finder.candidates(name, _MOST_CANDIDATES) for name in set(self.mapped("name"))}
        rows = []
        for document in self:
            found = {one.key: (one.score, list(one.reasons)) for one in by_name[document.name]}
            for code_id, count in elsewhere[document].items():
                score, reasons = found.get(code_id, (0, []))
                found[code_id] = (max(score, _ELSEWHERE_SCORE), [["elsewhere", str(count)], *reasons])
            for code_id, count in proposed.get(document.id, {}).items():
                score, reasons = found.get(code_id, (0, []))
                found[code_id] = (max(score, _CLERK_SCORE), [["clerk", str(count)], *reasons])
            best = sorted(found.items(), key=lambda item: -item[1][0])[:_MOST_CANDIDATES]
            rows += [
                {"document_id": document.id, "result_code_id": code_id, "score": score, "reasons": reasons}
                for code_id, (score, reasons) in best
            ]
        self.candidate_ids.unlink()
        self.env["kho.dl.mapping.candidate"].create(rows)
        self.write({"candidates_on": fields.Datetime.now()})

    def _mapped_elsewhere(self):
        """Return {document: {result code id: in how many others of its name it is the mapping}}.

        Those of its own company, of those above it and of all companies count: what another one decided for itself steers
        nobody else.
        """
        self.env.flush_all()
        statement = SQL(
            """
            SELECT document.name, document.company_id, mapping.result_code_id, count(*)
              FROM kho_dl_procedure_document AS document
              JOIN kho_dl_procedure_document_result_code_rel AS mapping ON mapping.procedure_document_id = document.id
              JOIN kho_dl_result_code AS code ON code.id = mapping.result_code_id AND code.active
             WHERE document.active AND document.name IN %s
             GROUP BY 1, 2, 3
            """,
            tuple(set(self.mapped("name"))),
        )
        found = {}
        for name, company_id, code_id, count in self.env.execute_query(statement):
            found.setdefault((name, company_id), Counter())[code_id] = count
        counting = {company: company._kho_dl_serving_ids() for company in {document.company_id for document in self}}
        return {
            document: sum(
                (found.get((document.name, above or None), Counter()) for above in counting[document.company_id]),
                Counter(),
            )
            for document in self
        }

    def _proposed(self):
        """Return {document id: {result code id: how many clerks proposed it}}."""
        proposals = self.env["kho.dl.mapping.proposal"].sudo()
        found = {}
        for document, code, count in proposals._read_group(
            [("document_id", "in", self.ids), ("result_code_id.active", "=", True)],
            ["document_id", "result_code_id"],
            ["__count"],
        ):
            found.setdefault(document.id, {})[code.id] = count
        return found

    @api.model
    def _count_waiting(self):
        """Count for each document to be mapped the open and recent cases that ask for it; writes only what has changed."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                -- MATERIALIZED: counted once, also where PostgreSQL does not know yet how many documents an import has brought.
                WITH waiting AS MATERIALIZED (
                    SELECT required.procedure_document_id AS id, count(*) AS cases
                      FROM kho_dl_case AS kase
                      -- OFFSET: case by case, as those of before, nearly all, are not counted.
                     CROSS JOIN LATERAL (SELECT procedure_document_id
                                           FROM kho_dl_case_document
                                          WHERE case_id = kase.id
                                         OFFSET 0) AS required
                      JOIN kho_dl_procedure_document AS wanted
                        ON wanted.id = required.procedure_document_id AND wanted.mapping_state = 'open'
                     WHERE kase.procedure_id IN (SELECT procedure_id FROM kho_dl_procedure_document
                                                  WHERE mapping_state = 'open')
                       AND (kase.state IN %(open)s OR kase.date_submitted > %(since)s) AND kase.is_draft IS NOT TRUE
                     GROUP BY 1
                )
                UPDATE kho_dl_procedure_document AS document
                   SET waiting_count = COALESCE(waiting.cases, 0)
                  FROM kho_dl_procedure_document AS same
                  LEFT JOIN waiting ON waiting.id = same.id
                 WHERE same.id = document.id
                   AND document.waiting_count IS DISTINCT FROM COALESCE(waiting.cases, 0)
                RETURNING document.id
                """,
                open=OPEN_STATES,
                since=fields.Datetime.subtract(fields.Datetime.now(), days=_RECENT_DAYS),
            )
        )
        self.invalidate_model(["waiting_count"])


class KhoDLResultCode(models.Model):
    _inherit = "kho.dl.result.code"

    @api.model_create_multi
    def create(self, vals_list):
        codes = super().create(vals_list)
        self.env["kho.dl.procedure.document"]._forget_candidates()
        return codes

    def write(self, vals):
        read = [field for field in ("name", "active") if field in vals]
        is_new = any(code[field] != vals[field] for code in self for field in read)
        result = super().write(vals)
        if is_new:
            self.env["kho.dl.procedure.document"]._forget_candidates()
        return result
