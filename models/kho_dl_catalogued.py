from odoo import api, fields, models


class KhoDLCatalogued(models.AbstractModel):
    """A record with a code that the national catalogue names; a name that people changed here stays theirs."""

    _name = "kho.dl.catalogued"
    _description = "Record of the national catalogue"
    _inherit = ["kho.dl.coded"]

    active = fields.Boolean(default=True)
    catalogue_name = fields.Char("Name in the national catalogue", readonly=True, copy=False)
    in_catalogue = fields.Boolean("Stands in the national catalogue", readonly=True, copy=False)

    @api.model
    def _follow_names(self, entries, is_whole=False):
        """Bring the records to `entries`, {code: values with a name}; return {code: record}.

        `is_whole`: what the catalogue named once and names no more is archived.
        """
        # sudo: the catalogue is the nation's, not the rights of whoever asks for it.
        records = self.sudo().with_context(active_test=False)
        stored = {record.code: record for record in records.search([("code", "in", list(entries))])}
        for code, record in stored.items():
            record._follow_name(entries[code])
        missing = {code: values for code, values in entries.items() if code not in stored}
        made = records.create(
            [
                {**values, "code": code, "catalogue_name": values["name"], "in_catalogue": True}
                for code, values in missing.items()
            ]
        )
        stored.update({record.code: record for record in made})
        if is_whole:
            records.search([("in_catalogue", "=", True), ("code", "not in", list(entries))]).write(
                {"active": False, "in_catalogue": False}
            )
        return stored

    def _follow_name(self, values):
        name = values["name"]
        changes = {field: value for field, value in values.items() if field != "name" and self[field] != value}
        if self.catalogue_name != name:
            changes["catalogue_name"] = name
            if self.name in (self.catalogue_name, self.code):
                changes["name"] = name
        if not self.in_catalogue:
            # What vanished once and is back is used again; what somebody archived stays so.
            changes.update({"in_catalogue": True, **({"active": True} if self.catalogue_name else {})})
        if changes:
            self.write(changes)
