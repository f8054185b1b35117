from odoo import Command, api, fields, models

# What the catalogue says of a document, by our fields; `variants` besides.
_DOCUMENT_FIELDS = ("code", "name", "form_name", "form_url")


class KhoDLProcedure(models.Model):
    """How procedures follow the national catalogue: what people changed, added or mapped here stays theirs.

    `catalogue` is what the catalogue said last. What differs from it was changed by hand and is kept; what is like it
    follows.
    """

    _inherit = "kho.dl.procedure"

    in_catalogue = fields.Boolean("Stands in the national catalogue", readonly=True, copy=False, index=True)
    catalogue = fields.Json(readonly=True, copy=False)

    @api.model
    def _follow_catalogue(self, company, procedures):
        """Bring procedures of `company` to `procedures`, of `protocol.catalogue`.

        Returns {code: (procedure, kind, details)}: kind is "new", "changed" or "unchanged"; details are
        [what, old, new], for `kho.dl.catalogue.change`.
        """
        known = self._known_names(procedures)
        stored = self._stored(company, [procedure.code for procedure in procedures])
        outcomes = {}
        new = []
        for procedure in procedures:
            record = stored.get(procedure.code)
            if not record:
                new.append(procedure)
            elif record.in_catalogue and record.catalogue == _content(procedure):
                outcomes[procedure.code] = (record, "unchanged", [])
            else:
                details = record._merge(procedure, known)
                outcomes[procedure.code] = (record, "changed" if details else "unchanged", details)
        for record in self._make(company, new, known):
            outcomes[record.code] = (record, "new", [])
        return outcomes

    @api.model
    def _not_named(self, company, codes):
        """Return what the catalogue of `company` named once and does not name among `codes`."""
        return self.search([("in_catalogue", "=", True), ("company_id", "=", company.id), ("code", "not in", codes)])

    def _leave_catalogue(self):
        self.write({"active": False, "in_catalogue": False})

    @api.model
    def _stored(self, company, codes):
        """Return {code: procedure} of what `company` has, its own before what all companies share."""
        domain = [("code", "in", codes), ("company_id", "in", [company.id, False])]
        records = self.with_context(active_test=False).search(domain)
        shared = {record.code: record for record in records if not record.company_id}
        return {**shared, **{record.code: record for record in records if record.company_id}}

    @api.model
    def _known_names(self, procedures):
        """Make the fields, agencies and results that `procedures` name; return {kind: {code: record}}."""
        parts = {"sectors": "kho.dl.sector", "agencies": "kho.dl.agency", "results": "kho.dl.result.code"}
        return {
            kind: self.env[model]._follow_names(
                {part.code: {"name": part.name} for procedure in procedures for part in getattr(procedure, kind)}
            )
            for kind, model in parts.items()
        }

    @api.model
    def _make(self, company, procedures, known):
        records = self.create(
            [
                {
                    "code": procedure.code,
                    "name": procedure.name,
                    "company_id": company.id,
                    "sector_id": known["sectors"][procedure.sectors[0].code].id if procedure.sectors else False,
                    "agency_ids": [Command.set([known["agencies"][part.code].id for part in procedure.agencies])],
                    "result_code_ids": [Command.set([known["results"][part.code].id for part in procedure.results])],
                    "variant_ids": [Command.create({"name": name}) for name in procedure.variants],
                    "in_catalogue": True,
                    "catalogue": _content(procedure),
                }
                for procedure in procedures
            ]
        )
        pairs = list(zip(records, procedures, strict=True))
        self.env["kho.dl.procedure.document"].create(
            [record._document_values(document) for record, procedure in pairs for document in procedure.documents]
        )
        return records

    def _document_values(self, document):
        return {
            "procedure_id": self.id,
            "catalogue_key": document.key,
            **{name: getattr(document, name) for name in _DOCUMENT_FIELDS},
            "variant_ids": [Command.set(self._variants(document.variants).ids)],
        }

    def _variants(self, names):
        return self.variant_ids.filtered(lambda variant: variant.name in names)

    # -- what is there already ---------------------------------------------------------------------

    def _merge(self, procedure, known):
        """Bring this procedure to `procedure`; return the details of what changed or was kept."""
        base, wanted = self.catalogue or {}, _content(procedure)
        details = []
        values = {"in_catalogue": True, "catalogue": wanted}
        if not self.in_catalogue and base and not self.active:
            values["active"] = True
            details.append(["back", "", ""])
        _merge_value(self.name, base.get("name"), wanted["name"], "name", values, details)
        sector = known["sectors"][wanted["sector"]] if wanted["sector"] else self.env["kho.dl.sector"]
        current, merged, notes = self.sector_id, {}, []
        _merge_value(current.code or "", base.get("sector", ""), wanted["sector"], "sector", merged, notes)
        if merged:
            values["sector_id"] = sector.id
        details += [[what, current.name or "", sector.name or ""] for what, _old, _new in notes]
        for kind, field_name in (("agencies", "agency_ids"), ("results", "result_code_ids")):
            commands = _merge_links(self[field_name], base.get(kind, []), known[kind], wanted[kind], kind, details)
            if commands:
                values[field_name] = commands
        self._merge_variants(base.get("variants", []), procedure.variants, details)
        self.write(values)
        self._merge_documents(base.get("documents", {}), procedure.documents, details)
        return details

    def _merge_variants(self, base, names, details):
        stored = {variant.name: variant for variant in self.with_context(active_test=False).variant_ids}
        for name in names:
            if name not in stored:
                details.append(["variant_new", "", name])
            elif not stored[name].active and name not in base:
                stored[name].active = True
        for name in set(base) - set(names):
            if name in stored and stored[name].active:
                stored[name].active = False
                details.append(["variant_gone", name, ""])
        self.variant_ids = [Command.create({"name": name}) for name in names if name not in stored]

    def _merge_documents(self, base, documents, details):
        records = self.with_context(active_test=False).document_ids
        by_key = {record.catalogue_key: record for record in records if record.catalogue_key}
        unknown = [document for document in documents if document.key not in by_key]
        by_key |= _pairs([record for record in records if not record.catalogue_key], unknown)
        new = []
        for document in documents:
            record = by_key.pop(document.key, None)
            if record:
                record._merge(base.get(document.key), document, details)
            else:
                new.append(self._document_values(document))
                details.append(["document_new", "", document.name])
        for key, record in by_key.items():
            if key in base and record.active:
                record.active = False
                details.append(["document_gone", record.name, ""])
        self.env["kho.dl.procedure.document"].create(new)


class KhoDLProcedureDocument(models.Model):
    _inherit = "kho.dl.procedure.document"

    catalogue_key = fields.Char(readonly=True, copy=False)

    _catalogue_key_uniq = models.UniqueIndex(
        "(procedure_id, catalogue_key) WHERE catalogue_key IS NOT NULL", "The catalogue's document stands here already."
    )

    def _merge(self, base, document, details):
        """Bring this document to `document` of the catalogue; `base` is what the catalogue said of it last, or None."""
        values = {} if self.catalogue_key else {"catalogue_key": document.key}
        if not self.active and base is None:
            values["active"] = True
            details.append(["document_new", "", document.name])
        for name in _DOCUMENT_FIELDS:
            what = "document" if name == "name" else "document_part"
            _merge_value(self[name] or "", (base or {}).get(name), getattr(document, name), name, values, details, what)
        if sorted((base or {}).get("variants", [])) != sorted(document.variants):
            wanted = self.procedure_id._variants(document.variants)
            if wanted != self.variant_ids:
                values["variant_ids"] = [Command.set(wanted.ids)]
                details.append(["document_part", self.name, document.name])
        if values:
            self.write(values)


def _merge_value(current, base, wanted, name, values, details, what=None):
    """Put `wanted` into `values` unless `current` is that already, or was changed by hand since `base`."""
    if current == wanted:
        return
    # An empty value is nobody's; and what the catalogue says as before was answered before.
    if current in (base, "", False):
        values[name] = wanted
        details.append([what or name, current or "", wanted])
    elif base != wanted:
        details.append(["kept", current, wanted])


def _merge_links(current, base, known, wanted, what, details):
    """Return the commands for what is new in, and what went from, the catalogue's `wanted` since `base`."""
    codes = set(current.mapped("code"))
    added = [code for code in wanted if code not in base and code not in codes]
    removed = current.filtered(lambda record: record.code in base and record.code not in wanted)
    details += [[what, "", known[code].name] for code in added]
    details += [[what, record.name, ""] for record in removed]
    return [
        *(Command.link(known[code].id) for code in added),
        *(Command.unlink(record.id) for record in removed),
    ]


def _pairs(records, documents):
    """Return {key of the catalogue's document: that one of `records` that is the same}.

    Whoever typed procedures before the first run gave documents codes of their own: then the name tells.
    """
    pairs, left = {}, list(records)
    for tells in (_has_same_code, _has_same_name):
        for document in documents:
            record = next((record for record in left if tells(record, document)), None)
            if record and document.key not in pairs:
                pairs[document.key] = record
                left.remove(record)
    return pairs


def _has_same_code(record, document):
    return record.code and record.code == document.code


def _has_same_name(record, document):
    return _plain(record.name) == _plain(document.name)


def _plain(name):
    return " ".join(name.split()).casefold()


def _content(procedure):
    """Return what the catalogue says of `procedure`, as it is kept to tell changes by hand from its own."""
    return {
        "name": procedure.name,
        "sector": procedure.sectors[0].code if procedure.sectors else "",
        "agencies": [part.code for part in procedure.agencies],
        "results": [part.code for part in procedure.results],
        "variants": list(procedure.variants),
        "documents": {
            document.key: {
                **{name: getattr(document, name) for name in _DOCUMENT_FIELDS},
                "variants": list(document.variants),
            }
            for document in procedure.documents
        },
    }
