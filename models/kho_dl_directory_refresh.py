from datetime import timedelta

from odoo import api, fields, models

# The guideline (V.1) asks for a refresh a day: after two days without one, somebody has to look.
ALARM_AFTER = timedelta(days=2)


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
    reason = fields.Text("Why it failed", readonly=True)
    message = fields.Text("What it did", compute="_compute_message")

    @api.depends("outcome", "reason")
    @api.depends_context("lang")
    def _compute_message(self):
        # Worded when it is read: the scheduled action speaks nobody's language.
        for refresh in self:
            refresh.message = refresh.reason if refresh.outcome == "failed" else refresh._counts_in_words()

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

    @api.model
    def _last(self, outcome):
        """Return the newest refresh that ended with `outcome` ("done" or "failed"), maybe empty."""
        return self.sudo().search([("outcome", "=", outcome)], limit=1)

    @api.model
    def _alarm_when_stale(self):
        """Give each administrator one activity when no refresh has worked for two days."""
        last_done = self._last("done")
        # sudo: the alarm is for administrators, whoever's job finds out.
        newest = self.sudo().search([], limit=1)
        oldest = self.sudo().search([], order="id", limit=1)
        waiting_since = (last_done or oldest).started_on
        if not waiting_since or fields.Datetime.now() - waiting_since < ALARM_AFTER:
            return
        administrators = self.env.ref("kho_dl.group_administrator").all_user_ids.filtered("active")
        warned = self.env["mail.activity"].sudo().search([("res_model", "=", self._name)]).user_id
        for user in administrators - warned:
            newest.with_context(lang=user.lang)._schedule_alarm(user, last_done)

    def _schedule_alarm(self, user, last_done):
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("The directory of security servers is out of date"),
            note=self.env._(
                "No refresh has worked since %(since)s. Look at the settings and at the last refreshes. "
                "What the last one said: %(message)s",
                since=fields.Datetime.to_string(last_done.started_on) if last_done else self.env._("the beginning"),
                message=self.message,
            ),
            user_id=user.id,
        )

    def _clear_alarm(self):
        """A refresh worked: the warnings are of no use any more."""
        self.env["mail.activity"].sudo().search([("res_model", "=", self._name)]).unlink()
