import secrets
from datetime import timedelta
from functools import partial

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..case.kho_dl_case import WITHDRAWN
from ..case.kho_dl_case_dates import ASKED_FOR_MORE
from ..case.kho_dl_case_draft import OPEN_DRAFT
from ..common.mail_address import is_mail_address
from ..common.transactions import LOST_RACES, commit_or_retry

_ONLINE = "2"
_LONGEST_WORDS = 100
_DRAFT_NAME, _NAME_BYTES = "NHAP-", 5
# Of one citizen at a time.
_MOST_DRAFTS = 20
# So many are ended at once.
_GC_BATCH = 100


class KhoDLCitizen(models.AbstractModel):
    """The applications that a citizen has begun and not submitted."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _cases_domain(self, search):
        return super()._cases_domain(search) & Domain("is_draft", "=", False)

    @api.model
    def _drafts_domain(self):
        return self._own_domain() & OPEN_DRAFT

    @api.model
    def _drafts(self):
        """Return [CaseLine] of what the citizen has begun; `submitted_on` is when they last went on with it."""
        # sudo: a citizen reads no records; these are the own ones.
        drafts = self.env["kho.dl.case"].sudo().search(self._drafts_domain(), order="draft_on desc, id desc")
        return [self._case_line(draft)._replace(submitted_on=self._moment(draft.draft_on)) for draft in drafts]

    @api.model
    def _open_for_papers(self, case_id):
        """Return the own case where papers may be handed in, as superuser with the citizen as user; empty for any other.

        That is a draft, or a case for which more documents are asked: `_open_documents` says which of them.
        """
        waiting = Domain("is_draft", "=", False) & Domain("state", "=", ASKED_FOR_MORE)
        return self._own_case(case_id).filtered_domain(OPEN_DRAFT | waiting)

    @api.model
    def _open_documents(self, case):
        """Return those documents of `case`, of `_open_for_papers`, that the citizen may hand in: of a draft all."""
        documents = case.document_ids
        return documents if case.is_draft else documents.filtered(lambda one: not one._is_provided_for())

    @api.model
    def _begin(self, procedure_id, office_id=0, applicant_id=0, variant_id=0):
        """Return the draft, as superuser, of an application for a procedure: the one that was begun, or a new one.

        Empty where it cannot be applied for. Raises UserError where it is not said to which office.
        """
        procedure = self._procedure(procedure_id)
        applicants = self._applicants()
        applicant = applicants.filtered(lambda one: one.id == applicant_id) if applicant_id else applicants[:1]
        offices = self._offices(applicant) if procedure and applicant else self.env["res.company"]
        if procedure.company_id:
            offices = offices.filtered(lambda office: procedure.company_id.id in office._kho_dl_serving_ids())
        if not offices:
            return self.env["kho.dl.case"].sudo()
        office = offices.filtered(lambda one: one.id == office_id) if office_id else offices
        if len(office) != 1:
            raise UserError(self.env._("Please choose the office to which you apply."))
        same = {"procedure_id": procedure.id, "owner_id": applicant.id, "company_id": office.id}
        variant = procedure.variant_ids.filtered(lambda one: one.id == variant_id)
        # A second click at this moment begins nothing twice: the index is the last word.
        return commit_or_retry(
            self.env, partial(self._draft_of, same, variant.id), lost_races=(*LOST_RACES, UniqueViolation)
        )

    @api.model
    def _draft_of(self, same, variant_id):
        """Return the draft with the values `same`, which is made where there is none."""
        # sudo: a citizen reads no records; these are the own ones.
        drafts = self.env["kho.dl.case"].sudo()
        own = self._drafts_domain()
        begun = drafts.search(OPEN_DRAFT & Domain.AND(Domain(name, "=", value) for name, value in same.items()))
        draft = begun.filtered_domain(own)
        if draft:
            self._set_circumstances(draft, variant_id)
            return draft
        if drafts.search_count(own, limit=_MOST_DRAFTS) == _MOST_DRAFTS:
            raise UserError(
                self.env._("You have begun many applications. Please submit some of them, or discard them, first.")
            )
        # Nobody can go on with it: what was found for a number that was corrected may be another person's.
        begun._end_drafts(self.env._("The applicant began it under another id number, which is not theirs."))
        applicant = drafts.env["res.partner"].browse(same["owner_id"])
        company = drafts.env["res.company"].browse(same["company_id"])
        values = {
            **same,
            **({"variant_id": variant_id} if variant_id else {}),
            # Its number it gets as it is submitted: those of an office have no gaps for what was never filed.
            "name": f"{_DRAFT_NAME}{secrets.token_hex(_NAME_BYTES)}",
            "owner_id_number": self._number_of(applicant, company),
            "channel": _ONLINE,
            "officer_id": False,
            "is_draft": True,
            "draft_on": fields.Datetime.now(),
            "date_submitted": False,
        }
        # The citizen reads on the own page what happens, and needs no mails about it.
        quiet = {"mail_create_nosubscribe": True, "mail_create_nolog": True, "tracking_disable": True}
        begun = drafts.with_company(company).with_context(**quiet).create(values)
        return drafts.browse(begun.id)

    @api.model
    def _touch(self, case):
        """Note that the citizen works on a draft: it is kept for longer."""
        if case.is_draft:
            case.draft_on = fields.Datetime.now()

    @api.model
    def _set_circumstances(self, case, variant_id):
        """Have a draft ask for what the procedure wants in other circumstances; what is there or was asked stays."""
        variant = case.procedure_id.variant_ids.filtered(lambda one: one.id == variant_id)
        if case.is_draft and variant and variant != case.variant_id:
            case.variant_id = variant

    @api.model
    def _keep_data(self, case, phone=None, email=None, variant_id=0, numbers=None):
        """Keep what the citizen typed on the page of a draft; `numbers` is {document id: number on the paper}.

        Returns in words what of it was not kept, or "".
        """
        self._touch(case)
        self._set_circumstances(case, variant_id)
        said = {"phone": phone, "email": email}
        typed = {
            name: " ".join(self._typed(value).split())[:_LONGEST_WORDS]
            for name, value in said.items()
            if value is not None
        }
        words = ""
        if typed.get("email") and not is_mail_address(typed["email"]):
            words = self.env._("“%s” is no e-mail address, so it was not kept.", typed.pop("email"))
        changed = {name: value for name, value in typed.items() if value != (case.owner_id[name] or "")}
        # How a business is reached the counter changes: its mails outlast who acts for it.
        if changed and case.owner_id == self._contact():
            case.owner_id.write(changed)
        for document in self._open_documents(case):
            number = self._typed((numbers or {}).get(document.id, "")).strip()[:_LONGEST_WORDS]
            if document.id in (numbers or {}) and number != (document.paper_number or ""):
                document.paper_number = number
        return words

    @api.model
    def _gone_words(self, case):
        """Return in words that the office of a draft is no more, to which nobody applies then, or ""."""
        if case.company_id.active or not case.is_draft:
            return ""
        return self.env._(
            "“%(office)s” is no more and takes no applications. This one was not submitted; what you handed in is kept "
            "here for now. Please begin a new application, and choose another office.",
            office=case.company_id.name,
        )

    @api.model
    def _discard(self, case):
        """End a draft that the citizen does not want any more."""
        case._hold_still()
        case._end_drafts(self.env._("The applicant discarded this application before it was submitted."))


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _end_drafts(self, reason):
        """Forget drafts that nobody was asked about; keep others for the journal, without files and typed numbers, for `reason`."""
        # sudo: a draft is nobody's but the applicant's; what ends it is this code only.
        drafts = self.sudo().filtered_domain(OPEN_DRAFT)
        files = drafts.document_ids.filtered("attachment_ids").with_context(kho_dl_reason=reason)
        files.write({"attachment_ids": [fields.Command.clear()]})
        asked = drafts.env["kho.dl.query"].search([("case_id", "in", drafts.ids)]).case_id
        under_way = asked.document_ids.retrieval_ids.filtered(lambda row: not row._is_closed())
        asked.document_ids.write({"paper_number": False})
        asked.write({"state": WITHDRAWN})
        under_way._no_longer_wanted()
        (drafts - asked).unlink()

    @api.autovacuum
    def _gc_drafts(self):
        """End what nobody has gone on with for the time that its company has set."""
        # sudo: of all companies.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        cases, now = self.sudo(), fields.Datetime.now()
        old = Domain.OR(
            Domain("company_id", "in", own.ids) & Domain("draft_on", "<", now - timedelta(days=days))
            for days, own in companies.search([]).grouped("kho_dl_draft_days").items()  # pylint: disable=no-search-all
        )
        ended = cases.search(OPEN_DRAFT & old, limit=_GC_BATCH)
        ended._end_drafts(self.env._("The applicant did not go on with this application."))
        return len(ended), len(ended) == _GC_BATCH
