from odoo import api, models

_IS_FORGOTTEN = "kho_dl.is_forgotten"


class KhoDLCached(models.AbstractModel):
    """Rows that change seldom and are asked for often: what `ormcache` keeps of them goes whenever one of them changes."""

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
        if not self:
            return
        forget, cr = self.env.registry.clear_cache, self.env.cr
        forget()
        if not cr.postcommit.data.get(_IS_FORGOTTEN):
            # Meanwhile other threads keep what stood there before, and this one what may come to nothing.
            cr.postcommit.data[_IS_FORGOTTEN] = True
            cr.postcommit.add(forget)
            cr.postrollback.add(forget)
