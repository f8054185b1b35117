from odoo import api, fields, models

from ..common.office_words import office_words
from .health_check import CHECKS, trouble_words, worst_level
from .health_levels import roll_up

# So many offices have a line on the page of the office above.
_MOST_LINES = 20


class KhoDLHealth(models.Model):
    """The page of an office shows those below it too: sums, the worst of each check, and a line for each that has trouble."""

    _inherit = "kho.dl.health"

    office_count = fields.Integer("Offices", compute="_compute_facts", help="This one with those below it.")
    left_out_count = fields.Integer(
        "Offices below that are not selected at the top of the screen, and not counted here", compute="_compute_facts"
    )
    troubled_count = fields.Integer("Offices with trouble, the worst first", compute="_compute_facts")
    office_ids = fields.Many2many("kho.dl.health", compute="_compute_facts", help="The worst ones first.")
    # What a line of that list says of an office alone, without those below it.
    own_level = fields.Selection(
        [("ok", "All is well"), ("warning", "Needs a look"), ("danger", "Needs help now")],
        "State",
        compute="_compute_own",
    )
    own_troubles = fields.Text("What is wrong", compute="_compute_own")
    own_files_waiting = fields.Integer("Files on their way", compute="_compute_own")
    own_files_failed = fields.Integer("Files not attached in 24 hours", compute="_compute_own")
    own_messages_waiting = fields.Integer("Messages waiting", compute="_compute_own")
    own_messages_rejected = fields.Integer("Messages refused", compute="_compute_own")

    def _offices(self):
        """Return the company of the page with those below it in which the user works, as selected."""
        self.ensure_one()
        return self._with_those_below(self.env.companies)

    def _with_those_below(self, companies):
        """Return the company of the page, and after it those of `companies` that stand below it."""
        # sudo: a path says only which ids stand above.
        top = self.company_id.sudo()
        return self.company_id | companies.filtered(
            lambda one: top and one.sudo().parent_path.startswith(top.parent_path)
        )

    def _picture(self):
        """Return the `Picture` of the page, and what was measured of each office, {company id: (facts, troubles)}."""
        offices = self._offices()
        measured = self._measured(offices)
        return roll_up(self.company_id, {office: measured[office.id] for office in offices}), measured

    def _show_offices(self, picture, measured):
        below = [office.id for office in picture.by_office if office != self.company_id]
        lines = self.browse(below[:_MOST_LINES])
        self.office_count = len(measured)
        self.left_out_count = len(self._all_offices()) - len(measured)
        self.troubled_count = len(below)
        self.office_ids = lines
        # They were measured just now: none is measured again for its line.
        with self.env.protecting([field for name, field in self._fields.items() if name.startswith("own_")], lines):
            lines._show_own(measured)

    @api.depends_context("lang", "tz")
    def _compute_own(self):
        self._show_own(self._measured(self.company_id))

    def _show_own(self, measured):
        for health in self:
            company = health.company_id
            facts, troubles = measured[company.id]
            own = [one for one in troubles if not one.is_for_all and CHECKS[one.kind].owner(facts, company) == company]
            health.own_level = worst_level(own)
            health.own_troubles = "\n".join(trouble_words(self.env, trouble)[0] for trouble in own) or False
            for name in ("files_waiting", "files_failed", "messages_waiting", "messages_rejected"):
                health[f"own_{name}"] = getattr(facts, name)

    def _offices_words(self, offices):
        """Return where a trouble is, "" where it is the office of the page alone."""
        if offices == [self.company_id]:
            return ""
        return office_words(self.env, [office.sudo().name for office in offices])

    # -- where to go -------------------------------------------------------------------------------

    def action_open_office(self):
        """Open the page of this office."""
        self.check_access("read")
        return self._opened_page()

    def _opened_page(self, **how):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Health"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "context": self._context_of_page(),
            **how,
        }

    def _context_of_page(self):
        """Return the context in which the office is looked at with all below it in which the user works, whatever is selected."""
        return {"allowed_company_ids": self._all_offices().ids}

    def _all_offices(self):
        return self._with_those_below(self.env["res.company"].browse(self.env.user._get_company_ids()))
