from odoo import api, fields, models, tools

from .mapping_match import Vocabulary


class KhoDLAbbreviation(models.Model):
    """What offices write short in names of documents, and what they write that says nothing about the paper."""

    _name = "kho.dl.abbreviation"
    _description = "Abbreviation in names of documents"
    _inherit = ["kho.dl.guarded"]
    _order = "short"
    _rec_name = "short"

    short = fields.Char("Written", required=True, help="e.g. LLTP, or “bản sao”")
    full = fields.Char("Means", help="e.g. lý lịch tư pháp. Empty: says nothing about the paper and is left out.")
    active = fields.Boolean(default=True)

    _short_uniq = models.UniqueIndex("(lower(short))", "This abbreviation stands here already.")

    @api.model
    @tools.ormcache()
    def _vocabulary(self):
        # sudo: how names are read is the same for everybody.
        return Vocabulary({one.short: one.full or "" for one in self.sudo().search([])})

    @api.model
    def _changed(self):
        self.env.registry.clear_cache()
        self.env["kho.dl.procedure.document"]._forget_candidates()

    @api.model_create_multi
    def create(self, vals_list):
        abbreviations = super().create(vals_list)
        self._changed()
        return abbreviations

    def write(self, vals):
        result = super().write(vals)
        self._changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._changed()
        return result
