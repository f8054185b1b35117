from odoo import api, models
from odoo.exceptions import AccessError

from .kho_dl_guarded import check_links


class KhoDLRecorded(models.AbstractModel):
    """A record with fields that only our own code writes: nobody types them, and no default fills them in."""

    _name = "kho.dl.recorded"
    _description = "Record with fields that are recorded"

    @api.model
    def _recorded_fields(self):
        """Return the names of the fields that only our own code writes."""
        return frozenset()

    @api.model
    def default_get(self, fields):
        # A default in a caller's context, or kept by a user, is typed in, too; a foreign one is refused first.
        defaults, recorded = super().default_get(fields), self._recorded_fields()
        check_links(self, [{name: value for name, value in defaults.items() if name in recorded}])
        return {name: value for name, value in defaults.items() if name not in recorded}

    def _check_not_recorded(self, names):
        """Raise AccessError where somebody gives one of `names` that only our own code writes."""
        given = set() if self.env.su else self._recorded_fields() & set(names)
        if given:
            labels = (self._fields[name]._description_string(self.env) for name in sorted(given))
            raise AccessError(
                self.env._("This is recorded by the system and cannot be changed: %s.", ", ".join(labels))
            )
