import hashlib

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..models.common.uploads import content_of


class KhoDLCompareFile(models.TransientModel):
    """Tells whether a file in dispute is one of those on a case, by its content alone.

    Works the same without a browser: create it with `case_id` and `file`, call `action_compare()`, read `outcome`.
    """

    _name = "kho.dl.compare.file"
    _description = "Compare a file"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, ondelete="cascade")
    # Not among the attachments: it is looked at and forgotten.
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    sha256 = fields.Char("SHA-256", readonly=True)
    outcome = fields.Selection([("same", "One of this case"), ("other", "None of this case")], readonly=True)
    message = fields.Text(readonly=True)
    retrieval_id = fields.Many2one("kho.dl.retrieval", "Row of the journal", readonly=True, ondelete="cascade")

    def action_compare(self):
        """Compare the file with what was fetched for the case and with what stands on it; the form shows the result."""
        self.ensure_one()
        self.case_id.check_access("read")
        content = content_of(self.file)
        if not content:
            raise UserError(self.env._("Choose the file that should be compared."))
        sha256 = hashlib.sha256(content).hexdigest()
        row = self._fetched(sha256)
        message = self._words_fetched(row) if row else self._words_attached(content)
        message = "\n".join(filter(None, [message, self._words_taken_off(sha256)]))
        self.write(
            {
                "file": False,
                "sha256": sha256,
                "retrieval_id": row.id,
                "outcome": "same" if message else "other",
                "message": message or self.env._("This file is none of those on this case."),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare a file"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _fetched(self, sha256):
        domain = [("case_id", "=", self.case_id.id), ("state", "=", "done"), ("sha256", "=", sha256)]
        return self.env["kho.dl.retrieval"].search(domain, order="id", limit=1)

    def _words_fetched(self, row):
        return self.env._(
            "This is the file that came from %(agency)s on %(date)s for “%(document)s”. "
            "It stands in the journal at position %(position)s.",
            agency=row.agency_name or row.agency_code or "?",
            date=format_datetime(self.env, row.closed_on),
            document=row.case_document_id.name,
            position=row.chain_position or "–",
        )

    def _words_taken_off(self, sha256):
        # sudo: who works on the case may know that this very file was on it; the journal's row stays closed to them.
        decisions = self.env["kho.dl.file.decision"].sudo()
        domain = [("case_id", "=", self.case_id.id), ("kind", "=", "taken_off"), ("sha256", "=", sha256)]
        row = decisions.search(domain, limit=1)
        return row and self.env._(
            "This file was taken off “%(document)s” on %(date)s.",
            document=row.document_name,
            date=format_datetime(self.env, row.decided_on),
        )

    def _words_attached(self, content):
        """Return in words which file of the case has this content; False when none."""
        for document in self.case_id.document_ids:
            for attachment in document.attachment_ids:
                # The size first: it spares reading most files.
                if attachment.file_size == len(content) and attachment.raw == content:
                    return self.env._(
                        "This is the file that stands on this case under “%(document)s” since %(date)s.",
                        document=document.name,
                        date=format_datetime(self.env, attachment.create_date),
                    )
        return False
