from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from ...sealing.receipt import Entry, receipt_pdf
from ..common.chatter import bullet_list
from ..common.office_time import in_office_time, moment_words
from .kho_dl_case_message import LONGEST


class Slip(NamedTuple):
    """What the applicant has to bring, and what the office has to look for first; case documents."""

    to_bring: models.BaseModel
    looked_for: models.BaseModel


class KhoDLCase(models.Model):
    """The slip: what the applicant still has to bring, printed or sent, always as it is now."""

    _inherit = "kho.dl.case"

    def action_print_slip(self):
        """Return the action that shows the slip as a PDF, to be printed. Raises UserError where nothing is to be brought."""
        self.ensure_one()
        self.check_access("read")
        self._slip_documents()
        return {"type": "ir.actions.act_url", "url": self._slip_address(), "target": "new"}

    def action_send_slip(self):
        """Send the slip where the applicant reads it: online, else by mail; returns a notification, which says where.

        Where there is neither, nothing is sent: it says so and offers the print. Raises UserError in a copy of a database,
        and where nothing is to be brought.
        """
        self.ensure_one()
        self.check_access("write")
        slip = in_office_time(self)._slip_documents()
        self.env["kho.dl.database"]._check_confirmed()
        if citizens := self._citizens():
            self._write_slip(slip, citizens)
            return self._slip_told(
                "success", self.env._("Sent: the applicant reads the slip online, on the case's page.")
            )
        if self._mail_slip(slip):
            self._note_slip(slip)
            words = self.env._("The slip is sent to %(address)s.", address=self.owner_id.email)
            return self._slip_told("success", words)
        words = self.env._(
            "Nothing was sent: the applicant has no mail address and does not read online. Print the slip instead: %s"
        )
        link = {"label": self.env._("Print the slip"), "url": self._slip_address()}
        return self._slip_told("warning", words, links=[link], sticky=True)

    def _slip(self):
        """Return (PDF, file name) of the slip."""
        self.ensure_one()
        self.check_access("read")
        self = in_office_time(self)
        slip = self._slip_documents()
        sections = [(self.env._("Please bring"), [one._slip_entry() for one in slip.to_bring])]
        if slip.looked_for:
            heading = self.env._("Not to be brought for now: the office looks whether another office has it")
            sections.append((heading, [Entry(one.name, ()) for one in slip.looked_for]))
        title = self.env._("Slip: documents to be added")
        now = moment_words(self.env, fields.Datetime.now())
        foot = self.env._("%(number)s, as of %(time)s", number=self.name, time=now)
        name = self.env._("slip %(number)s", number=self.name.replace("/", "-"))
        return receipt_pdf(title, self._slip_facts(), sections, foot), f"{name}.pdf"

    def _slip_facts(self):
        """Return pairs of what it is and what it says; no id number, for a slip gets lost."""
        due = self.supplement_ids.filtered(lambda one: not one.received_on)[:1].hand_in_by
        facts = [
            (self.env._("Case number"), self.name),
            (self.env._("Procedure"), f"{self.procedure_id.name} ({self.procedure_id.code})"),
            (self.env._("Office"), self._office().name),
            (self.env._("Belongs to"), self.held_by_id and self.office_id.name),
            (self.env._("Applicant"), self.owner_id.name),
            (self.env._("Officer"), self.officer_id.name),
            (self.env._("Hand in by"), due and due.strftime("%d/%m/%Y")),
        ]
        return [(label, value) for label, value in facts if value]

    def _slip_documents(self):
        """Return the `Slip` of this case. Raises UserError where the applicant has nothing to bring."""
        missing = self.document_ids.filtered(lambda one: not one._is_provided_for())
        # What our own store has nobody needs to bring, whatever the national one said.
        kept = missing.browse([one.id for one, papers in missing._own_papers().items() if papers])
        to_bring = missing.filtered(lambda one: one._is_to_bring()) - kept
        if not to_bring:
            raise UserError(
                self.env._(
                    "The applicant has nothing to bring: each document of this case is there, or is to be looked for first."
                )
            )
        return Slip(to_bring, missing - to_bring)

    def _slip_address(self):
        return f"/kho_dl/slip/{self.id}"

    def _slip_told(self, kind, words, **more):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": words,
                # The form reads itself anew, and with it the chatter.
                "next": {"type": "ir.actions.act_window_close"},
                **more,
            },
        }

    def _write_slip(self, slip, citizens):
        """Write the slip as a message to the applicant, in the language in which they read."""
        in_theirs = slip.to_bring.with_context(lang=citizens[0].lang or self.env.lang)
        words = in_theirs.env._("Please bring or hand in these documents for your case:")
        lines = [words, *(f"- {one._slip_line()}" for one in in_theirs)]
        if len("\n".join(lines)) > LONGEST:
            more = in_theirs.env._("… and others, which stand on the page of your case.")
            while len("\n".join([*lines, more])) > LONGEST:
                lines.pop()
            lines.append(more)
        self.env["kho.dl.case.message"].create({"case_id": self.id, "body": "\n".join(lines)})

    def _mail_slip(self, slip):
        """Send the slip as a mail; return whether there was a way to send it."""
        template = self.env["kho.dl.database"]._mail_template("kho_dl.mail_template_slip")
        if not (template and self.owner_id.email):
            return False
        in_theirs = slip.to_bring.with_context(lang=self.owner_id.lang or self.env.lang)
        template.with_context(kho_dl_slip=[one._slip_line() for one in in_theirs]).send_mail(self.id)
        return True

    def _note_slip(self, slip):
        words = self.env._("The slip was sent to the applicant by mail. To be brought:")
        self._message_log(body=bullet_list(words, slip.to_bring.mapped("name")))


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    def _slip_line(self):
        """Return the document in one line, with what is to be known before it is brought."""
        return " · ".join([self.name, *self._slip_about()])

    def _slip_entry(self):
        return Entry(self.name, self._slip_about())

    def _slip_about(self):
        form = self.procedure_document_id.form_name
        told = {
            "none": self.env._("Other offices were asked at %(time)s and do not have it"),
            "no_file": self.env._("Known to another office, which has no file of it (asked at %(time)s)"),
        }.get(self.status)
        return [
            *filter(
                None,
                [
                    not self.required and self.env._("optional: only where it applies to you"),
                    form and self.env._("form to fill in: %(form)s", form=form),
                    self.paper_number and self.env._("number: %(number)s", number=self.paper_number),
                    told and told % {"time": moment_words(self.env, self.asked_on)},
                ],
            )
        ]
