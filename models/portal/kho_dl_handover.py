from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...protocol import channels
from ..case.kho_dl_case import OPEN_STATES, STATES
from ..case.kho_dl_case_steps import Step
from ..common.id_number_field import IdNumber
from ..common.office_language import in_office_language
from ..reporting import indicator_triggers
from ..reporting.kept_facts import KEPT

HANDED_OVER = "kho_dl.mail_activity_type_handed_over"
# So many rows lose their personal data in one go; the rest the next day.
_MOST_EMPTIED = 1000


class KhoDLHandover(models.Model):
    """What an office received for another one and handed over: all that it goes on seeing of the case.

    Kept as it was at that moment; of what the other office does with the case, its state alone is told here.
    """

    _name = "kho.dl.handover"
    _description = "Case handed over"
    _inherit = ["kho.dl.guarded"]
    _order = "handed_over_on desc, id desc"
    _rec_name = "case_name"
    _is_made_by_code = True

    case_id = fields.Many2one("kho.dl.case", readonly=True, index=True, ondelete="set null")
    case_name = fields.Char("Case number", required=True, readonly=True)
    state = fields.Selection(STATES, "State of the case", readonly=True)
    procedure = fields.Char(readonly=True)
    applicant = fields.Char(readonly=True)
    owner_id_number = IdNumber("Applicant's id number", readonly=True)
    channel = fields.Selection(channels.SELECTION, readonly=True)
    date_submitted = fields.Datetime("Submitted on", readonly=True)
    date_received = fields.Datetime("Received on", readonly=True)
    date_due = fields.Datetime("Result due on", readonly=True)
    officer_id = fields.Many2one("res.users", "Receiving officer", readonly=True, ondelete="set null")
    handed_over_on = fields.Datetime("Handed over on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Handed over by", required=True, readonly=True, ondelete="restrict")
    documents = fields.Text("Documents handed over", readonly=True)
    # No One2many: Odoo would look for these with each new file of whatever.
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files as handed over", compute="_compute_attachment_ids", compute_sudo=False
    )
    # What the receiving office is measured by.
    vars().update({fact.name: fields.Boolean(help=fact.help, readonly=True) for fact in KEPT})
    office = fields.Char("Handed over to", required=True, readonly=True)
    company_id = fields.Many2one("res.company", "Receiving office", required=True, readonly=True, index=True)

    def _compute_attachment_ids(self):
        own = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        files = self.env["ir.attachment"].search(own, order="id").grouped("res_id")
        for row in self:
            row.attachment_ids = files.get(row.id, False)

    @api.model
    def _keep(self, case):
        """Return the new row of what `case` is now, with copies of its files."""
        # sudo: what was received is kept by this code only.
        case = in_office_language(case).sudo()
        row = self.sudo().create(
            {
                "case_id": case.id,
                "case_name": case.name,
                "state": case.state,
                "procedure": case.procedure_id.name,
                "applicant": case.owner_id.name,
                "owner_id_number": case.owner_id_number,
                **{name: case[name] for name in ("channel", "date_submitted", "date_received", "date_due")},
                "officer_id": case.officer_id.id,
                "handed_over_on": fields.Datetime.now(),
                "user_id": self.env.uid,
                "documents": "\n".join(map(self.with_env(case.env)._document_words, case.document_ids)),
                "office": case.company_id.name,
                "company_id": case.held_by_id.id,
            }
        )
        self.env.flush_all()
        indicator_triggers.keep(self.env.cr, row.ids)
        row.invalidate_recordset()
        files = case.env["ir.attachment"].union(*(document._ordered_files() for document in case.document_ids))
        files._copy_to([row] * len(files))
        return row.with_env(self.env)

    @api.autovacuum
    def _gc_outdated(self):
        """Empty what is as old as the receiving office keeps personal data: the case itself is with the other office."""
        # sudo: of all offices, whoever cleans; of those that were archived, too.
        rows = self.sudo().with_context(active_test=False)
        for company in rows.env["res.company"].search([("kho_dl_retention_days", ">", 0)]):
            before = fields.Datetime.now() - timedelta(days=company.kho_dl_retention_days)
            outdated = (
                Domain("company_id", "=", company.id)
                & Domain("handed_over_on", "<", before)
                & Domain("applicant", "!=", False)
                & (Domain("case_id", "=", False) | Domain("case_id.state", "not in", OPEN_STATES))
            )
            emptied = rows.search(outdated, limit=_MOST_EMPTIED)
            emptied.attachment_ids.unlink()
            emptied.write({"applicant": False, "owner_id_number": False, "documents": False})

    @api.model
    def _document_words(self, document):
        labels = dict(document._fields["source"]._description_selection(self.env))
        there = filter(
            None,
            [
                labels.get(document.source),
                document.provenance_agency,
                *document._ordered_files().mapped("name"),
            ],
        )
        words = " · ".join(there) if document.attachment_ids else self.env._("not there")
        return f"{document.name}: {words}"


class KhoDLCase(models.Model):
    """How a case that was received for another office gets there."""

    _inherit = "kho.dl.case"

    def action_hand_over(self):
        """Give this case to the office whose it is; return the action that opens what this office goes on seeing of it.

        Raises UserError where it does not lie here, and AccessError for who may not work on it.
        """
        self.ensure_one()
        self.check_access("write")
        if not self.is_held_here:
            raise UserError(self.env._("This case was not received for another office, or is handed over already."))
        # Of two clerks at once the second one begins anew, and reads that it is done.
        self._hold_still()
        kept = self.env["kho.dl.handover"]._keep(self)
        self.env["kho.dl.case.decision"]._note({self: Step("handed_over", self.state, "")}, False)
        # sudo: from here on it is the other office's.
        case = self.sudo()
        case.write({"handed_over_on": kept.handed_over_on, "officer_id": False})
        case._leave_to_office()
        case._tell_officer(
            lambda told: told.env._("Received at %s and handed over to you", kept.sudo().company_id.name), HANDED_OVER
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": kept._name,
            "res_id": kept.id,
            "views": [(False, "form")],
            # Back there is nothing more to be seen.
            "target": "main",
        }

    def _check_never_asked(self):
        # Before the clerk takes its files off for nothing.
        self._unlink_except_handed_over()
        return super()._check_never_asked()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_over(self):
        # sudo: what an office has done for this one counts, whoever may read it.
        if self.sudo().filtered("handed_over_on"):
            raise UserError(
                self.env._(
                    "This case was received by another office, whose figures count it. It cannot be deleted: "
                    "mark it as stopped instead."
                )
            )

    def _leave_to_office(self):
        """Take these cases from the eyes of those who do not work for their office: followers, and what they had to do."""
        for case in self:
            strangers = case.message_partner_ids.filtered(
                lambda partner, case=case: (
                    partner.user_ids
                    and not any(case.company_id in user.company_ids for user in partner.user_ids if not user.share)
                    and not all(user.share for user in partner.user_ids)
                )
            )
            case.message_unsubscribe(strangers.ids)
            case.activity_ids.filtered(
                lambda activity, case=case: case.company_id not in activity.user_id.company_ids
            ).unlink()

    def action_take_over(self):
        """Make the current user the officer of this case, which another office received."""
        self.ensure_one()
        self.write({"officer_id": self.env.uid})
        # sudo: the activities of colleagues, too.
        self.sudo()._activities(HANDED_OVER).unlink()
        return True

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            # sudo: whoever received a case is told how far it is, and nothing else of it.
            handed_over = self.sudo().filtered("handed_over_on")
            # Nor by whom.
            kept = self.env["kho.dl.handover"].with_user(SUPERUSER_ID)
            for row in kept.search([("case_id", "in", handed_over.ids)]):
                row.state = row.case_id.state
        return result


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """Say of a case that this user's office handed over where it is: a link to it may stand anywhere."""
        rows = self.env["kho.dl.handover"]
        if records._name == "kho.dl.case" and rows.has_access("read"):
            row = rows.search([("case_id", "in", records.ids)], limit=1)
            if row:
                words = self.env._(
                    "Case %(case)s was handed over to %(office)s, and is worked on there. What you received of it stands under "
                    "Exchange, Cases handed over.",
                    case=row.case_name,
                    office=row.office,
                )
                return AccessError(words)
        return super()._make_access_error(operation, records)
