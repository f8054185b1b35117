import base64
import csv

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.catalogue_sheet import COLUMNS, column_words, read_rows

_MOST_FAULTS = 200
_MOST_ROWS = 50_000
_PARTS = {"sectors": "kho.dl.sector", "agencies": "kho.dl.agency", "results": "kho.dl.result.code"}


class KhoDLCatalogueImport(models.TransientModel):
    """Brings procedures, documents and mappings in from a table (XLSX, CSV), after a dry run that names each fault.

    Only adds and changes what the table names; nothing is taken away. Works the same without a browser: create it with
    `file` (base64) and `file_name`, call `action_check()`, read `faults`, call `action_import()`.
    """

    _name = "kho.dl.catalogue.import"
    _description = "Bring in procedures from a table"
    _rec_name = "file_name"

    file = fields.Binary("Table", attachment=False)
    file_name = fields.Char()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    is_checked = fields.Boolean(readonly=True)
    faults = fields.Text("What is wrong", readonly=True)
    summary = fields.Char("What it brings", readonly=True)

    @api.onchange("file")
    def _onchange_file(self):
        self.is_checked = self.faults = self.summary = False

    def action_template(self):
        """Download an empty table with an example."""
        return {"type": "ir.actions.act_url", "url": "/kho_dl/catalogue/template", "target": "download"}

    def action_check(self):
        """Look through the table and say what it brings and what is wrong with it; changes nothing."""
        self.ensure_one()
        procedures, faults = self._read()
        faults += self._unknown_parts(procedures) if not faults else []
        self._tell(procedures, faults)
        return self._action_open()

    def action_import(self):
        """Bring everything in, or nothing where a row has a fault. Raises UserError."""
        self.ensure_one()
        self.env["kho.dl.procedure"].check_access("create")
        procedures, faults = self._read()
        faults += self._unknown_parts(procedures) if not faults else []
        if faults:
            self._tell(procedures, faults)
            raise UserError(self.env._("The table has faults, so nothing was brought in: %s", faults[0]))
        new, documents = self._bring_in(procedures)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(procedures)s procedures brought in (%(new)s of them new), with %(documents)s new documents.",
                    procedures=len(procedures),
                    new=new,
                    documents=documents,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bring in procedures from a table"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _tell(self, procedures, faults):
        shown = faults[:_MOST_FAULTS]
        if len(faults) > _MOST_FAULTS:
            shown.append(self.env._("… and %s more", len(faults) - _MOST_FAULTS))
        self.write(
            {
                "is_checked": True,
                "faults": "\n".join(shown) or False,
                "summary": self.env._(
                    "%(procedures)s procedures with %(documents)s documents",
                    procedures=len(procedures),
                    documents=sum(len(procedure.documents) for procedure in procedures.values()),
                ),
            }
        )

    # -- reading -----------------------------------------------------------------------------------

    def _read(self):
        """Return ({code: ProcedureRow}, faults). Raises UserError for what is no table."""
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose the table first."))
        # Odoo's own reader: it knows XLSX, ODS and CSV of any encoding.
        reader = self.env["base_import.import"].create(
            {"res_model": "kho.dl.procedure", "file": base64.b64decode(content), "file_name": self.file_name}
        )
        try:
            _count, table = reader._read_file({"quoting": '"', "separator": "", "encoding": ""})
        except (UserError, ValueError, csv.Error) as error:
            raise UserError(
                self.env._("The file cannot be read as a table, so nothing was brought in. Save it as XLSX or CSV.")
            ) from error
        if len(table) > _MOST_ROWS:
            raise UserError(self.env._("A table has at most %s rows. Part it, and bring the parts in.", _MOST_ROWS))
        return read_rows(self.env, table, self._headings())

    def _headings(self):
        """Return {what a heading may be: column} in all installed languages."""
        found = {name: name for name in COLUMNS}
        for code, _name in self.env["res.lang"].get_installed():
            words = column_words(self.with_context(lang=code).env)
            found.update({" ".join(heading.split()).casefold(): name for name, heading in words.items()})
        return found

    def _unknown_parts(self, procedures):
        """Return in words which codes the table names that nobody knows and that it gives no name."""
        faults = []
        for kind, pairs in self._parts(procedures).items():
            nameless = {code: row for code, (name, row) in pairs.items() if not name}
            known = self.env[_PARTS[kind]].with_context(active_test=False).search([("code", "in", list(nameless))])
            for code in nameless.keys() - set(known.mapped("code")):
                faults.append(
                    self.env._(
                        "Row %(row)s: nobody knows the code %(code)s. Write its name behind it, parted by a blank.",
                        row=nameless[code],
                        code=code,
                    )
                )
        return faults

    def _parts(self, procedures):
        """Return {kind: {code: (name, row)}} of fields, agencies and results that the table names."""
        parts = {kind: {} for kind in _PARTS}
        for procedure in procedures.values():
            named = [("agencies", pair, procedure.row) for pair in procedure.agencies]
            named += [("results", pair, procedure.row) for pair in procedure.results]
            named += [("sectors", procedure.sector, procedure.row)] if procedure.sector else []
            for document in procedure.documents.values():
                named += [("results", pair, document.row) for pair in document.codes]
            for kind, (code, name), row in named:
                known_name, known_row = parts[kind].get(code, ("", row))
                parts[kind][code] = (known_name or name, known_row)
        return parts

    # -- bringing in -------------------------------------------------------------------------------

    def _bring_in(self, procedures):
        """Create and change; return how many procedures and how many documents are new."""
        known = {kind: self._records(_PARTS[kind], pairs) for kind, pairs in self._parts(procedures).items()}
        stored = self.env["kho.dl.procedure"]._stored(self.company_id, list(procedures))
        missing = [row for row in procedures.values() if row.code not in stored]
        made = self.env["kho.dl.procedure"].create(
            [{"code": row.code, "name": row.name, "company_id": self.company_id.id} for row in missing]
        )
        stored.update({record.code: record for record in made})
        values = []
        for row in procedures.values():
            procedure = stored[row.code]
            procedure.write(self._procedure_values(row, procedure, known))
            values += self._new_documents(row, procedure, known)
        self.env["kho.dl.procedure.document"].create(values)
        return len(made), len(values)

    def _records(self, model, pairs):
        records = self.env[model].with_context(active_test=False)
        stored = {record.code: record for record in records.search([("code", "in", list(pairs))])}
        made = records.create(
            [{"code": code, "name": name} for code, (name, _row) in pairs.items() if code not in stored]
        )
        return {**stored, **{record.code: record for record in made}}

    def _procedure_values(self, row, procedure, known):
        variants = {name for document in row.documents.values() for name in document.circumstances}
        values = {
            "agency_ids": [Command.link(known["agencies"][code].id) for code, _name in row.agencies],
            "result_code_ids": [Command.link(known["results"][code].id) for code, _name in row.results],
            "variant_ids": [
                Command.create({"name": name}) for name in sorted(variants - set(procedure.variant_ids.mapped("name")))
            ],
        }
        if row.sector:
            values["sector_id"] = known["sectors"][row.sector[0]].id
        if procedure.name != row.name:
            values["name"] = row.name
        return {name: value for name, value in values.items() if value}

    def _new_documents(self, row, procedure, known):
        """Change the documents that are there; return the values of the others."""
        stored = {document.code: document for document in procedure.document_ids if document.code}
        stored |= {" ".join(document.name.split()).casefold(): document for document in procedure.document_ids}
        new = []
        for key, document in row.documents.items():
            values = {
                "name": document.name,
                "code": document.code,
                "form_name": document.form_name,
                "required": document.required,
                "is_reusable": document.reusable,
                "result_code_ids": [Command.link(known["results"][code].id) for code, _name in document.codes],
                "variant_ids": [Command.link(variant.id) for variant in procedure._variants(document.circumstances)],
            }
            said = {name: value for name, value in values.items() if value not in (None, "", [])}
            known_document = stored.get(key)
            if known_document:
                known_document.write(said)
            else:
                new.append({**said, "procedure_id": procedure.id})
        return new
