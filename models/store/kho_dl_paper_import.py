from odoo import Command, api, fields, models
from odoo.fields import Domain

from ...protocol.content import sniff_whole
from ...protocol.filenames import safe_name, with_extension
from ..case.paper_states import EFFECTIVE
from ..common.id_number import clean_id_number, id_number_kind
from ..common.uploads import content_of


class KhoDLPaper(models.Model):
    """Old results come in through Odoo's import: a table, and the files beside it named in a column.

    Odoo's import creates the rows first and writes each file into `file` afterwards; a paper enters the store when
    its file has come and nothing is missing.
    """

    _inherit = "kho.dl.paper"

    # Never holds anything: what is written here becomes one of the files.
    file = fields.Binary(copy=False, help="In an import: the name of a file that is chosen with the table.")
    enters_by_itself = fields.Boolean(
        "Enters without a press", copy=False, help="As soon as nothing is missing, for example when its file has come."
    )

    @api.model
    def get_import_templates(self):
        """Offer a table with the right columns on Odoo's import page."""
        return [{"label": self.env._("Table for old results"), "template": "/kho_dl/import_template"}]

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._with_owners(vals_list)
        if self.env.context.get("import_file"):
            vals_list = [self._imported(vals) for vals in vals_list]
        contents = [vals.get("file") for vals in vals_list]
        papers = super().create([_without_file(vals) for vals in vals_list])
        for paper, content in zip(papers, contents, strict=True):
            if content:
                paper._add_file(content)
        return papers

    def write(self, vals):
        # The file last: a draft may be complete with it, and nothing is changed after that.
        result = super().write(_without_file(vals))
        if vals.get("file"):
            for paper in self:
                paper._add_file(vals["file"])
        return result

    @api.model
    def _imported(self, vals):
        # Its file comes in a later call: it enters then.
        wants_in = vals.get("state", EFFECTIVE) == EFFECTIVE
        kept = {name: value for name, value in vals.items() if name != "state"}
        return {**kept, "enters_by_itself": wants_in}

    def _add_file(self, content):
        """Make base64 `content` one of the files of this paper; in an import, note on it why that cannot be."""
        raw = content_of(content)
        mimetype = sniff_whole(raw) or "application/octet-stream"
        name = with_extension(safe_name(self.display_name, fallback="paper"), mimetype)
        refusal = self._refusal(name, raw)
        if refusal and self.env.context.get("import_file"):
            # Odoo's import page does not read what becomes of a file.
            self.note = refusal
            return
        self.write({"attachment_ids": [Command.create({"name": name, "raw": raw})]})

    @api.model
    def _with_owners(self, vals_list):
        """Fill in the owners of rows that name them by id number only: who is known to their company, or a new contact."""
        bare = {
            position: (vals.get("company_id") or self.env.company.id, clean_id_number(vals["owner_id_number"]))
            for position, vals in enumerate(vals_list)
            if id_number_kind(clean_id_number(vals.get("owner_id_number")))
            and not vals.get("owner_id")
            and not vals.get("case_id")
        }
        if not bare:
            return vals_list
        known = self._known_owners(set(bare.values()))
        names = {of: name for position, of in bare.items() if (name := vals_list[position].get("owner_name"))}
        # Who may not make contacts leaves the owner as the table names them.
        may_create = self.env["res.partner"].has_access("create")
        new = {of: name for of, name in names.items() if of not in known and may_create}
        # Of the company that brings them, as in the form of a case: others do not see the person.
        contacts = self.env["res.partner"].create(
            [{"name": name, "company_id": company} for (company, _number), name in new.items()]
        )
        known.update(zip(new, contacts, strict=True))
        return [
            {**vals, "owner_id": known[bare[position]].id} if bare.get(position) in known else vals
            for position, vals in enumerate(vals_list)
        ]

    @api.model
    def _known_owners(self, owners):
        """Return {(company id, id number): contact} for `owners`, such pairs: who has the number, else as the newest case or
        paper there says.

        A contact that is another company's by now is nobody's here.
        """
        companies = self.env["res.company"].browse(sorted({company for company, _number in owners}))
        numbers = self.env["kho.dl.id.number"].search(
            Domain("number", "in", list({number for _company, number in owners}))
            & Domain("company_id", "in", companies.root_id.ids)
        )
        known = {
            (company.id, own.number): own.partner_id
            for own in numbers
            for company in companies
            # sudo: whose contact it is, also where the user may not read it.
            if company.root_id == own.company_id
            and own.partner_id.sudo().filtered_domain(own.partner_id._check_company_domain(company))
        }
        for model in ("kho.dl.case", "kho.dl.paper"):
            groups = self.env[model]._read_group(
                Domain("owner_id_number", "in", list({number for _company, number in owners}))
                & Domain("company_id", "in", list({company for company, _number in owners}))
                & Domain("owner_id", "!=", False),
                ["company_id", "owner_id_number"],
                ["id:max"],
            )
            newest = self.env[model].browse(record_id for _company, _number, record_id in groups)
            for record in newest:
                owner, company = record.owner_id, record.company_id
                # sudo: whose contact it is, also where the user may not read it.
                if owner.sudo().filtered_domain(owner._check_company_domain(company)):
                    known.setdefault((company.id, record.owner_id_number), owner)
        return known


def _without_file(vals):
    return {name: value for name, value in vals.items() if name != "file"}
