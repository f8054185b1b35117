from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context

from ..common.id_number import clean_id_number, id_number_kind
from ..common.office_time import OFFICE_TIMEZONE, moment_words
from ..common.own_fields import ours_besides
from ..connection.portal_profiles import PROFILE_WORDS
from .acceptance_calls import FAILED, NOT_TRIED, PASSED
from .acceptance_steps import REQUIREMENTS

# What a person enters, before the run; the rest is recorded.
_PERSONS_FIELDS = {
    "company_id",
    "other_side",
    "person_number",
    "is_agreed",
    "procedure_code",
    "result_code",
    "paper_number",
    "is_case_sent",
    "case_number",
}
VIETNAMESE = "vi_VN"


class KhoDLAcceptance(models.Model):
    """One walk through every call against the configured server, for the two sides to sign when they go live.

    It works with a test person and a test case that an administrator names, and touches no case, question, message or file
    of the office. What was sent and answered is kept with everything struck out that lets somebody in or names a person;
    the number itself goes with the end of the run. Works the same without a browser: create it, call `action_run()` until
    `state` is "done", read `step_ids`.
    """

    _name = "kho.dl.acceptance"
    _description = "Acceptance run"
    _inherit = ["mail.thread", "kho.dl.guarded"]
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("new", "To be made"), ("running", "Not finished"), ("done", "Made")],
        required=True,
        readonly=True,
        default="new",
        copy=False,
    )
    other_side = fields.Char("The other side", default=lambda self: self._portal_name())
    person_number = fields.Char(
        "Number of the test person",
        copy=False,
        help="Citizen id number (CCCD) or tax code. It is forgotten when the run ends, and struck out in all that is kept.",
    )
    is_agreed = fields.Boolean("A test person, or somebody who agreed", copy=False)
    procedure_code = fields.Char("Test procedure", default=lambda self: self._last_run().procedure_code)
    result_code = fields.Char("Result asked for", default=lambda self: self._last_run().result_code)
    paper_number = fields.Char(
        "Number of the paper", copy=False, help="Only where a person can hold several papers of this kind."
    )
    is_case_sent = fields.Boolean(
        "Send a test case", copy=False, help="It is written at the portal, and withdrawn at the end."
    )
    case_number = fields.Char(
        "Number of the test case",
        copy=False,
        default=lambda self: self._test_case_number(),
        help="In your agency's own form, and so that everybody sees that it is a test. No case of yours may have it.",
    )
    started_on = fields.Datetime(readonly=True, copy=False)
    ended_on = fields.Datetime(readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Made by", readonly=True, copy=False)
    server = fields.Char("Security server", readonly=True, copy=False)
    unit_code = fields.Char("Unit code", readonly=True, copy=False)
    profile = fields.Selection(PROFILE_WORDS, "Way the portal speaks", readonly=True, copy=False)
    version = fields.Char("Version of Kho DL", readonly=True, copy=False)
    step_ids = fields.One2many("kho.dl.acceptance.step", "acceptance_id", "Steps", readonly=True, copy=False)
    passed_count = fields.Integer("Passed", compute="_compute_counts")
    failed_count = fields.Integer("Not passed", compute="_compute_counts")
    not_tried_count = fields.Integer("Not tried", compute="_compute_counts")
    summary = fields.Char("What came of it", compute="_compute_summary")

    @api.depends("started_on")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            moment = moment_words(self.env, run.started_on) if run.started_on else ""
            run.display_name = (
                self.env._("Acceptance run of %s", moment) if moment else self.env._("Acceptance run to be made")
            )

    @api.depends("step_ids.state")
    def _compute_counts(self):
        for run in self:
            states = run.step_ids.mapped("state")
            run.passed_count, run.failed_count = states.count(PASSED), states.count(FAILED)
            run.not_tried_count = states.count(NOT_TRIED)

    @api.depends("step_ids.state")
    @api.depends_context("lang")
    def _compute_summary(self):
        for run in self:
            run.summary = bool(run.step_ids) and self.env._(
                "%(passed)s steps passed, %(failed)s did not, %(skipped)s were not tried.",
                passed=run.passed_count,
                failed=run.failed_count,
                skipped=run.not_tried_count,
            )

    @api.model_create_multi
    def create(self, vals_list):
        # A default in the caller's context is typed in, too.
        self = self.with_context(clean_context(self.env.context))
        for vals in vals_list:
            self._check_not_forged(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_forged(vals)
        if not self.env.su and any(run.state != "new" for run in self):
            raise UserError(self.env._("An acceptance run that has begun stays as it is. Make a new one."))
        return super().write(vals)

    def _check_not_forged(self, vals):
        if not self.env.su and ours_besides(self, vals, _PERSONS_FIELDS):
            raise AccessError(
                self.env._("What an acceptance run found is recorded by the system and cannot be changed.")
            )

    @api.model
    def _portal_name(self):
        # Stands in what is signed.
        env = self.with_context(lang=self._report_language()).env
        return env._("The national public service portal")

    @api.model
    def _last_run(self):
        return self.search([("company_id", "=", self.env.company.id)], limit=1)

    @api.model
    def _test_case_number(self):
        now = fields.Datetime.context_timestamp(self.with_context(tz=OFFICE_TIMEZONE), fields.Datetime.now())
        return f"{self.env.company._kho_dl_unit() or 'HS'}-TEST-{now:%y%m%d-%H%M%S}"

    def _check_complete(self):
        """Refuse to begin without what the calls need, or with the number of a real case. Raises UserError."""
        needed = ["person_number", "procedure_code", "result_code", "other_side"]
        needed += ["case_number"] if self.is_case_sent else []
        if missing := [name for name in needed if not (self[name] or "").strip()]:
            labels = self.fields_get(missing, ["string"])
            raise UserError(
                self.env._(
                    "Nothing was tried. Still to be filled in: %(fields)s.",
                    fields=", ".join(labels[name]["string"] for name in missing),
                )
            )
        if not id_number_kind(clean_id_number(self.person_number)):
            raise UserError(
                self.env._("Nothing was tried: the number of the test person is none that anybody can have.")
            )
        if not self.is_agreed:
            raise UserError(
                self.env._(
                    "Nothing was tried. Say first that this is a test person, or somebody who agreed: the portal is asked for "
                    "their papers."
                )
            )
        # sudo: also a case of another company must not be taken for a test.
        cases = self.env["kho.dl.case"].sudo().with_context(active_test=False)
        if self.is_case_sent and cases.search_count([("name", "=", self.case_number.strip())], limit=1):
            raise UserError(
                self.env._("Nothing was tried: a real case has the number of the test case. Choose another number.")
            )

    # -- the report ----------------------------------------------------------------------------------

    def _report_language(self):
        """Return the language of what is signed: Vietnamese, wherever this database has it."""
        installed = dict(self.env["res.lang"].get_installed())
        return VIETNAMESE if VIETNAMESE in installed else self.env.lang

    def _requirements(self):
        """Return (id, its words, the steps that show it) of what this run covers, in the order of the ids."""
        self.ensure_one()
        return [
            (
                name,
                self.env._(words),
                self.step_ids.filtered(lambda step, name=name: name in (step.shows or "").split(", ")),
            )
            for name, words in REQUIREMENTS.items()
        ]
