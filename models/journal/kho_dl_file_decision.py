import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..case.kho_dl_case_document import SOURCES


class KhoDLFileDecision(models.Model):
    """Journal: one row a file that somebody took off a case, or left there although it was fetched for another number.

    What is taken off is kept here for the proof: out of reach of those who work on the case, until the personal data of
    the row is emptied.
    """

    _name = "kho.dl.file.decision"
    _description = "Decision about a file"
    _inherit = ["kho.dl.journal", "kho.dl.held.once"]
    _order = "id desc"
    _rec_name = "file_name"

    kind = fields.Selection(
        [("taken_off", "Taken off"), ("stays", "Stays on the case")], "Decision", required=True, readonly=True
    )
    decided_on = fields.Datetime("Decided on", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Decided by", required=True, readonly=True, index=True, ondelete="restrict")
    reason = fields.Text(readonly=True, help="Empty where another application removed the file without a word.")
    # A case that nobody was asked about can be deleted; the row stays, and tells by its own words which one it was.
    case_id = fields.Many2one("kho.dl.case", readonly=True, index=True, ondelete="set null")
    case_name = fields.Char("Case number", required=True, readonly=True)
    case_document_id = fields.Many2one("kho.dl.case.document", readonly=True, index=True, ondelete="set null")
    document_name = fields.Char("Document", required=True, readonly=True)
    file_name = fields.Char("File", required=True, readonly=True)
    sha256 = fields.Char("SHA-256", required=True, readonly=True, index=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    source = fields.Selection(SOURCES, "From", readonly=True)
    fetched_for = fields.Char("Fetched for the number", readonly=True)
    retrieval_id = fields.Many2one(
        "kho.dl.retrieval", "Fetched by", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    attachment_id = fields.Many2one(
        "ir.attachment", "Kept file", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = (
        "kind",
        "decided_on",
        "user_id",
        "case_name",
        "document_name",
        "sha256",
        "size",
        "source",
        "retrieval_id",
        "closed_on",
        "company_id",
    )
    _payload_fields = ("file_name", "reason", "fetched_for")

    def _is_closed(self):
        return bool(self.closed_on)

    def action_open_file(self):
        """Return the action that shows the file that was taken off; who may not read it gets Odoo's own answer."""
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("This file is not kept any more, or never left its case."))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}", "target": "new"}

    @api.model
    def _note(self, kind, decided, reason):
        """Write one row a file of `decided`, {document: attachments}, and return the rows; of what is "taken_off" a copy
        is kept with each.
        """
        # sudo: the journal is written by this code only, and knows files that the user may not read any more.
        journal = self.sudo()
        pairs = [(document.sudo(), file) for document, files in decided.items() for file in files.sudo()]
        retrievals = (
            self.env["kho.dl.retrieval"]
            .sudo()
            .search([("attachment_id", "in", [file.id for _document, file in pairs])])
        )
        fetched_by = {row.attachment_id: row for row in retrievals}
        rows = journal.create([self._prepare(kind, *pair, fetched_by, reason) for pair in pairs])
        if kind == "taken_off":
            rows._keep_copies([file for _document, file in pairs])
        rows.write({"closed_on": fields.Datetime.now()})
        return rows

    def _prepare(self, kind, document, attachment, fetched_by, reason):
        # A browser may ask for sizes in place of contents.
        content = attachment.with_context(bin_size=False).raw or b""
        check = document.check_ids.filtered(lambda check: check.attachment_id == attachment)[:1]
        return {
            "kind": kind,
            "user_id": self.env.uid,
            "reason": (reason or "").strip() or False,
            "case_id": document.case_id.id,
            "case_name": document.case_id.name,
            "case_document_id": document.id,
            "document_name": document.name,
            "file_name": attachment.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "source": self._source(attachment, document.recorded_attachment_ids, fetched_by),
            "fetched_for": check.fetched_for,
            "retrieval_id": fetched_by[attachment].id if attachment in fetched_by else False,
            "company_id": document.company_id.id,
        }

    @staticmethod
    def _source(attachment, recorded, fetched_by):
        if attachment in fetched_by:
            return "national"
        return "local" if attachment in recorded else "upload"

    def _keep_copies(self, attachments):
        """Keep a copy of each of `attachments`, in the order of these rows, out of reach of those who work on the case."""
        files = self.env["ir.attachment"].browse(file.id for file in attachments)
        for row, copy in zip(self, files._copy_to(self), strict=True):
            row.attachment_id = copy

    def _empty_payload(self):
        kept = self.attachment_id
        result = super()._empty_payload()
        self._write_below_the_guard({"attachment_id": False})
        kept.unlink()
        return result


class KhoDLCase(models.Model):
    """What left a case, for those who read the journal."""

    _inherit = "kho.dl.case"

    decision_ids = fields.One2many(
        "kho.dl.file.decision",
        "case_id",
        "Decisions about files",
        readonly=True,
        groups="kho_dl.group_administrator,kho_dl.group_auditor",
    )
    decision_count = fields.Integer(
        "Files taken off", compute="_compute_decision_count", groups="kho_dl.group_administrator,kho_dl.group_auditor"
    )

    @api.depends("decision_ids")
    def _compute_decision_count(self):
        for case in self:
            case.decision_count = len(case.decision_ids)

    def action_view_decisions(self):
        """Open what was decided about the files of this case."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Files taken off"),
            "res_model": "kho.dl.file.decision",
            "view_mode": "list,form",
            "domain": [("case_id", "=", self.id)],
        }
