from odoo import api, models
from odoo.exceptions import UserError

from ...protocol import channels
from ...protocol.case_parts import NOT_REUSED, REUSED, REUSED_INSTEAD, Fee, ResultFile, SubmittedFile, Supplement
from ...protocol.case_sync import ORGANISATION, PERSON, STATE_WORDS, CaseMessage, ProgressMessage, StateMessage
from ...protocol.office_time import as_utc
from ..case.kho_dl_case_dates import ASKED_FOR_MORE
from ..common import id_number

# TrangThaiHoSo of a case of which nothing else is known.
_REGISTERED = "1"
_REFUSED = "3"
# Kinds of numbers in the portal's list of identities (wire §7, field practice).
_CITIZEN_CARD, _OLD_CARD, _TAX_CODE = "1", "2", "3"


class NotTellable(UserError):
    """The portal would refuse what it would be told; the words say what is missing."""


class KhoDLCase(models.Model):
    """How a case becomes a message to the portal.

    What is not known of the real service is decided in small methods here: extend the one that differs.
    """

    _inherit = "kho.dl.case"

    def _prepare_case_message(self):
        """Return the `protocol.case_sync.CaseMessage` of this case. Raises NotTellable for what the portal would refuse."""
        self.ensure_one()
        self._check_tellable()
        owner, procedure = self.owner_id, self.procedure_id
        submitted = tuple(file for document in self.document_ids for file in document._prepare_submitted_files())
        return CaseMessage(
            number=self.name,
            procedure_code=procedure.code,
            procedure_name=procedure.name,
            sector_code=procedure.sector_code or "",
            sector_name=procedure.sector_name or "",
            owner_name=owner.name,
            owner_kind=self._portal_owner_kind(),
            owner_number=self.owner_id_number,
            phone=owner.phone or "",
            email=owner.email or "",
            abstract=self._portal_abstract(),
            channel=self.channel,
            state=self._portal_state(),
            submitted_on=as_utc(self.date_submitted or self.create_date),
            received_on=as_utc(self.date_received),
            due_on=as_utc(self.date_due),
            finished_on=as_utc(self.date_finished),
            returned_on=as_utc(self.date_returned),
            form=self._portal_form(),
            office=self.company_id.name,
            submitted_at=self._portal_submitted_at(),
            is_digitised=any(file.is_digitised for file in submitted),
            is_account_verified=self.is_account_verified,
            identities=((self._portal_identity_kind(), self.owner_id_number),),
            submitted=submitted,
            results=tuple(self._prepare_result_files()),
            fees=tuple(fee._prepare_fee() for fee in self.fee_ids),
            supplements=tuple(self._prepare_supplements()),
            refused_on=as_utc(self.state == _REFUSED and self.date_stopped),
        )

    def _prepare_supplements(self):
        """Return a `Supplement` for each request for more documents; a later one says when the result was due after it."""
        requests = self.supplement_ids.sorted("id")
        dues = [*requests[1:].mapped("due_before"), self.date_due]
        return [request._prepare_supplement(due) for request, due in zip(requests, dues, strict=False)]

    def _prepare_state_message(self, step):
        """Return the `protocol.case_sync.StateMessage` of `step`, a row of the outbox."""
        asked = self.supplement_ids.sorted("id")[-1:].content if step.step_state == ASKED_FOR_MORE else ""
        return StateMessage(
            number=self.name,
            state=step.step_state,
            content=asked or STATE_WORDS.get(step.step_state, step.step_state),
            done_on=as_utc(step.step_on),
            results=tuple(self._prepare_result_files()),
        )

    def _prepare_progress_message(self, step):
        """Return the `protocol.case_sync.ProgressMessage` of `step`, a row of the outbox."""
        # What the applicant did online no officer did.
        officer = step.step_user_id.filtered(lambda user: not user.share)
        return ProgressMessage(
            number=self.name,
            officer=officer.name or "",
            title=officer.partner_id.function or "",
            done_on=as_utc(step.step_on),
            department=self._office_at(step.step_on).name,
            content=STATE_WORDS.get(step.step_state, step.step_state),
            state=step.step_state,
            started_on=as_utc(self.date_received or self.date_submitted),
            due_on=as_utc(self.date_due),
        )

    def _check_tellable(self):
        if not self.owner_id_number:
            raise NotTellable(
                self.env._(
                    "The portal was not told of this case: it has no id number of the applicant. Nothing is lost. "
                    "Type the number on the case: it is sent by itself then."
                )
            )
        if not self._has_number_to_ask():
            raise NotTellable(
                self.env._(
                    "The portal was not told of this case: %(words)s Nothing is lost. Correct the number on the case: it is sent "
                    "by itself then.",
                    words=self._number_words(),
                )
            )

    @api.model
    def _is_portal_state(self, state):
        """Return whether the portal can be told of `state`: its states are numbers, also those that it adds later."""
        return bool(state and state.isascii() and state.isdecimal())

    def _portal_state(self):
        """Return TrangThaiHoSo: our state, or of one that another application named in letters, the last one told."""
        if self._is_portal_state(self.state):
            return self.state
        return self.outbox_ids.filtered("step_state").sorted("id")[-1:].step_state or _REGISTERED

    def _portal_owner_kind(self):
        if id_number.id_number_kind(self.owner_id_number) == id_number.PERSON:
            return PERSON
        # sudo: what the portal is told does not depend on who may read the contact.
        return self.owner_id.sudo().kho_dl_organisation_kind or ORGANISATION

    def _portal_identity_kind(self):
        if self._portal_owner_kind() != PERSON:
            return _TAX_CODE
        return _OLD_CARD if len(self.owner_id_number) == 9 else _CITIZEN_CARD

    def _portal_abstract(self):
        return self.procedure_id.name

    def _portal_form(self):
        """Return HinhThuc: "0" where the result is fetched at the counter, "1" where it comes by public post."""
        return "1" if self.channel in channels.POSTED else "0"

    def _portal_submitted_at(self):
        """Return NoiNopHoSo: "1" for the national portal, "2" for our own system."""
        return "2"

    def _prepare_result_files(self):
        """Yield a `ResultFile` for each file of our own store that this case issued and that others may fetch."""
        for paper in self.paper_ids:
            for file in paper.file_ids.filtered("is_served"):
                if link := file._address():
                    yield ResultFile(
                        file_id=str(file.id), name=paper.name, result_code=paper.result_code_id.code, link=link
                    )


class KhoDLCaseFee(models.Model):
    _inherit = "kho.dl.case.fee"

    def _prepare_fee(self):
        return Fee(name=self.name, code=self.code or "", amount=self.amount, collected=self.collected, kind=self.kind)


class KhoDLCaseSupplement(models.Model):
    _inherit = "kho.dl.case.supplement"

    def _prepare_supplement(self, due_after):
        return Supplement(
            request_id=str(self.id),
            asked_by=self.asked_by.name or self.company_id.name,
            asked_on=as_utc(self.asked_on),
            content=self.content or STATE_WORDS[ASKED_FOR_MORE],
            received_by=self.received_by.name or (self.received_on and self.company_id.name) or "",
            received_on=as_utc(self.received_on),
            note=self.note or "",
            due_before=as_utc(self.due_before),
            due_after=as_utc(self.received_on and due_after),
        )


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    def _prepare_submitted_files(self):
        """Return a `SubmittedFile` for each file of this document, as truly as its provenance tells."""
        substitute = self.provenance_result_code_id & self.procedure_document_id.substitute_code_ids
        reused = REUSED_INSTEAD if substitute else REUSED
        # sudo: which files were recorded is for this code only.
        recorded = (
            self.sudo().recorded_attachment_ids
            if self.source in ("local", "national")
            else self.attachment_ids.browse()
        )
        return [
            SubmittedFile(
                file_id=str(attachment.id),
                name=attachment.name,
                document_code=self.procedure_document_id.code or "",
                is_digitised=attachment not in recorded and self._is_digitised(),
                reused=reused if attachment in recorded else NOT_REUSED,
                is_from_national_store=attachment in recorded and self.source == "national",
                substitute_code=substitute.code if attachment in recorded and substitute else "",
            )
            for attachment in self._ordered_files()
        ]

    def _is_digitised(self):
        """Whether an officer made the files that were handed in from paper."""
        return self.case_id.channel in channels.WITH_OFFICER
