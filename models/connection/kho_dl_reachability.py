from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context

from ...protocol import reachability
from ..common.own_fields import ours_besides
from .kho_dl_gateway import refuse_open_transaction

MOST_ADDRESSES = 20
KEEP_DAYS = 90
# Of each company; older ones go sooner than after KEEP_DAYS.
KEEP_CHECKS = 200


class KhoDLReachability(models.Model):
    """One check whether far security servers can be reached from here (guideline V.4).

    For administrators only, with ports that are no setting and hosts that are no addresses of web pages: what it
    does is what a port scanner does. Works the same without a browser: create it with `addresses`, call
    `action_check()`, read `line_ids`.
    """

    _name = "kho.dl.reachability"
    _description = "Check of far security servers"
    _inherit = ["kho.dl.guarded"]
    _order = "id desc"
    _rec_name = "checked_on"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    addresses = fields.Text(
        required=True,
        default=lambda self: self._addresses_of_last_check(),
        help="IP addresses or names of far security servers, one a line.",
    )
    checked_on = fields.Datetime(readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Checked by", readonly=True, copy=False)
    line_ids = fields.One2many("kho.dl.reachability.line", "reachability_id", "Results", readonly=True, copy=False)
    line_count = fields.Integer("Tried", compute="_compute_counts")
    open_count = fields.Integer("Reached", compute="_compute_counts")
    commands = fields.Text("For the security server itself", compute="_compute_commands")

    @api.depends("line_ids.reach")
    def _compute_counts(self):
        for check in self:
            check.line_count = len(check.line_ids)
            check.open_count = len(check.line_ids.filtered(lambda line: line.reach == reachability.Reach.OPEN))

    @api.depends("line_ids")
    def _compute_commands(self):
        for check in self:
            check.commands = "\n".join(f"telnet {line.host} {line.port}" for line in check.line_ids)

    @api.model_create_multi
    def create(self, vals_list):
        # A default in the caller's context is typed in, too.
        self = self.with_context(clean_context(self.env.context))
        for vals in vals_list:
            self._check_not_forged(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_forged(vals)
        if not self.env.su and any(check.checked_on for check in self):
            raise UserError(self.env._("A check that was made stays as it is. Make a new one."))
        return super().write(vals)

    def _check_not_forged(self, vals):
        if not self.env.su and ours_besides(self, vals, {"company_id", "addresses"}):
            raise AccessError(self.env._("What a check found is recorded by the system and cannot be changed."))

    def action_check(self):
        """Try both ports of each address now, and record what happened. Commits before."""
        self.ensure_one()
        self.check_access("write")
        if self.checked_on:
            raise UserError(self.env._("A check that was made stays as it is. Make a new one."))
        self.env["kho.dl.database"]._check_confirmed()
        hosts = self._hosts()
        timeout = self.company_id.kho_dl_connect_timeout
        # Nobody should wait for this row while we wait for others.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        refuse_open_transaction(self.env.cr)
        attempts = reachability.try_all(hosts, timeout=timeout)
        # sudo: results are recorded by this code only.
        self.sudo().write(
            {
                "checked_on": fields.Datetime.now(),
                "user_id": self.env.uid,
                "line_ids": [
                    Command.create(
                        {
                            "host": attempt.host,
                            "port": attempt.port,
                            "reach": attempt.reach.value,
                            "milliseconds": round(attempt.seconds * 1000),
                        }
                    )
                    for attempt in attempts
                ],
            }
        )
        return True

    def action_check_again(self):
        """Check the same addresses anew; return the action that opens the new check."""
        self.ensure_one()
        again = self.copy()
        again.action_check()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": again.id,
            "views": [(False, "form")],
        }

    def _hosts(self):
        """Return the hosts to check. Raises UserError for what is none, before anything is tried."""
        hosts, strange = [], []
        for line in filter(None, map(str.strip, (self.addresses or "").splitlines())):
            try:
                hosts.append(reachability.literal_host(line))
            except ValueError:
                strange.append(line)
        if strange:
            raise UserError(
                self.env._(
                    "Nothing was checked. Write IP addresses or names of hosts, one a line, without “http://”, "
                    "port or path. These are none: %(lines)s",
                    lines=", ".join(line[:80] for line in strange[:5]),
                )
            )
        hosts = list(dict.fromkeys(hosts))
        if not hosts or len(hosts) > MOST_ADDRESSES:
            raise UserError(
                self.env._(
                    "Nothing was checked. Enter between 1 and %(most)s addresses; there are %(count)s.",
                    most=MOST_ADDRESSES,
                    count=len(hosts),
                )
            )
        return hosts

    @api.model
    def _addresses_of_last_check(self):
        return self.search([("company_id", "=", self.env.company.id)], limit=1).addresses

    @api.autovacuum
    def _gc_old_checks(self):
        """Delete checks older than KEEP_DAYS, and all but the newest KEEP_CHECKS of each company."""
        self.search([("create_date", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS))]).unlink()
        for [company] in self._read_group([], ["company_id"], having=[("__count", ">", KEEP_CHECKS)]):
            self.search([("company_id", "=", company.id)], offset=KEEP_CHECKS).unlink()
