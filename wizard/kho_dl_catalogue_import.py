from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.catalogue.catalogue_content import NAMED_PARTS
from ..models.catalogue.catalogue_plan import Plan, make_plan, variants_by_name
from ..models.catalogue.catalogue_rows import full_code, read_cells, read_rows
from ..models.catalogue.catalogue_sheet import folded, known_headings
from ..models.common.uploads import content_of
from .table_file import first_lines, read_table

_MOST_ROWS = 50_000


class KhoDLCatalogueImport(models.TransientModel):
    """Brings procedures, documents and mappings in from a table (XLSX, CSV), after a dry run that names each fault.

    Only adds and changes what the table names; nothing is taken away. Works the same without a browser: create it with
    `file` (base64) and `file_name`, call `action_check()`, read `faults`, `summary` and `news`, call `action_import()`.
    """

    _name = "kho.dl.catalogue.import"
    _description = "Bring in procedures from a table"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "file_name"

    file = fields.Binary("Table", attachment=False)
    file_name = fields.Char()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    is_checked = fields.Boolean(readonly=True)
    faults = fields.Text("What is wrong", readonly=True)
    summary = fields.Char("What it brings", readonly=True)
    news = fields.Text("What is new", readonly=True, help="Fields, agencies and results that nobody here knew.")

    @api.onchange("file")
    def _onchange_file(self):
        self.is_checked = self.faults = self.summary = self.news = False

    def action_template(self):
        """Download an empty table with an example."""
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": "/kho_dl/catalogue/template", "target": "download"}

    def action_check(self):
        """Look through the table and say what it brings and what is wrong with it; changes nothing."""
        self.ensure_one()
        self._tell(self._plan())
        return self._action_open()

    def action_import(self):
        """Bring everything in, or nothing where a row has a fault. Raises UserError."""
        self.ensure_one()
        self.env["kho.dl.procedure"].check_access("create")
        plan = self._plan()
        if plan.faults:
            self._tell(plan)
            raise UserError(self.env._("The table has faults, so nothing was brought in: %s", plan.faults[0]))
        # Counted before: afterwards nothing is new any more.
        message = self.env._(
            "Brought in: %(new)s new and %(changed)s changed procedures, %(new_documents)s new and "
            "%(changed_documents)s changed documents; %(unchanged)s procedures are as they were.",
            **plan.count(),
        )
        self._bring_in(plan)
        # sudo: administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_candidates").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
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

    def _tell(self, plan):
        self.write(
            {
                "is_checked": True,
                "faults": first_lines(self.env, plan.faults),
                "summary": self.env._(
                    "%(procedures)s procedures: %(new)s new, %(changed)s changed, %(unchanged)s unchanged; "
                    "%(documents)s documents: %(new_documents)s new, %(changed_documents)s changed",
                    **plan.count(),
                ),
                "news": first_lines(self.env, plan.news(self.env)),
            }
        )

    # -- reading -----------------------------------------------------------------------------------

    def _plan(self):
        """Return the `Plan` for the table, with its faults. Raises UserError for what is no table."""
        rows, faults = read_cells(self.env, self._read(), known_headings(self.env))
        written = {values["procedure_code"] for _row, values in rows}
        stored = self.env["kho.dl.procedure"]._stored(self.company_id, [*written, *map(full_code, written)])
        procedures, row_faults = read_rows(self.env, rows, stored.keys())
        plan = make_plan(self.env, procedures, stored)
        # What may follow from a fault of a row is not said beside it.
        return Plan(plan.procedures, plan.parts, plan.known, faults or row_faults or plan.faults)

    def _read(self):
        """Return the table as [(number of the row, cells)]. Raises UserError for what is none."""
        content = content_of(self.with_context(bin_size=False).file)
        return read_table(self.env, content, self.file_name, "kho.dl.procedure", _MOST_ROWS)

    # -- bringing in -------------------------------------------------------------------------------

    def _bring_in(self, plan):
        """Create and change what `plan` says."""
        known = {kind: self._part_records(kind, plan) for kind in NAMED_PARTS}
        new = [one for one in plan.procedures if not one.record]
        made = self.env["kho.dl.procedure"].create(
            [{"code": one.row.code, "name": one.row.name, "company_id": self.company_id.id} for one in new]
        )
        for one, record in zip(new, made, strict=True):
            one.record = record
        documents = []
        for one in plan.procedures:
            if one.is_changed:
                documents += self._change(one, known)
        self.env["kho.dl.procedure.document"].create(documents)

    def _part_records(self, kind, plan):
        """Return {code: record} of the table's fields, agencies or results; makes the new, uses the archived again."""
        parts, stored = plan.parts[kind], plan.known[kind]
        records = self.env[NAMED_PARTS[kind]]
        if archived := records.union(*(record for record in stored.values() if not record.active)):
            archived.active = True
        new = [{"code": code, "name": part.name} for code, part in parts.items() if code not in stored]
        made = records.create(new) if new else records
        return {**stored, **{record.code: record for record in made}}

    def _change(self, plan, known):
        """Change a procedure and those of its documents that are there; return the values of the others."""
        procedure = plan.record.with_context(active_test=False)
        values = {
            **plan.values,
            "agency_ids": [Command.link(known["agencies"][code].id) for code in plan.agencies],
            "result_code_ids": [Command.link(known["results"][code].id) for code in plan.results],
            "variant_ids": [
                *(Command.create({"name": name}) for name in plan.circumstances),
                *(Command.update(variant.id, {"active": True}) for variant in plan.revived),
            ],
            "sector_id": plan.sector and known["sectors"][plan.sector].id,
        }
        if said := {name: value for name, value in values.items() if value}:
            procedure.write(said)
        variants = variants_by_name(procedure)
        new = []
        for document in plan.documents:
            said = dict(document.values)
            if document.codes:
                said["result_code_ids"] = [Command.link(known["results"][code].id) for code in document.codes]
            if document.substitutes:
                said["substitute_code_ids"] = [Command.link(known["results"][code].id) for code in document.substitutes]
            if document.circumstances:
                said["variant_ids"] = [Command.link(variants[folded(name)].id) for name in document.circumstances]
            if not document.record:
                new.append({**said, "procedure_id": procedure.id})
            elif said:
                document.record.write(said)
        return new
