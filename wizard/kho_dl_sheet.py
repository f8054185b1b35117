from odoo import fields, models


class KhoDLSheet(models.AbstractModel):
    """A form that gives a table of figures: of an office with those below it, as far as the user works in them.

    Which of them the screen is switched to is nothing that the table could say, so it changes nothing.
    """

    _name = "kho.dl.sheet"
    _description = "Figures as a spreadsheet"
    _inherit = ["kho.dl.guarded"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)

    def _figures_of(self, model):
        """Return `model` for all offices of the user."""
        return self.env[model].with_context(allowed_company_ids=[])
