from odoo import api, models


class KhoDLCached(models.AbstractModel):
    """Few rows, read by nearly every request: what `ormcache` keeps of them goes whenever one of them changes."""

    _name = "kho.dl.cached"
    _description = "Rows that are kept in memory"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._forget_kept()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self._forget_kept()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_kept()
        return result

    def _forget_kept(self):
        # With it goes what Odoo keeps itself: not for nothing, as where a directory is read that has not changed.
        if self:
            self.env.registry.clear_cache()
