from odoo import api, fields, models
from odoo.fields import Domain

# So many records may end between two runs, or this share of all; more look like an answer that was cut off.
_FEW_GONE, _SHARE_GONE = 20, 0.1


def is_too_many_gone(gone, all_of_them):
    """Tell whether `gone` of `all_of_them` (counts) are too many to have ended since the last run."""
    return gone > max(_FEW_GONE, _SHARE_GONE * all_of_them)


class KhoDLCatalogued(models.AbstractModel):
    """A record with a code that the national catalogue names; a name that people changed here stays theirs."""

    _name = "kho.dl.catalogued"
    _description = "Record of the national catalogue"
    _inherit = ["kho.dl.coded"]

    # The field of `kho.dl.procedure` that names these records.
    _procedure_field = None

    active = fields.Boolean(default=True)
    catalogue_name = fields.Char("Name in the national catalogue", readonly=True, copy=False)
    in_catalogue = fields.Boolean("Stands in the national catalogue", readonly=True, copy=False)

    @api.model
    def _follow_names(self, entries, renamed=None):
        """Bring the records to `entries`, {code: values with a name, "" where none is said}; return {code: record}.

        `renamed` are the codes whose name is news, None for all: what a procedure says of an agency in passing, as
        ever, is no reason to change the name that the list of agencies gives it.
        """
        # sudo: the catalogue is the nation's, not the rights of whoever asks for it.
        records = self.sudo().with_context(active_test=False)
        stored = {record.code: record for record in records.search([("code", "in", list(entries))])}
        for code, record in stored.items():
            is_news = renamed is None or code in renamed or record.name == code
            record._follow_name(entries[code] if is_news else {})
        missing = {code: values for code, values in entries.items() if code not in stored}
        made = records.create(
            [
                {
                    **values,
                    "name": values["name"] or code,
                    "code": code,
                    "catalogue_name": values["name"] or code,
                    "in_catalogue": True,
                }
                for code, values in missing.items()
            ]
        )
        stored.update({record.code: record for record in made})
        return stored

    @api.model
    def _follow_list(self, entries):
        """Bring the records to the whole list `entries`, as in `_follow_names`; archive what it names no more.

        What procedures of the catalogue still name stays, and all where too many would go.
        """
        self._follow_names(entries)
        named = self.env["kho.dl.procedure"].sudo()._read_group([("in_catalogue", "=", True)], [self._procedure_field])
        used = [record.id for [record] in named]
        # sudo: as in `_follow_names`. What is archived already was so by hand, and is left.
        records = self.sudo()
        standing = Domain("in_catalogue", "=", True)
        gone = records.search(standing & Domain("code", "not in", list(entries)) & Domain("id", "not in", used))
        if not is_too_many_gone(len(gone), records.search_count(standing)):
            gone.write({"active": False, "in_catalogue": False})

    def _follow_name(self, values):
        name = values.get("name")
        changes = {field: value for field, value in values.items() if field != "name" and self[field] != value}
        if name and self.catalogue_name != name:
            changes["catalogue_name"] = name
            if self.name in (self.catalogue_name, self.code):
                changes["name"] = name
        if not self.in_catalogue:
            # What vanished once and is back is used again; what somebody archived stays so.
            changes.update({"in_catalogue": True, **({"active": True} if self.catalogue_name else {})})
        if changes:
            self.write(changes)
