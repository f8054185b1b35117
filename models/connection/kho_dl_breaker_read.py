from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..common.office_words import office_words
from .kho_dl_breaker import OWN_SERVER


class KhoDLBreaker(models.Model):
    """What people read of far systems that are spared: whose they are, how much waits for them; and what they may do."""

    _inherit = "kho.dl.breaker"

    company_ids = fields.Many2many(
        "res.company", string="Companies", compute="_compute_company_ids", search="_search_company_ids"
    )
    company_words = fields.Char("Offices", compute="_compute_company_words")
    waiting_count = fields.Integer("Files waiting", compute="_compute_waiting_count")
    messages_waiting = fields.Integer("Messages waiting", compute="_compute_messages_waiting")

    @api.depends_context("allowed_company_ids")
    def _compute_company_ids(self):
        for breaker in self:
            # Only those that the reader has selected: who else uses the server is not theirs to know.
            breaker.company_ids = breaker._users() & self.env.companies

    @api.depends("company_ids")
    @api.depends_context("allowed_company_ids", "lang")
    def _compute_company_words(self):
        for breaker in self:
            # Of a province they are all its offices, and the one on top says so.
            companies = breaker.company_ids.sorted(lambda company: (len(company.parent_ids), company.name))
            breaker.company_words = office_words(self.env, companies.mapped("name"))

    @api.model
    def _search_company_ids(self, operator, value):
        if operator not in ("any", "in"):
            return NotImplemented
        companies = self.env["res.company"]
        companies = companies.search(value) if operator == "any" else companies.browse(filter(None, value))
        if not self.env.su:
            # As it shows: who else uses the server is not theirs to know.
            companies &= self.env.companies
        # sudo: the addresses are readable by system administrators only, also to search by.
        servers = companies.sudo().mapped("kho_dl_own_server")
        return Domain("id", "in", self.sudo()._search([("own_server", "in", servers)]))

    @api.depends_context("allowed_company_ids")
    def _compute_waiting_count(self):
        counts = self._files_waiting(self.env.companies)
        for breaker in self:
            breaker.waiting_count = counts[breaker]

    def _files_waiting(self, companies):
        """Return {breaker: how many files of `companies` it holds up}."""
        # sudo: how many files wait is no secret, whose they are is; the addresses are for system administrators only.
        files = self.env["kho.dl.retrieval"].sudo()
        is_theirs = files._of_offices(companies)
        counts = files._read_group(files._waiting_domain() & is_theirs, [*files._worked_by, "lane"], ["__count"])
        return {
            breaker: sum(
                count
                for *offices, lane, count in counts
                if next(filter(None, offices)).kho_dl_own_server == breaker.own_server
                and breaker.lane in (lane, OWN_SERVER)
            )
            for breaker in self.sudo()
        }

    @api.depends_context("allowed_company_ids")
    def _compute_messages_waiting(self):
        # sudo: how many messages wait is no secret; the addresses are for system administrators only.
        outbox = self.env["kho.dl.outbox"].sudo()
        is_theirs = Domain("company_id", "in", self.env.companies.ids)
        counts = outbox._read_group(outbox._waiting_domain() & is_theirs, ["company_id"], ["__count"])
        for breaker in self:
            server, lane = breaker.sudo().own_server, breaker.lane
            breaker.messages_waiting = sum(
                count
                for company, count in counts
                if company.kho_dl_own_server == server and lane in (company.kho_dl_portal_lane, OWN_SERVER)
            )

    def action_try_now(self):
        """Let the next worker try these agencies at once instead of waiting for their time.

        Those for which nothing waits are taken off the list: the next question shows how they are. What only others wait
        for is left alone.
        """
        self.check_access("write")
        # sudo: nobody changes by hand what several companies share; this is all that an administrator may do about it.
        opened = self.sudo().filtered("opened_on")
        ours = opened.filtered(lambda breaker: breaker._is_waited_for(self.env.companies))
        unasked = (opened - ours).filtered(lambda breaker: not breaker._is_waited_for())
        unasked._forget()
        ours.write({"next_trial_on": fields.Datetime.now()})
        if ours:
            words = self.env._("It is being tried now. If it answers, what waits for it follows.")
            for queue in self._queues():
                queue._wake()
        elif unasked == opened:
            words = self.env._("Nothing waits for it. It is tried again with the next file or message.")
        else:
            words = self.env._("Nothing of your company waits for it. It is tried again by itself when its time comes.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": words,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _in_words(self, company):
        """Return one line for each of these open breakers, for clerks and administrators of `company`."""
        today, counts = fields.Date.context_today(self), self._files_waiting(company)
        return [
            self.env._(
                "%(agency)s: unreachable since %(time)s, files waiting: %(count)s. They are fetched as soon as it answers.",
                agency=breaker.lane_name,
                time=format_datetime(
                    self.env, breaker.opened_on, dt_format="HH:mm" if breaker._opened_date() == today else "dd/MM HH:mm"
                ),
                count=counts[breaker],
            )
            for breaker in self
        ]

    def _opened_date(self):
        return fields.Datetime.context_timestamp(self, self.opened_on).date()
