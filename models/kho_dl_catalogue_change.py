from odoo import api, fields, models

_MOST_DETAILS = 20


class KhoDLCatalogueChange(models.Model):
    """What one run of `kho.dl.catalogue.sync` did to one procedure; waiting rows are the run's work still to do."""

    _name = "kho.dl.catalogue.change"
    _description = "Change of the catalogue"
    _order = "sync_id desc, id"
    _rec_name = "code"

    sync_id = fields.Many2one("kho.dl.catalogue.sync", required=True, readonly=True, index=True, ondelete="cascade")
    code = fields.Char("Procedure code", required=True, readonly=True)
    name = fields.Char("Name of the procedure", readonly=True)
    procedure_id = fields.Many2one("kho.dl.procedure", readonly=True, index="btree_not_null", ondelete="set null")
    kind = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("new", "New"),
            ("changed", "Changed"),
            ("gone", "Gone"),
            ("unchanged", "Unchanged"),
            ("failed", "Could not be read"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    # The procedure as the list held it, until it is worked on; empty where it is to be asked for.
    payload = fields.Json(readonly=True)
    details = fields.Json(readonly=True)
    details_text = fields.Text("What changed", compute="_compute_details_text")
    error = fields.Char("Reason", readonly=True)
    company_id = fields.Many2one(related="sync_id.company_id", store=True, index=True)

    _waiting_idx = models.Index("(sync_id, id) WHERE kind = 'waiting'")

    @api.depends("details", "error")
    @api.depends_context("lang")
    def _compute_details_text(self):
        for change in self:
            details = change.details or []
            words = [change._detail_words(*detail) for detail in details[:_MOST_DETAILS]]
            if len(details) > _MOST_DETAILS:
                words.append(self.env._("… and %s more", len(details) - _MOST_DETAILS))
            change.details_text = "\n".join(words) or change.error or False

    def _detail_words(self, what, old, new):
        values = {"old": old, "new": new}
        names = {
            "name": self.env._("Name"),
            "sector": self.env._("Field"),
            "agencies": self.env._("Carried out by"),
            "results": self.env._("Results issued"),
            "document_part": self.env._("Document"),
        }
        if what == "back":
            return self.env._("In force again")
        if what == "kept":
            return self.env._("Changed here by hand and kept: “%(old)s” (the catalogue says “%(new)s”)", **values)
        if what == "document_new":
            return self.env._("New document: %(new)s", **values)
        if what == "document_gone":
            return self.env._("Document no longer asked for: %(old)s", **values)
        if what == "document":
            return self.env._("Document “%(old)s” is now “%(new)s”", **values)
        if what == "variant_new":
            return self.env._("New circumstances: %(new)s", **values)
        if what == "variant_gone":
            return self.env._("Circumstances that end: %(old)s", **values)
        label = names.get(what, what)
        if old and new:
            return self.env._("%(label)s: “%(old)s” is now “%(new)s”", label=label, **values)
        if new:
            return self.env._("%(label)s: new “%(new)s”", label=label, **values)
        return self.env._("%(label)s: no longer “%(old)s”", label=label, **values)
