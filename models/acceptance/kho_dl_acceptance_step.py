from odoo import api, fields, models

from .acceptance_calls import FAILED, NOT_TRIED, PASSED
from .acceptance_steps import KINDS

WAITING, RUNNING = "waiting", "running"


class KhoDLAcceptanceStep(models.Model):
    _name = "kho.dl.acceptance.step"
    _description = "Step of an acceptance run"
    _order = "acceptance_id desc, id"

    acceptance_id = fields.Many2one(
        "kho.dl.acceptance", "Run", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="acceptance_id.company_id", store=True, precompute=True, index=True)
    kind = fields.Selection(KINDS, "Step", required=True, readonly=True)
    state = fields.Selection(
        [
            (WAITING, "Waiting"),
            (RUNNING, "Under way"),
            (PASSED, "Passed"),
            (FAILED, "Not passed"),
            (NOT_TRIED, "Not tried"),
        ],
        "Result",
        required=True,
        readonly=True,
        default=WAITING,
    )
    is_open = fields.Boolean(compute="_compute_is_open")
    words = fields.Text("What was found", readonly=True)
    sent = fields.Text(readonly=True)
    answered = fields.Text(readonly=True)
    started_on = fields.Datetime(readonly=True)
    seconds = fields.Float("Duration (s)", digits=(10, 2), readonly=True)
    shows = fields.Char("Requirements", readonly=True, help="Ids of the table of conformance, with commas.")

    _once = models.UniqueIndex("(acceptance_id, kind)", "Each step is made once.")

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        titles = dict(self._fields["kind"]._description_selection(self.env))
        for step in self:
            step.display_name = titles.get(step.kind)

    @api.depends("state")
    def _compute_is_open(self):
        for step in self:
            step.is_open = step.state in (WAITING, RUNNING)

    def _skip(self, words):
        self.write({"state": NOT_TRIED, "words": words})

    def _break_off(self):
        """Close these: what was under way when the run broke off may have reached the portal, and is not sent twice."""
        for step in self:
            if step.state == RUNNING:
                words = self.env._("The run broke off while this was under way, so nobody knows what was answered.")
                step.write({"state": FAILED, "words": words})
            else:
                step._skip(self.env._("The run was not finished."))
