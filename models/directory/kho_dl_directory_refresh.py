from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.kho_dl_guarded import check_one


class KhoDLDirectoryRefresh(models.Model):
    _name = "kho.dl.directory.refresh"
    _description = "Refresh of the directory of security servers"
    _inherit = ["mail.activity.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "started_on"

    started_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Started by", readonly=True, default=lambda self: self.env.user)
    outcome = fields.Selection([("done", "Done"), ("failed", "Failed")], required=True, readonly=True, index=True)
    created_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    archived_count = fields.Integer("Archived", readonly=True)
    kept_count = fields.Integer("Edited by hand, kept", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    skipped_count = fields.Integer("Rows not usable", readonly=True)
    missing_count = fields.Integer(
        "Not named any more",
        readonly=True,
        help="So many servers were not named that somebody must say that they have ended.",
    )
    reason = fields.Text("Why it failed", readonly=True)
    message = fields.Text("What it did", compute="_compute_message")

    @api.depends("outcome", "reason", "missing_count")
    @api.depends_context("lang")
    def _compute_message(self):
        # Worded when it is read: the scheduled action speaks nobody's language.
        for refresh in self:
            if refresh.missing_count:
                refresh.message = refresh._missing_in_words()
            else:
                refresh.message = refresh.reason if refresh.outcome == "failed" else refresh._counts_in_words()

    def _missing_in_words(self):
        return self.env._(
            "The directory does not name %(count)s servers any more. Nothing was changed, as the answer may have been cut off. "
            "Refresh again later, or take it over if they have ended.",
            count=self.missing_count,
        )

    def _counts_in_words(self):
        return self.env._(
            "%(created)s new, %(changed)s changed, %(archived)s archived, %(kept)s edited by hand and kept, "
            "%(unchanged)s unchanged.",
            created=self.created_count,
            changed=self.changed_count,
            archived=self.archived_count,
            kept=self.kept_count,
            unchanged=self.unchanged_count,
        )

    def action_take_over(self):
        """Refresh again, and believe that as many servers as were not named in this one have ended. Returns a notification."""
        check_one(self)
        self.env["kho.dl.security.server"].check_access("write")
        if self != self.search([], limit=1):
            raise UserError(
                self.env._(
                    "The directory was refreshed since, so this one cannot be taken over. Look at the newest refresh."
                )
            )
        return self.env["kho.dl.security.server"]._refresh_and_tell(self.missing_count)

    @api.model
    def _last(self, outcome):
        """Return the newest refresh that ended with `outcome` ("done" or "failed"), maybe empty."""
        return self.sudo().search([("outcome", "=", outcome)], limit=1)
