import re

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..models.common.citizen_card import read_card
from ..models.common.id_number import clean_id_number, id_number_kind
from ..models.common.office_language import in_office_language
from ..models.common.office_time import in_office_time, moment_words
from ..models.common.own_fields import check_only, without_ours
from ..models.reporting.person_history import MOST_ENTRIES, PersonHistory

KINDS = [
    ("asked", "Asked"),
    ("attached", "Put on the case"),
    ("not_attached", "Not put on the case"),
    ("taken_off", "Taken off"),
    ("stays", "Left on the case"),
    ("served", "Given to another agency"),
    ("withdrawn", "Consent withdrawn"),
    ("shown", "Looked up for the person"),
    ("printed", "Printed for the person"),
    ("previewed", "Looked at before it was chosen"),
]
_TYPED = {"numbers", "person_name", "reason", "date_from", "date_to"}
# A person has two numbers, an old and a new one; nobody needs a list of people.
_MOST_NUMBERS = 5


class KhoDLPersonPage(models.TransientModel):
    """What is on record about one person: who asked, when, why, what was attached, who was given it (Law 91/2025).

    Works the same without a browser: create it with `numbers` and `reason`, call `action_look()`, read `line_ids`. Each look
    is a row of `kho.dl.disclosure`, and nothing is told before it. Companies are those that the auditor has open.
    """

    _name = "kho.dl.person.page"
    _description = "What was asked about a person"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "person_name"

    numbers = fields.Char(
        "Id numbers", required=True, help="The old number of 9 digits and the new one, parted by blanks."
    )
    person_name = fields.Char("Name", help="As it is to stand on the printed page.")
    reason = fields.Char("Asked for by", required=True, help="Kept in the journal.")
    date_from = fields.Date("From day")
    date_to = fields.Date("To day")
    # What was looked up, which is what is shown and printed.
    looked_numbers = fields.Char("Looked up for", readonly=True)
    looked_on = fields.Datetime("Looked up on", readonly=True)
    looked_from = fields.Date("Looked up from day", readonly=True)
    looked_to = fields.Date("Looked up to day", readonly=True)
    looked_companies = fields.Json("Companies looked up", readonly=True)
    line_ids = fields.One2many("kho.dl.person.page.line", "page_id", readonly=True)
    cut_words = fields.Text("Left out", readonly=True)

    def _compute_display_name(self):
        # The title of the page: there is no list that it could be a record of.
        self.display_name = self.env._("What was asked about a person")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_only(self, vals, _TYPED)
        return super().create(vals_list)

    def write(self, vals):
        check_only(self, vals, _TYPED)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        # What was looked up is nothing that a caller's context says.
        return without_ours(self, super().default_get(fields), _TYPED)

    @api.onchange("numbers")
    def _onchange_numbers(self):
        # Whoever asks what is known about them shows the card, which is scanned.
        if card := read_card(self.numbers or ""):
            self.numbers = " ".join(filter(None, [card.number, card.old_number]))
            self.person_name = card.name

    def action_look(self):
        """Note the look in the journal, and fill the lines. Raises UserError where what was typed is no id number."""
        self.ensure_one()
        self._check_auditor()
        numbers = self._typed_numbers()
        # sudo: what is shown was found by this code only.
        page = self.sudo()
        page.write(
            {
                "looked_numbers": " ".join(numbers),
                "looked_on": fields.Datetime.now(),
                "looked_from": self.date_from,
                "looked_to": self.date_to,
                "looked_companies": self.env.companies.ids,
            }
        )
        entries, is_cut = self._entries()
        lines = [Command.create(entry._asdict()) for entry in entries]
        page.write({"line_ids": [Command.clear(), *lines], "cut_words": self._cut_words(is_cut)})
        self._note_look("shown", entries)
        return True

    def action_print(self):
        """Note in the journal that it is printed, and return the action that makes the PDF."""
        self.ensure_one()
        self._check_auditor()
        self._check_looked()
        entries, _is_cut = self._entries()
        self._note_look("printed", entries)
        return self.env.ref("kho_dl.action_report_person_page").report_action(self)

    def _entries(self):
        """Return what `PersonHistory.entries` tells of what was looked up, as the user."""
        self._check_looked()
        companies = self._companies()
        if not companies:
            # Odoo takes none for all.
            return [], False
        reader = self.sudo(False).with_context(allowed_company_ids=companies.ids)
        return PersonHistory(reader.env, self.looked_numbers.split(), self.looked_from, self.looked_to).entries()

    def _companies(self):
        """Return the companies that were looked at and are the user's still, in the order in which they were open."""
        companies = self.env["res.company"].browse(self.looked_companies)
        return companies.filtered(lambda company: company in self.env.user.company_ids)

    def _note_look(self, kind, entries):
        looked = (kind, self.looked_numbers.split(), self._companies(), self.reason, len(entries))
        self.env["kho.dl.disclosure"]._note(*looked)

    def _in_office_language(self):
        """Return this page for the report, in the language and the time of the office."""
        return in_office_time(in_office_language(self))

    def _kind_words(self, kind):
        return dict(self.line_ids._fields["kind"]._description_selection(self.env))[kind]

    def _moment_words(self, moment):
        return moment_words(self.env, moment)

    def _period_words(self):
        now = moment_words(self.env, fields.Datetime.now())
        if not (self.looked_from or self.looked_to):
            return self.env._("all that is on record at %(time)s", time=now)
        begin, end = (day and format_date(self.env, day) or "…" for day in (self.looked_from, self.looked_to))
        return self.env._("from %(begin)s to %(end)s, as on record at %(time)s", begin=begin, end=end, time=now)

    def _cut_words(self, is_cut):
        return is_cut and self.env._(
            "There is more than fits here: only the newest %(most)s entries are shown. Choose days to see the others.",
            most=MOST_ENTRIES,
        )

    def _check_auditor(self):
        self.check_access("write")
        if not self.env.user.has_group("kho_dl.group_auditor"):
            raise AccessError(self.env._("Only auditors look up what was asked about a person."))

    def _check_looked(self):
        if not self.looked_numbers:
            raise UserError(self.env._("Press “Look up” first."))

    def _typed_numbers(self):
        typed = [clean_id_number(part) for part in re.split(r"[\s,;]+", self.numbers or "") if part]
        numbers = list(dict.fromkeys(typed))
        wrong = [number for number in numbers if not id_number_kind(number)]
        if wrong or not numbers:
            raise UserError(
                self.env._(
                    "“%(number)s” is no valid id number. Nothing was looked up. Type numbers of 9 or 12 digits, parted by "
                    "blanks.",
                    number=wrong[0] if wrong else "",
                )
            )
        if len(numbers) > _MOST_NUMBERS:
            raise UserError(
                self.env._(
                    "These are more than %(most)s numbers: a page is about one person. Nothing was looked up.",
                    most=_MOST_NUMBERS,
                )
            )
        return self.env["kho.dl.id.number"]._with_joined(numbers)


class KhoDLPersonPageLine(models.TransientModel):
    _name = "kho.dl.person.page.line"
    _description = "Entry about a person"
    _order = "moment, id"
    _rec_name = "kind"

    page_id = fields.Many2one("kho.dl.person.page", required=True, readonly=True, index=True, ondelete="cascade")
    moment = fields.Datetime("When", readonly=True)
    kind = fields.Selection(KINDS, "What happened", readonly=True)
    who = fields.Char(readonly=True)
    about = fields.Char("For what", readonly=True)
    why = fields.Text(readonly=True)
    what = fields.Text("Which papers", readonly=True)
