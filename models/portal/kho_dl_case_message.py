from datetime import timedelta
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..common.own_fields import ours_besides, without_ours
from .kho_dl_case_news import MESSAGE

# Characters; the page of a case stays small with some of them.
LONGEST = 2000
# Messages of one citizen within a day.
_MOST_A_DAY = 20
_WRITTEN = {"case_id", "body"}
# States about which the applicant has to do something.
_NEWS = {"5": "supplement", "6": "fee"}


class MessageLine(NamedTuple):
    """A message as the citizen sees it: who wrote it ("You", or the office: never an officer) and when, in words; plain text."""

    who: str
    sent_on: str
    text: str


class KhoDLCaseMessage(models.Model):
    """A message between the applicant and the office about a case; apart from the chatter, whose notes are the office's own.

    It stays as it was sent.
    """

    _name = "kho.dl.case.message"
    _description = "Message between applicant and office"
    _inherit = ["kho.dl.guarded"]
    _order = "id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, index=True, ondelete="cascade")
    body = fields.Text("Message", required=True)
    is_from_applicant = fields.Boolean("From the applicant", readonly=True)
    user_id = fields.Many2one("res.users", "Written by", required=True, readonly=True, index=True, ondelete="restrict")
    sent_on = fields.Datetime("Sent on", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="case_id.held_by_id", store=True, precompute=True, index="btree_not_null")

    _not_long = models.Constraint(
        f"CHECK (length(body) <= {LONGEST})",
        "This message is too long. Please shorten it, or write two.",
    )

    @api.model
    def default_get(self, fields):
        return without_ours(self, super().default_get(fields), _WRITTEN)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(ours_besides(self, vals, _WRITTEN) for vals in vals_list):
            raise AccessError(self.env._("Who wrote a message and when is recorded by the system."))
        vals_list = [{**vals, "body": str(vals.get("body") or "").strip()} for vals in vals_list]
        if not all(vals["body"] for vals in vals_list):
            raise UserError(self.env._("Write your message first. Nothing was sent."))
        now = fields.Datetime.now()
        said = {"is_from_applicant": False, "user_id": self.env.uid, "sent_on": now}
        messages = super().create([{**said, **vals} for vals in vals_list])
        from_office = messages.filtered(lambda message: not message.is_from_applicant)
        # sudo: the activities of colleagues, too.
        from_office.case_id.sudo()._activities(MESSAGE).unlink()
        from_office.case_id._tell_citizens("message")
        (messages - from_office).case_id._tell_officer(
            lambda case: case.env._("The applicant wrote a message"), MESSAGE
        )
        return messages


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    message_line_ids = fields.One2many(
        "kho.dl.case.message", "case_id", "Messages with the applicant", readonly=True, copy=False
    )
    is_read_online = fields.Boolean(compute="_compute_is_read_online", help="The applicant reads messages online.")

    def write(self, vals):
        moved = self.filtered(lambda case: case.state != vals.get("state"))
        result = super().write(vals)
        if event := _NEWS.get(vals.get("state")):
            moved._tell_citizens(event)
        return result

    @api.depends("owner_id", "owner_id_number")
    def _compute_is_read_online(self):
        for case in self:
            case.is_read_online = bool(case._origin._citizens())

    def _citizens(self):
        """Return the citizens with a login who see this case."""
        citizen = self.env["kho.dl.citizen"]
        return self._logins().filtered(
            lambda user: user._is_portal() and self in citizen.with_user(user)._followed(self.id)
        )

    def _logins(self):
        """Return the users, as superuser, who may be citizens that see this case: those of the applicant, and of who acts for it."""
        # sudo: who has a login is not a clerk's to read; that somebody reads there is a fact about the case.
        case = self.sudo()
        people = case.env["kho.dl.mandate"]._people(case.owner_id_number, case.company_id.root_id)
        return (case.owner_id | people).user_ids

    def action_write_to_applicant(self):
        """Open the form for a message to the applicant."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to the applicant"),
            "res_model": "kho.dl.case.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def _tell_citizens(self, event):
        """Write to whoever reads these cases online that there is news: `event` is "message", "supplement" or "fee".

        What it is stands on the page, behind the login.
        """
        template = self.env["kho.dl.database"]._mail_template("kho_dl.mail_template_news")
        template = template.with_context(kho_dl_event=event)
        for case in self if template else ():
            # Each in the own language, which may be another than that of whose case it is.
            for lang, readers in case._citizens().partner_id.filtered("email").grouped("lang").items():
                in_theirs = template.with_context(template_preview_lang=lang or self.env.lang)
                in_theirs.send_mail(case.id, email_values={"recipient_ids": [Command.set(readers.ids)]})


class KhoDLCitizen(models.AbstractModel):
    """What the citizen and the office write to each other."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _message_count(self, case_id):
        # sudo: a citizen reads no records; these are of an own case.
        return self.env["kho.dl.case.message"].sudo().search_count([("case_id", "in", self._followed(case_id).ids)])

    @api.model
    def _messages(self, case_id, offset=0, limit=None):
        """Return [MessageLine] of an own case, the newest first."""
        case = self._followed(case_id)
        # sudo: as above.
        messages = self.env["kho.dl.case.message"].sudo()
        messages = messages.search([("case_id", "in", case.ids)], offset=offset, limit=limit)
        return [MessageLine(self._writer(message), self._moment(message.sent_on), message.body) for message in messages]

    @api.model
    def _writer(self, message):
        if not message.is_from_applicant:
            # Whoever had the case then.
            return message.case_id._office_at(message.sent_on).name
        return self.env._("You") if message.user_id == self.env.user else self.env._("The applicant")

    @api.model
    def _write_message(self, case_id, text):
        """Send the office a message about an own case. Raises UserError for an empty, a long or one of too many."""
        case = self._followed(case_id)
        # sudo: as above.
        messages = self.env["kho.dl.case.message"].sudo()
        # One after the other: none of many at once is beyond the count.
        case._hold_still()
        text = self._typed(text).replace("\r\n", "\n").strip()
        since = fields.Datetime.now() - timedelta(days=1)
        of_today = Domain("user_id", "=", self.env.uid) & Domain("sent_on", ">", since)
        if messages.search_count(of_today, limit=_MOST_A_DAY) == _MOST_A_DAY:
            raise UserError(self.env._("You have written many messages today. Please write the next one tomorrow."))
        if len(text) > LONGEST:
            raise UserError(self.env._("This message is too long. Please shorten it, or write two."))
        messages.create({"case_id": case.id, "body": text, "is_from_applicant": True})
