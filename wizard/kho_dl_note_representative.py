from datetime import timedelta

from odoo import fields, models


class KhoDLNoteRepresentative(models.TransientModel):
    """Asks at the counter who represents a business by law, and which paper shows it."""

    _name = "kho.dl.note.representative"
    _description = "Note the lawful representative"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "organisation_id"

    organisation_id = fields.Many2one("res.partner", "Business", required=True, ondelete="cascade")
    person_id = fields.Many2one(
        "res.partner",
        "Lawful representative",
        required=True,
        ondelete="cascade",
        help="Whose card you have seen, with the number on this contact.",
    )
    paper_seen = fields.Char(
        "Paper seen", required=True, help="The registration certificate, or the decision that names the representative."
    )
    until = fields.Date(
        required=True,
        default=lambda self: self.env["kho.dl.mandate"]._today() + timedelta(days=365),
        help="The last day, at most five years from now.",
    )

    def action_note(self):
        """Keep in the journal that this person may act for the business, and name others for it."""
        self.ensure_one()
        self.env["kho.dl.mandate"]._note_lawful(self.organisation_id, self.person_id, self.until, self.paper_seen)
        return self.organisation_id.action_kho_dl_mandates()
