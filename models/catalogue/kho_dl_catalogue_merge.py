from odoo import Command, api, fields, models
from odoo.fields import Domain

from ...protocol.catalogue import without_suffix
from .catalogue_content import NAMED_PARTS, content, merge_links, merge_value, names_in


class KhoDLProcedure(models.Model):
    """How procedures follow the national catalogue: what people changed, added or mapped here stays theirs.

    `catalogue` is what the catalogue said last. What differs from it was changed by hand and is kept; what is like it
    follows; what the catalogue did not say this time stays as it is.
    """

    _inherit = "kho.dl.procedure"

    in_catalogue = fields.Boolean("Stands in the national catalogue", readonly=True, copy=False, index=True)
    catalogue = fields.Json(readonly=True, copy=False)

    @api.model
    def _follow_catalogue(self, company, procedures):
        """Bring procedures of `company` to `procedures`, of `protocol.catalogue`.

        Returns {code: (procedure, kind, details)}: kind is "new", "changed" or "unchanged"; details are
        [what, old, new] and maybe the document that it is about, for `kho.dl.catalogue.change`.
        """
        codes = [procedure.code for procedure in procedures]
        stored = self._stored(company, codes)
        bare = self._stored(company, list({without_suffix(code) for code in codes}.difference(codes)))
        outcomes, new, differing = {}, [], []
        for procedure in procedures:
            # Typed without the agency's suffix, which a catalogue may put behind it; the first one has it.
            record = stored.get(procedure.code) or bare.pop(without_suffix(procedure.code), None)
            if not record:
                new.append(procedure)
            elif record.in_catalogue and record.catalogue == content(procedure, record.catalogue or {}):
                outcomes[procedure.code] = (record, "unchanged", [])
            else:
                differing.append((record, procedure))
        known = self._known_names([(None, procedure) for procedure in new] + differing)
        for record, procedure in differing:
            details = record._merge(procedure, known)
            outcomes[procedure.code] = (record, "changed" if details else "unchanged", details)
        for record in self._make(company, new, known):
            outcomes[record.code] = (record, "new", [])
        return outcomes

    @api.model
    def _not_named(self, company, codes):
        """Return what the catalogue of `company` named once and does not name among `codes`.

        What all companies share is gone only where no other company has a catalogue that may name it.
        """
        # Branches have the catalogue of the company above.
        asking = self.env["kho.dl.security.server"]._asking_companies()
        others = any(one._kho_dl_source("catalogue") != company for one in asking)
        of_company = Domain("company_id", "in", [company.id] if others else [company.id, False])
        return self.search(of_company & Domain("in_catalogue", "=", True) & Domain("code", "not in", codes))

    def _leave_catalogue(self):
        self.write({"active": False, "in_catalogue": False})

    @api.model
    def _stored(self, company, codes):
        """Return {code: procedure} of what `company` has: of each its own, else that of the nearest company above whose
        catalogue it follows, else what all companies share.
        """
        near = self._catalogue_ids(company)
        records = self.with_context(active_test=False).search([("code", "in", codes), ("company_id", "in", near)])
        return {record.code: record for record in records.sorted(lambda record: near.index(record.company_id.id))}

    @api.model
    def _catalogue_ids(self, company):
        """Return the ids of the companies whose procedures are those of `company`: False for all, then the nearest last.

        Who has a catalogue of its own is given its own procedures, whatever stands above.
        """
        serving = company._kho_dl_serving_ids()
        return [False, *serving[serving.index(company._kho_dl_source("catalogue").id) :]]

    @api.model
    def _known_names(self, pairs):
        """Make the fields, agencies and results that procedures name, pairs of (record or None, procedure).

        Returns {kind: {code: record}}.
        """
        known = {}
        for kind, model in NAMED_PARTS.items():
            entries, renamed = {}, set()
            for record, procedure in pairs:
                before = names_in((record and record.catalogue) or {}, kind)
                for part in getattr(procedure, kind) or ():
                    if part.name or part.code not in entries:
                        entries[part.code] = {"name": part.name}
                    if before.get(part.code, part.name) != part.name:
                        renamed.add(part.code)
            known[kind] = self.env[model]._follow_names(entries, renamed)
        return known

    @api.model
    def _make(self, company, procedures, known):
        def ids(kind, procedure):
            return [known[kind][part.code].id for part in getattr(procedure, kind) or ()]

        records = self.create(
            [
                {
                    "code": procedure.code,
                    "name": procedure.name or procedure.code,
                    "company_id": company.id,
                    "sector_id": next(iter(ids("sectors", procedure)), False),
                    "agency_ids": [Command.set(ids("agencies", procedure))],
                    "result_code_ids": [Command.set(ids("results", procedure))],
                    "variant_ids": [
                        Command.create({"name": name, "catalogue_name": name}) for name in procedure.variants or ()
                    ],
                    "in_catalogue": True,
                    "catalogue": content(procedure, {}),
                }
                for procedure in procedures
            ]
        )
        pairs = list(zip(records, procedures, strict=True))
        self.env["kho.dl.procedure.document"].create(
            [record._document_values(document) for record, procedure in pairs for document in procedure.documents or ()]
        )
        return records

    # -- what is there already ---------------------------------------------------------------------

    def _merge(self, procedure, known):
        """Bring this procedure to `procedure`; return the details of what changed or was kept."""
        base = self.catalogue or {}
        wanted = content(procedure, base)
        details = []
        values = {"in_catalogue": True, "catalogue": wanted}
        if self.code != procedure.code:
            # The portal is told it as the catalogue gives it.
            values["code"] = procedure.code
        if not self.in_catalogue and base and not self.active:
            values["active"] = True
            details.append(["back", "", ""])
        # A procedure that the catalogue gave no name until now is called by its code.
        name = "" if self.name == self.code else self.name
        merge_value(name, base.get("name"), wanted["name"] or self.name, "name", values, details)
        if procedure.sectors is not None:
            self._merge_sector(base.get("sector", ""), wanted["sector"], known["sectors"], values, details)
        for kind, field_name in (("agencies", "agency_ids"), ("results", "result_code_ids")):
            if getattr(procedure, kind) is not None:
                commands = merge_links(self[field_name], base.get(kind, []), known[kind], wanted[kind], kind, details)
                if commands:
                    values[field_name] = commands
        if procedure.variants is not None:
            self._merge_variants(base.get("variants", []), procedure.variants, details)
        self.write(values)
        if procedure.documents is not None:
            self._merge_documents(base.get("documents", {}), procedure.documents, details)
        return details

    def _merge_sector(self, base, wanted, known, values, details):
        sector = known[wanted] if wanted else self.env["kho.dl.sector"]
        current, merged, notes = self.sector_id, {}, []
        merge_value(current.code or "", base, wanted, "sector", merged, notes)
        if merged:
            values["sector_id"] = sector.id
        details += [[what, current.name or "", sector.name or ""] for what, _old, _new in notes]

    def _merge_variants(self, base, names, details):
        stored = self.with_context(active_test=False).variant_ids
        for name in names:
            variant = stored._named([name])
            if not variant:
                details.append(["variant_new", "", name])
            elif not variant[0].active and name not in base:
                variant[0].active = True
                details.append(["variant_new", "", variant[0].name])
        ended = stored._named(set(base) - set(names)).filtered("active")
        ended.active = False
        details += [["variant_gone", variant.name, ""] for variant in ended]
        self.variant_ids = [
            Command.create({"name": name, "catalogue_name": name}) for name in names if not stored._named([name])
        ]
