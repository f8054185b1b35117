from odoo import Command, fields, models

from .catalogue_content import DOCUMENT_FIELDS, merge_value
from .catalogue_pairs import pair_documents


class KhoDLProcedure(models.Model):
    """How the documents of a procedure follow the national catalogue."""

    _inherit = "kho.dl.procedure"

    def _document_values(self, document):
        """Return the values of a new document for `document` of the catalogue."""
        return {
            "procedure_id": self.id,
            "catalogue_key": document.key,
            **{name: getattr(document, name) for name in DOCUMENT_FIELDS},
            "name": document.name or document.code,
            "variant_ids": [Command.set(self._variants(document.variants).ids)],
        }

    def _variants(self, names):
        return self.variant_ids._named(names)

    def _merge_documents(self, base, documents, details):
        """Bring the documents to `documents`; `base` is {key: what the catalogue said of each last}."""
        records = self.with_context(active_test=False).document_ids
        pairs = pair_documents(records, documents, base, self.env["kho.dl.abbreviation"]._vocabulary())
        paired = records.browse().union(*pairs.values())
        for record in records - paired:
            if record.active and record.catalogue_key in base:
                record.active = False
                details.append(["document_gone", record.name, ""])
        bases = {record: base.get(record.catalogue_key) for record in paired}
        # A key that moves from one document to another must be nobody's in between.
        wanted = {document.key for document in documents}
        records.filtered(
            lambda record: record.catalogue_key in wanted and pairs.get(record.catalogue_key) != record
        ).catalogue_key = False
        self.env["kho.dl.procedure.document"].flush_model(["catalogue_key"])
        new = [document for document in documents if document.key not in pairs]
        for document in documents:
            if document.key in pairs:
                record = pairs[document.key]
                record._follow(bases[record], document, details)
        self.env["kho.dl.procedure.document"].create([self._document_values(document) for document in new])
        details += [["document_new", "", document.name or document.code] for document in new]


class KhoDLProcedureDocument(models.Model):
    _inherit = "kho.dl.procedure.document"

    catalogue_key = fields.Char(readonly=True, copy=False)

    _catalogue_key_uniq = models.UniqueIndex(
        "(procedure_id, catalogue_key) WHERE catalogue_key IS NOT NULL", "The catalogue's document stands here already."
    )

    def _follow(self, base, document, details):
        """Bring this document to `document` of the catalogue; `base` is what the catalogue said of it last, or None."""
        values = {} if self.catalogue_key == document.key else {"catalogue_key": document.key}
        if not self.active and base is None:
            values["active"] = True
            details.append(["document_new", "", document.name])
        said, where = base or {}, [self.name]
        if document.name:
            name = "" if self.name == self.code else self.name
            merge_value(name, said.get("name"), document.name, "name", values, details, "document")
        if document.code:
            # A code that somebody typed before the first run was never the catalogue's: nothing was changed by hand.
            notes = details if base else []
            # A day without a code is no change of it.
            said_code = said.get("code") or (self.code if base else None)
            merge_value(self.code or "", said_code, document.code, "code", values, notes, where=where)
        for name in ("form_name", "form_url"):
            wanted = getattr(document, name)
            merge_value(self[name] or "", said.get(name), wanted, name, values, details, where=where)
        if sorted(said.get("variants", [])) != sorted(document.variants):
            variants = self.procedure_id._variants(document.variants)
            if variants != self.variant_ids:
                values["variant_ids"] = [Command.set(variants.ids)]
                details.append(["variants", "", "", *where])
        if values:
            self.write(values)
