from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.catalogue.catalogue_sheet import folded
from ..models.common.uploads import content_of
from ..models.common.xlsx_report import TEXT, Sheet, workbook_of
from .office_rows import COLUMNS, column_words, faults_of, read_offices, short_codes
from .table_file import first_lines, read_table

_MOST_ROWS = 5000
# So many codes are named.
_MOST_CODES = 20
# What a table says of an office, and the fields of its company.
_FIELDS = {"name": "name", "address": "street", "phone": "phone", "email": "email"}


class KhoDLOfficeImport(models.TransientModel):
    """Makes the offices of a province from a table, as branches of a company, all in one step or none.

    Works the same without a browser: create it with `file` (base64) and `file_name`, call `action_check()`, read `faults`,
    `doubts`, `summary` and `news`, call `action_import()`.
    """

    _name = "kho.dl.office.import"
    _description = "Bring in offices from a table"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "file_name"

    file = fields.Binary("Table", attachment=False)
    file_name = fields.Char()
    company_id = fields.Many2one(
        "res.company",
        "Office above",
        required=True,
        default=lambda self: self.env.company,
        help="Of the offices for which the table names none.",
    )
    gives_access = fields.Boolean(
        "Administrators work in the new offices, too",
        default=True,
        help="Administrators of Kho DL who work in the office above.",
    )
    is_checked = fields.Boolean(readonly=True)
    faults = fields.Text("What is wrong", readonly=True)
    doubts = fields.Char("What may be wrong", readonly=True)
    summary = fields.Char("What it brings", readonly=True)
    news = fields.Text("New offices", readonly=True)
    changes = fields.Text("Changed offices", readonly=True)

    @api.onchange("file", "company_id")
    def _onchange_file(self):
        self.is_checked = self.faults = self.doubts = self.summary = self.news = self.changes = False

    def action_template(self):
        """Download an empty table."""
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": "/kho_dl/offices/template", "target": "download"}

    @api.model
    def _template(self):
        """Return an empty table as the bytes of an XLSX file."""
        words = column_words(self.env)
        columns = [(words[name], 40 if name in ("name", "address") else 20, TEXT) for name in COLUMNS]
        return workbook_of([Sheet("", columns, [])])

    def action_check(self):
        """Look through the table and say what it brings and what is wrong with it; changes nothing."""
        self.ensure_one()
        self._tell(*self._plan())
        return self._action_open()

    def action_import(self):
        """Make and change the offices of the table, or nothing where a row has a fault. Raises UserError."""
        self.ensure_one()
        self.env["res.company"].check_access("create")
        offices, faults = self._plan()
        if faults:
            self._tell(offices, faults)
            raise UserError(self.env._("The table has faults, so nothing was brought in: %s", faults[0]))
        self._bring_in(offices)
        # A new page: the companies to choose from are others now.
        return {
            "type": "ir.actions.act_url",
            "url": "/odoo/action-kho_dl.action_kho_dl_offices",
            "target": "self",
        }

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bring in offices from a table"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _tell(self, offices, faults):
        self.write(
            {
                "is_checked": True,
                "faults": first_lines(self.env, faults),
                "summary": self._summary(offices),
                "doubts": self._doubts(offices),
                "news": first_lines(self.env, [f"{one.code} {one.name}" for one in offices if not one.record]),
                "changes": first_lines(
                    self.env, [line for one in offices if one.record for line in self._change_lines(one)]
                ),
            }
        )

    def _change_lines(self, office):
        """Return what changes of the office that `office` of the table is, a line for each: as it is, and as it will be."""
        company, words = office.record, column_words(self.env)
        columns = {name: words[column] for column, name in _FIELDS.items()}
        return [
            f"{office.code} {company.name}: {columns[name]} {company[name] or '–'} → {value}"
            if name in columns
            else self.env._("%(office)s comes back from the archive", office=f"{office.code} {company.name}")
            for name, value in self._changes(office).items()
        ]

    def _summary(self, offices):
        count = Counter(self._kind(office) for office in offices)
        return self.env._(
            "%(new)s new offices, %(changed)s changed, %(unchanged)s unchanged",
            **{kind: count[kind] for kind in ("new", "changed", "unchanged")},
        )

    def _doubts(self, offices):
        """Return what nobody but who knows the offices can tell, False where there is nothing of it."""
        if not (short := short_codes(offices)):
            return False
        return self.env._(
            "%(count)s codes are shorter than most others, as if zeros in front were lost: %(codes)s. Look whether they are so.",
            count=len(short),
            codes=", ".join(short[:_MOST_CODES]),
        )

    def _kind(self, office):
        if not office.record:
            return "new"
        return "changed" if self._changes(office) else "unchanged"

    # -- reading -----------------------------------------------------------------------------------

    def _plan(self):
        """Return ([Office], faults in words) of the table. Raises UserError for what is no table."""
        content = content_of(self.with_context(bin_size=False).file)
        offices, faults = read_offices(
            self.env, read_table(self.env, content, self.file_name, "res.company", _MOST_ROWS)
        )
        known, doubtful = self._known()
        for office in offices:
            office.record = known.get(office.key)
        # sudo: a name that some company has, whichever, is taken.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        taken = companies.search_fetch([("name", "in", [one.name for one in offices if one.name])], ["name"])
        names = {company.name: company for company in taken}
        faults = faults or faults_of(self.env, offices, known, names)
        for code in sorted({office.code for office in offices if office.key in doubtful}):
            faults.append(self.env._("Several offices here have the code %s already. Correct that first.", code))
        return offices, faults

    def _known(self):
        """Return ({folded code: company}, codes that several have) of all offices of the tree, archived ones too."""
        # sudo: an office is known also where whoever brings the table in does not work.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        tree = companies.search(
            [("id", "child_of", self.company_id.sudo().root_id.id), ("kho_dl_unit_code", "!=", False)]
        )
        codes = [folded(company.kho_dl_unit_code) for company in tree]
        count = Counter(codes)
        return dict(zip(codes, tree, strict=True)), {code for code in codes if count[code] > 1}

    def _changes(self, office):
        """Return the values by which the company of `office` differs from the table; what is left out there stays."""
        company = office.record
        values = {
            name: getattr(office, column)
            for column, name in _FIELDS.items()
            if getattr(office, column) and getattr(office, column) != company[name]
        }
        return values if company.active else {**values, "active": True}

    # -- bringing in -------------------------------------------------------------------------------

    def _bring_in(self, offices):
        for office in offices:
            if office.record and (changes := self._changes(office)):
                office.record.with_env(self.env).write(changes)
        made, waiting = self.env["res.company"], [office for office in offices if not office.record]
        records = {key: company.with_env(self.env) for key, company in self._known()[0].items()}
        while waiting:
            # Level by level, each at once.
            ready = [one for one in waiting if not one.above or folded(one.above) in records]
            new = made.create([self._values(one, records) for one in ready])
            records |= {one.key: company for one, company in zip(ready, new, strict=True)}
            made |= new
            waiting = [one for one in waiting if one.key not in records]
        self._settle(made)

    def _values(self, office, records):
        return {
            "parent_id": (records[folded(office.above)] if office.above else self.company_id).id,
            "kho_dl_unit_code": office.code,
            # Odoo draws its own sign in five sizes for each company that has none.
            "logo": False,
            **self._left_alone(),
            **{name: getattr(office, column) for column, name in _FIELDS.items() if getattr(office, column)},
        }

    def _left_alone(self):
        """Keep Odoo from asking its service on the internet about each office: behind a firewall each waits seconds."""
        name = "iap_enrich_auto_done"
        return {name: True} if name in self.env["res.company"]._fields else {}

    def _settle(self, made):
        """Give the companies `made` the language and country of the office above, and its administrators access."""
        above = self.company_id.partner_id
        made.partner_id.write({"lang": above.lang or self.env.lang, "country_id": above.country_id.id})
        if self.gives_access and made:
            administrators = self.env.ref("kho_dl.group_administrator").all_user_ids
            working = administrators.filtered(lambda user: self.company_id in user.company_ids)
            working.write({"company_ids": [Command.link(company.id) for company in made]})
