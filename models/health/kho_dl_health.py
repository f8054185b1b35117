import hmac

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..case.kho_dl_case import OPEN_STATES
from ..connection.outside_secrets import is_any_outside
from .health_check import CHECKS, examine_all, trouble_words, worst_level
from .health_levels import roll_up, unit_codes

# So many lines of each list fit on the page; the lists behind the buttons hold all.
_MOST_SHOWN = 10
_MOST_DEMANDED = 5
# So many offices a monitor is told of one by one.
_MOST_UNITS = 300


class KhoDLHealth(models.Model):
    """How it stands with each company's connection: one row a company, measured whenever it is read.

    Nothing is stored here. What is measured, and when it is a trouble, stands in `checks/`, for this page as for the alarms
    and the monitoring; so do the fields of what was measured.
    """

    _name = "kho.dl.health"
    _description = "Health of the connection"
    _inherit = ["kho.dl.guarded"]
    _auto = False
    _order = "id"
    _depends = {"res.company": ["name"]}

    company_id = fields.Many2one("res.company", readonly=True)
    level = fields.Selection(
        [("ok", "All is well"), ("warning", "Needs a look"), ("danger", "Needs help now")], compute="_compute_facts"
    )
    # [{"kind": str, "level": "danger" or "warning", "title": str, "advice": str, "place": str, "offices": str}], the last
    # where it is not the company itself alone.
    troubles = fields.Json(compute="_compute_facts")
    agency_ids = fields.Many2many("kho.dl.health.agency", compute="_compute_lists")
    failure_ids = fields.Many2many("kho.dl.health.failure", compute="_compute_lists")
    demand_ids = fields.Many2many("kho.dl.demand", compute="_compute_lists")
    unmapped_count = fields.Integer(
        "Documents without a result code",
        compute="_compute_unmapped",
        help="Required documents that open cases wait for, and of which nothing says which results satisfy them.",
    )
    unmapped_case_count = fields.Integer("Open cases that wait for a result code", compute="_compute_unmapped")

    @property
    def _table_query(self):
        return SQL("SELECT id, id AS company_id FROM res_company")

    @api.depends_context("lang")
    def _compute_display_name(self):
        for health in self:
            health.display_name = self.env._("Health of %s", health.company_id.name)

    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_facts(self):
        # Each is measured by itself: who looks, looks at one.
        for health in self:
            picture, measured = health._picture()
            for name in self._fields:
                # Those that are shown as they are have the same name there.
                if hasattr(picture.facts, name):
                    health[name] = getattr(picture.facts, name)
            health.level = worst_level(picture.troubles)
            health.troubles = [
                health._trouble_entry(trouble, picture.offices[trouble.kind]) for trouble in picture.troubles
            ]
            health._show_offices(picture, measured)

    @api.model
    def _facts_and_troubles(self, company):
        """Return what was measured of `company`, and the list of `Trouble` that it shows."""
        return self._measured(company)[company.id]

    @api.model
    def _measured(self, companies):
        """Return {company id: (facts, troubles)} of `companies`, in as many statements as of one."""
        return examine_all(self.env, companies, fields.Datetime.now())

    @api.model
    def _monitored(self, company):
        """Return what the monitoring of `company` is told: facts, troubles, and (code, facts, troubles) of each office below.

        None of these where there is no office below; `_MOST_UNITS` of them, those with trouble first.
        """
        # sudo: numbers of the company and of its branches; who brings the token has no user.
        offices = self.env["res.company"].sudo().search([("id", "child_of", company.id)])
        found = self._measured(offices)
        picture = roll_up(company, {office: found[office.id] for office in offices})
        in_order = [*picture.by_office, *(office for office in offices if office not in picture.by_office)]
        codes = unit_codes(offices)
        units = [(codes[office], found[office.id][0], picture.by_office.get(office, [])) for office in in_order]
        return picture.facts, picture.troubles, units[:_MOST_UNITS] if len(offices) > 1 else []

    @api.model
    def _monitored_by(self, token):
        """Return the company whose monitoring brings `token`, none for any other."""
        given = token.encode(errors="replace")
        # sudo: who brings the token has no user.
        companies = self.env["res.company"].sudo()
        # Of a province few offices have a token: the others are looked up only where theirs may be outside the database.
        wanted = [] if is_any_outside("HEALTH_TOKEN", self.env) else [("kho_dl_health_token", "!=", False)]
        companies = companies.search_fetch(wanted, ["kho_dl_health_token", "kho_dl_unit_code", "parent_id"])
        tokens = {company: company._kho_dl_secret("kho_dl_health_token") for company in companies}
        # Compared in the same time, whatever is wrong.
        return companies.filtered(lambda one: tokens[one] and hmac.compare_digest(tokens[one].encode(), given))[:1]

    def _trouble_entry(self, trouble, offices):
        title, advice = trouble_words(self.env, trouble)
        where = self._offices_words(offices)
        return {
            **({"offices": where} if where else {}),
            "kind": trouble.kind,
            "level": trouble.level,
            "title": title,
            "advice": advice,
            "place": self.env._(CHECKS[trouble.kind].place.words),
        }

    @api.depends_context("allowed_company_ids")
    def _compute_lists(self):
        this_month = fields.Date.context_today(self).replace(day=1)
        for health in self:
            own = Domain("company_id", "in", health._offices().ids)
            health.agency_ids = self.env["kho.dl.health.agency"]._lines(own, _MOST_SHOWN, "all_failed", "all_files")
            health.failure_ids = self.env["kho.dl.health.failure"]._lines(own, _MOST_SHOWN, "all_items")
            health.demand_ids = self.env["kho.dl.demand"]._lines(
                own & Domain("month", "=", this_month), _MOST_DEMANDED, "all_cases"
            )

    @api.depends_context("allowed_company_ids")
    def _compute_unmapped(self):
        for health in self:
            health.unmapped_count, health.unmapped_case_count = health._count_unmapped()

    def _count_unmapped(self):
        self.env.flush_all()
        [counts] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(DISTINCT wanted.procedure_document_id), COUNT(DISTINCT wanted.case_id)
                  FROM kho_dl_procedure_document document
                  JOIN kho_dl_case_document wanted ON wanted.procedure_document_id = document.id
                  JOIN kho_dl_case job ON job.id = wanted.case_id
                 WHERE document.required AND document.is_reusable AND document.active
                   AND NOT EXISTS (SELECT FROM kho_dl_procedure_document_result_code_rel mapping
                                    WHERE mapping.procedure_document_id = document.id)
                   AND job.company_id IN %s AND job.state IN %s AND job.is_draft IS NOT TRUE
                   AND NOT EXISTS (SELECT FROM kho_dl_case_document_attachment_rel file
                                    WHERE file.case_document_id = wanted.id)
                """,
                self._offices()._ids,
                OPEN_STATES,
            )
        )
        return counts

    # -- where to go -------------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open the page of the current company."""
        self.check_access("read")
        return self.browse(self.env.company.id)._opened_page(target="main")

    @api.model
    def action_open_place(self, kind):
        """Open where a trouble of `kind`, of `CHECKS`, is seen to; who may not go there reads who can."""
        self.check_access("read")
        if not isinstance(kind, str) or kind not in CHECKS:
            raise UserError(self.env._("There is no such trouble."))
        place = CHECKS[kind].place
        action = self.env["ir.actions.actions"]._for_xml_id(place.action)
        if self.env[action["res_model"]].has_access("read"):
            if place.setting:
                # As Odoo finds one: it goes there and marks it when a page is loaded.
                url = f"/odoo/action-{place.action}#{place.setting}"
                return {"type": "ir.actions.act_url", "url": url, "target": "self"}
            if action["res_model"] == "ir.cron":
                # sudo: which scheduled actions are ours is no secret.
                ours = self.env["ir.model.data"].sudo().search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")])
                action.update(domain=[("id", "in", ours.mapped("res_id"))], context={"active_test": False})
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._("Only a system administrator can do this. Please tell them what this page says."),
            },
        }

    def action_look_again(self):
        """Measure again and show it."""
        self.check_access("read")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_files(self):
        """Open the files that are on their way."""
        return self._opened("kho_dl.action_kho_dl_retrieval", {"search_default_waiting": 1})

    def action_open_messages(self):
        """Open the messages that wait or were refused."""
        return self._opened("kho_dl.action_kho_dl_outbox", {"search_default_waiting": 1, "search_default_rejected": 1})

    def action_open_unmapped(self):
        """Open the desk, to say which results satisfy the documents of procedures."""
        self.check_access("read")
        return self._opened("kho_dl.action_kho_dl_mapping", {})

    def _opened(self, xmlid, context):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        if action.get("res_model"):
            # As many as the button counted, whichever companies are selected.
            action["domain"] = list(self.env[action["res_model"]]._of_offices(self._offices()))
        return {**action, "context": {**context, **self._context_of_page()}}
