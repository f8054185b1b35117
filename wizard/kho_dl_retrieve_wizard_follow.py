from odoo import api, fields, models


class KhoDLRetrieveWizard(models.TransientModel):
    """How far the form's files are on their way."""

    _inherit = "kho.dl.retrieve.wizard"

    waiting_count = fields.Integer(compute="_compute_line_counts")
    failed_count = fields.Integer(compute="_compute_line_counts")
    unreachable = fields.Text(related="case_id.unreachable", related_sudo=False)
    fetch_total = fields.Integer(related="case_id.fetch_total", related_sudo=False)
    fetch_done = fields.Integer(related="case_id.fetch_done", related_sudo=False)
    fetch_failed = fields.Integer(related="case_id.fetch_failed", related_sudo=False)

    @api.depends("line_ids.status")
    def _compute_line_counts(self):
        for wizard in self:
            statuses = wizard.line_ids.mapped("status")
            wizard.waiting_count = statuses.count("waiting")
            wizard.failed_count = statuses.count("failed")
