from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_datetime

# What the portal is told of a case; a change of anything else is nobody's business.
_TOLD_FIELDS = frozenset(
    """name procedure_id owner_id owner_id_number channel officer_id state date_submitted date_received date_due
    date_finished date_returned is_draft is_account_verified""".split()
)


class KhoDLCase(models.Model):
    """Each change that the portal should know of leaves a message in the outbox, with the change or not at all."""

    _inherit = "kho.dl.case"

    outbox_ids = fields.One2many("kho.dl.outbox", "case_id", "Messages to the portal", readonly=True)
    portal_state = fields.Selection(
        [("waiting", "To be sent"), ("sent", "Sent"), ("refused", "Refused"), ("stuck", "Put aside by us")],
        compute="_compute_portal_state",
    )
    portal_words = fields.Char("At the national portal", compute="_compute_portal_state")

    @api.depends("outbox_ids.state", "outbox_ids.cut_fields")
    def _compute_portal_state(self):
        for case in self:
            # sudo: the messages are those of the office whose the case is; who received it for that sees to them, too.
            rows = case.sudo().outbox_ids.sorted("id")
            refused = rows.filtered(lambda row: row.state == "rejected")[:1]
            waiting = rows.filtered(lambda row: row.state in ("pending", "running"))
            if refused:
                # What we did not send for a reason of our own, such as a number that is missing, the portal refused not.
                case.portal_state = "refused" if refused.portal_code or refused.portal_message else "stuck"
                case.portal_words = refused.portal_message or refused.error
            elif waiting:
                reason = waiting[0].error
                case.portal_state = "waiting"
                case.portal_words = self.env._(
                    "Waiting to be sent to the portal. %(reason)s", reason=reason or ""
                ).strip()
            elif rows:
                moment = format_datetime(self.env, rows[-1].closed_on, dt_format="HH:mm dd/MM/yyyy")
                case.portal_state = "sent"
                case.portal_words = self.env._("The portal knows the case as of %(time)s.", time=moment)
                if cut := rows._cut_in_words():
                    words = self.env._("Shortened there, whole with us: %(fields)s.", fields=cut)
                    case.portal_words = f"{case.portal_words} {words}"
            else:
                case.portal_state = case.portal_words = False

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._enqueue_case_sync()
        cases._outbox()._tell_steps(cases)
        return cases

    def write(self, vals):
        # What was a draft comes to its first step as it is submitted.
        before = {case: not case.is_draft and case.state for case in self}
        result = super().write(vals)
        if _TOLD_FIELDS.intersection(vals):
            self._enqueue_case_sync()
        # What this write makes of itself, for an applicant who stays the same, has told its steps already.
        is_told = self._outbox()._last_steps(self)
        moved = self.filtered(lambda case: case.state != before[case] and is_told.get(case) != case.state)
        self._outbox()._tell_steps(moved)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known_to_portal(self):
        # sudo: what the portal knows does not depend on who deletes.
        known = [("case_id", "in", self.ids), *self.env["kho.dl.outbox"]._maybe_known_domain()]
        if self.env["kho.dl.outbox"].sudo().search_count(known, limit=1):
            raise UserError(
                self.env._("The national portal knows this case, so it cannot be deleted. Mark it as stopped.")
            )

    def _enqueue_case_sync(self):
        self._outbox()._enqueue_cases(self)

    def _outbox(self):
        # A column of the board says in which state its cases begin: that is not the state of a message.
        return self.env["kho.dl.outbox"].with_context(clean_context(self.env.context))

    def action_tell_portal(self):
        """Send these cases to the portal as they are now, for example those from before it was switched on.

        Returns a notification.
        """
        self.check_access("write")
        # sudo: whoever received a case need not work at the office whose it is.
        told = self.filtered(lambda case: case.company_id.sudo().kho_dl_sync_enabled)
        told._enqueue_case_sync()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if told else "warning",
                "message": self.env._("The portal is told of %s cases now, in the background.", len(told))
                if told
                else self.env._("Nothing was sent: telling the portal of our cases is switched off in the settings."),
            },
        }

    def action_send_again(self):
        """Send again what the portal refused of these cases."""
        self.check_access("write")
        # sudo: as above, whoever works on the case.
        return self.sudo().outbox_ids.action_send_again()


class KhoDLCasePart(models.AbstractModel):
    _inherit = "kho.dl.case.part"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.case_id._enqueue_case_sync()
        return parts

    def write(self, vals):
        # Also of the case that it is taken from.
        cases = self.case_id
        result = super().write(vals)
        (cases | self.case_id)._enqueue_case_sync()
        return result

    def unlink(self):
        cases = self.case_id
        result = super().unlink()
        cases._enqueue_case_sync()
        return result


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    def _files_changed(self):  # pylint: disable=missing-return
        super()._files_changed()
        self.case_id._enqueue_case_sync()


class KhoDLPaper(models.Model):
    _inherit = "kho.dl.paper"

    def _published(self):  # pylint: disable=missing-return
        super()._published()
        self.case_id._enqueue_case_sync()

    def _retire(self, state, reason=False):  # pylint: disable=missing-return
        super()._retire(state, reason)
        # A link that is dead must not stand at the portal.
        self.case_id._enqueue_case_sync()


class KhoDLPaperFile(models.Model):
    _inherit = "kho.dl.paper.file"

    def _addresses_changed(self):  # pylint: disable=missing-return
        super()._addresses_changed()
        self.paper_id.case_id._enqueue_case_sync()
