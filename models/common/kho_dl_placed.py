from odoo import api, models

from .kho_dl_guarded import as_id


class KhoDLPlaced(models.AbstractModel):
    """A row that has fields of what it hangs on: they are read there as the row is made.

    Odoo makes a record in memory of each new row for that, and computes each field of it apart, which a clerk waits for.
    """

    _name = "kho.dl.placed"
    _description = "Row with fields of what it hangs on"

    # {computed field: where its value stands as a row is made}, besides the related ones.
    _placed_by = {}

    @api.model
    def _add_precomputed_values(self, vals_list):
        related = {name: field.related for name, field in self._fields.items() if field.precompute and field.related}
        for name, path in {**related, **self._placed_by}.items():
            link, _dot, there = path.partition(".")
            # Where the link itself is still to be computed, Odoo does both.
            rows = [vals for vals in vals_list if name not in vals and (link in vals or not self._fields[link].compute)]
            if there in self.env[self._fields[link].comodel_name]._fields:
                self._add_placed(name, link, there, rows)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _add_placed(self, name, link, there, vals_list):
        """Add to `vals_list` the values of the field `name`, which is `there` on what the field `link` names."""
        ids = [as_id(vals.get(link)) for vals in vals_list]
        # sudo: as Odoo reads related fields.
        places = self.env[self._fields[link].comodel_name].sudo().browse(filter(None, ids))
        for place_id, vals in zip(ids, vals_list, strict=True):
            place = places.browse(place_id or ()).with_prefetch(places.ids)
            vals[name] = self._fields[name].convert_to_write(place[there], self)
