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
    tries = fields.Integer(readonly=True, default=0)
    # The procedure as the list held it, until it is worked on; empty where it is to be asked for.
    payload = fields.Json(readonly=True)
    details = fields.Json(readonly=True)
    details_text = fields.Text("What changed", compute="_compute_details_text")
    error = fields.Char("Reason", readonly=True)
    company_id = fields.Many2one(related="sync_id.company_id", store=True, precompute=True, index=True)

    _waiting_idx = models.Index("(sync_id, tries, id) WHERE kind = 'waiting'")

    @api.depends("details", "error")
    @api.depends_context("lang")
    def _compute_details_text(self):
        for change in self:
            details = change.details or []
            words = [change._detail_words(*detail) for detail in details[:_MOST_DETAILS]]
            if len(details) > _MOST_DETAILS:
                words.append(self.env._("… and %s more", len(details) - _MOST_DETAILS))
            change.details_text = "\n".join(words) or change.error or False

    def _detail_words(self, what, old, new, where=""):
        """Return one detail, as `kho.dl.procedure._follow_catalogue` gives it, in words."""
        words = self._event_words(what, old, new, where)
        if words:
            return words
        label = self._label(what.removeprefix("kept_"), where)
        values = {"label": label, "old": old, "new": new}
        if what.startswith("kept_"):
            return self.env._(
                "%(label)s: changed here by hand and kept, “%(old)s” (the catalogue says “%(new)s”)", **values
            )
        if old and new:
            return self.env._("%(label)s: “%(old)s” is now “%(new)s”", **values)
        if new:
            return self.env._("%(label)s: new “%(new)s”", **values)
        return self.env._("%(label)s: no longer “%(old)s”", **values)

    def _event_words(self, what, old, new, where):
        values = {"old": old, "new": new}
        match what:
            case "back":
                return self.env._("In force again")
            case "kept":
                return self.env._("Changed here by hand and kept: “%(old)s” (the catalogue says “%(new)s”)", **values)
            case "document_new":
                return self.env._("New document: %(new)s", **values)
            case "document_gone":
                return self.env._("Document no longer asked for: %(old)s", **values)
            case "document":
                return self.env._("Document “%(old)s” is now “%(new)s”", **values)
            case "variants":
                return self.env._("Document “%s” is asked for in other circumstances", where)
            case "variant_new":
                return self.env._("New circumstances: %(new)s", **values)
            case "variant_gone":
                return self.env._("Circumstances that end: %(old)s", **values)
        return None

    def _label(self, what, where):
        names = {
            "name": self.env._("Name"),
            "sector": self.env._("Field"),
            "agencies": self.env._("Carried out by"),
            "results": self.env._("Results issued"),
            "document": self.env._("Document"),
            "document_part": self.env._("Document"),
            "code": self.env._("Document code"),
            "form_name": self.env._("Name of the form"),
            "form_url": self.env._("Address of the form"),
        }
        label = names.get(what, what)
        return self.env._("Document “%(document)s”, %(label)s", document=where, label=label) if where else label
