from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...protocol import channels
from ..case.kho_dl_case_document import OUTCOMES
from ..common.id_number_field import IdNumber
from ..common.request_time import longest_seconds
from .unused_answers import nothing_attached_of, nothing_used_of

# Longer than any call may take: two rounds of the longest timeout, and a login.
ABANDONED_AFTER = timedelta(minutes=30)


class KhoDLQuery(models.Model):
    """Journal: one row a question to the national store.

    The row is committed before the question leaves, so that the consent it rests on is on record
    whatever happens afterwards, and is closed by its outcome. A closed row never changes.
    """

    _name = "kho.dl.query"
    _description = "Question to the national store"
    _inherit = ["kho.dl.traced", "kho.dl.journal", "kho.dl.held.once", "kho.dl.missing.right"]
    _traced_by = "outcome"
    _order = "id desc"
    _rec_name = "procedure_code"

    asked_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Asked by", required=True, readonly=True, index=True, ondelete="restrict")
    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="restrict")
    procedure_id = fields.Many2one("kho.dl.procedure", required=True, readonly=True, ondelete="restrict")
    procedure_code = fields.Char(required=True, readonly=True)
    owner_id = fields.Many2one(
        "res.partner", "Applicant", required=True, readonly=True, index=True, ondelete="restrict"
    )
    owner_id_number = IdNumber("Applicant's id number", required=True, readonly=True, index=True)
    officer_id = fields.Many2one("res.users", "Receiving officer", readonly=True, ondelete="restrict")
    officer_name = fields.Char(readonly=True)
    officer_id_number = fields.Char(readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor")
    channel = fields.Selection(channels.SELECTION, required=True, readonly=True)
    codes = fields.Text("Codes asked", required=True, readonly=True, help="One code a line, with the number asked for.")
    # Auditors read the codes above: the catalogue is not theirs.
    result_code_ids = fields.Many2many(
        "kho.dl.result.code",
        string="Results asked",
        readonly=True,
        ondelete="restrict",
        groups="kho_dl.group_clerk",
    )
    # {document id as text: {"number": str, "codes": [str], and once closed "outcome": str}}
    asked = fields.Json("Documents asked for", readonly=True)
    consent_given = fields.Boolean(readonly=True)
    consent_user_id = fields.Many2one("res.users", "Consent confirmed by", readonly=True, ondelete="restrict")
    consent_on = fields.Datetime("Consent confirmed on", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True, index=True, help="Empty while the answer is awaited.")
    paper_count = fields.Integer("Papers found", readonly=True)
    error_kind = fields.Char(readonly=True)
    error_code = fields.Char(
        "Code of the error", readonly=True, help="As the other side, or what lies on the way, named it."
    )
    message = fields.Text(readonly=True)
    duration = fields.Float("Duration (s)", digits=(10, 3), readonly=True)
    # With the links to the files that were offered.
    answer = fields.Json(readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor", exportable=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    file_count = fields.Integer("Fetched files", compute="_compute_file_count")

    _chain_fields = (
        "asked_on",
        "user_id",
        "case_id",
        "procedure_id",
        "procedure_code",
        "officer_id",
        "channel",
        "consent_given",
        "consent_user_id",
        "consent_on",
        "outcome",
        "paper_count",
        "error_kind",
        "duration",
        "closed_on",
        "company_id",
        "trace_id",
        "far_id",
    )
    _payload_fields = (
        "owner_id_number",
        "officer_id_number",
        "officer_name",
        "codes",
        "asked",
        "answer",
        "message",
    )

    @api.depends("procedure_id.display_name", "procedure_code")
    def _compute_display_name(self):
        # sudo: whoever reads the row may know what its procedure is called; the catalogue is not the auditors'.
        for query in self:
            query.display_name = query.procedure_id.sudo().display_name or query.procedure_code

    def _compute_file_count(self):
        files = self.env["kho.dl.retrieval"]._read_group([("query_id", "in", self.ids)], ["query_id"], ["__count"])
        counts = {query.id: count for query, count in files}
        for query in self:
            query.file_count = counts.get(query.id, 0)

    def action_open_files(self):
        """Open the journal's files that were selected from the answers."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fetched files"),
            "res_model": "kho.dl.retrieval",
            "views": [(False, "list"), (False, "form")],
            "domain": [("query_id", "in", self.ids)],
        }

    def _is_closed(self):
        return bool(self.outcome)

    @api.model
    def _closed_domain(self):
        return Domain("outcome", "!=", False)

    @api.model
    def _unused_domain(self):
        return nothing_used_of("id")

    @api.model
    def _perhaps_unused_domain(self):
        return nothing_attached_of("id")

    @api.model
    def _close_abandoned(self):
        """Close the questions whose process died while it waited for the answer."""
        long_ago = fields.Datetime.now() - ABANDONED_AFTER
        # sudo: the journal is written by this code only.
        for query in self.sudo().search([("outcome", "=", False), ("asked_on", "<", long_ago)]):
            words = self.env._("The question was interrupted. Nothing is known of its answer: please ask again.")
            query.write(query._failure_values(query.asked or {}, "interrupted", words))

    def _is_awaited_for(self, document):
        """Whether the answer about a case document may still come: not of a question whose process died."""
        longest = min(longest_seconds(), ABANDONED_AFTER.total_seconds())
        is_young = fields.Datetime.now() - self.asked_on < timedelta(seconds=longest)
        return not self.outcome and is_young and str(document.id) in (self.asked or {})

    def _outcome_for(self, document):
        """Return what this query found out for a case document with its present number; False when nothing."""
        asked = (self.asked or {}).get(str(document.id), {})
        is_same_question = self.owner_id_number == document.case_id.owner_id_number and asked.get("number") == (
            document.paper_number or ""
        )
        return is_same_question and asked.get("outcome", False)

    def _answer_for(self, document):
        """Return the same, "no_file" where a paper is known and has no file."""
        outcome = self._outcome_for(document)
        # Rows of before have no word of it.
        if outcome == "found" and not self.asked[str(document.id)].get("has_file", True):
            return "no_file"
        return outcome
