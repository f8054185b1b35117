from odoo import api, fields, models

from ...protocol.reachability import LONGEST_TIMEOUT, Reach

REACHES = [
    (Reach.OPEN.value, "Reached"),
    (Reach.REFUSED.value, "Refused"),
    (Reach.TIMED_OUT.value, "Timed out"),
    (Reach.UNKNOWN_NAME.value, "Unknown name"),
    (Reach.NO_ROUTE.value, "No way there"),
    (Reach.FAILED.value, "Failed"),
]


class KhoDLReachabilityLine(models.Model):
    _name = "kho.dl.reachability.line"
    _description = "Connection tried to a far security server"
    _order = "reachability_id desc, id"
    _rec_name = "host"

    reachability_id = fields.Many2one(
        "kho.dl.reachability", "Check", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reachability_id.company_id", store=True, precompute=True, index=True)
    checked_on = fields.Datetime(related="reachability_id.checked_on", store=True, precompute=True)
    host = fields.Char("Address", required=True, readonly=True, index=True)
    port = fields.Integer(required=True, readonly=True, aggregator=False)
    reach = fields.Selection(REACHES, "Result", required=True, readonly=True)
    milliseconds = fields.Integer("Time (ms)", readonly=True, aggregator="avg")
    reason = fields.Char("What it means", compute="_compute_reason")

    @api.depends("reach")
    @api.depends_context("lang")
    def _compute_reason(self):
        # Worded when it is read: whoever reads it may speak another language than whoever checked.
        words = self._words()
        for line in self:
            line.reason = words.get(line.reach)

    @api.model
    def _words(self):
        """Return {result: what it means and what to look at}, for administrators."""
        return {
            Reach.OPEN.value: self.env._("The far security server listens here."),
            Reach.REFUSED.value: self.env._(
                "The host answers, but lets nobody in at this port: the service is off, or its firewall does not "
                "know us."
            ),
            Reach.TIMED_OUT.value: self.env._(
                "No answer in time (%(longest)s seconds at most): mostly a firewall on the way, or the host is down.",
                longest=round(LONGEST_TIMEOUT),
            ),
            Reach.UNKNOWN_NAME.value: self.env._(
                "Nobody knows this name: check how it is written, or enter its IP address."
            ),
            Reach.NO_ROUTE.value: self.env._("This server has no way there: its line to CPNET is missing or down."),
            Reach.FAILED.value: self.env._("This server was not allowed to, or could not, open a connection at all."),
        }
