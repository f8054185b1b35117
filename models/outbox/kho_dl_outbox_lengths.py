from odoo import api, fields, models


class KhoDLOutbox(models.Model):
    """What the portal takes only so long, and so was told in part; our own texts stay whole (wire §7)."""

    _inherit = "kho.dl.outbox"

    cut_fields = fields.Char(readonly=True, help="The portal's names of what was shortened, with commas.")
    cut_words = fields.Char("Shortened for the portal", compute="_compute_cut_words")

    @api.depends("cut_fields")
    @api.depends_context("lang")
    def _compute_cut_words(self):
        for row in self:
            row.cut_words = row._cut_in_words()

    def _cut_in_words(self):
        """Return what of these messages was shortened, for a clerk; False where nothing was."""
        labels = {
            "TrichYeuHoSo": self.env._("summary of the case"),
            "NguoiXuLy": self.env._("name of the officer"),
            "TenTepDinhKem": self.env._("name of a file"),
            "TenGiayTo": self.env._("name of a result"),
        }
        keys = dict.fromkeys(key for row in self if row.cut_fields for key in row.cut_fields.split(","))
        return ", ".join(labels.get(key, key) for key in keys) or False
