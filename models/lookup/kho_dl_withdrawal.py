from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.id_number_field import IdNumber
from ..common.office_time import moment_words

ERROR_KIND = "consent_withdrawn"


class KhoDLWithdrawal(models.Model):
    """Journal: one row each time that a person withdrew the consent to have their papers fetched (Law 91/2025).

    What was fetched before was lawful and stays; what was under way is ended with the row. Whoever wants to ask again needs
    a consent that is younger than the row.
    """

    _name = "kho.dl.withdrawal"
    _description = "Withdrawal of consent"
    _inherit = ["kho.dl.journal", "kho.dl.held.once"]
    _order = "id desc"
    _rec_name = "case_name"

    withdrawn_on = fields.Datetime("Withdrawn on", required=True, readonly=True, default=fields.Datetime.now)
    # Empty for a consent, as in rows that were sealed before there was anything else to withdraw.
    kind = fields.Selection([("application", "The whole application")], "What else was withdrawn", readonly=True)
    user_id = fields.Many2one("res.users", "Noted by", required=True, readonly=True, index=True, ondelete="restrict")
    # A case that nobody was asked about can be deleted; the row stays, and tells by its own words which one it was.
    case_id = fields.Many2one("kho.dl.case", readonly=True, index=True, ondelete="set null")
    case_name = fields.Char("Case number", required=True, readonly=True)
    procedure_code = fields.Char("Procedure", readonly=True)
    owner_id_number = IdNumber("Applicant's id number", readonly=True, index="btree_not_null")
    reason = fields.Text(readonly=True)
    file_count = fields.Integer("Files that were on their way", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = (
        "withdrawn_on",
        "user_id",
        "case_name",
        "procedure_code",
        "file_count",
        "closed_on",
        "company_id",
        "kind",
    )
    _payload_fields = ("owner_id_number", "reason")

    def _is_closed(self):
        return bool(self.closed_on)


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    consent_withdrawn_on = fields.Datetime("Consent withdrawn on", readonly=True, copy=False)
    has_consent = fields.Boolean(
        compute="_compute_has_consent",
        help="There is something that the applicant could withdraw: a consent, or a question that rests on one.",
    )

    withdrawn_words = fields.Text("About the consent", compute="_compute_has_consent")

    @api.depends("consent_withdrawn_on", "query_ids.consent_on")
    @api.depends_context("tz", "lang")
    def _compute_has_consent(self):
        # sudo: whether somebody agreed, also on a page of their own, is a fact about the case.
        of_these = Domain("case_id", "in", self.ids)
        asked = self.env["kho.dl.query"].sudo()._read_group(of_these, ["case_id"], ["consent_on:max", "asked_on:max"])
        agreed = self.env["kho.dl.lookup"].sudo().search(of_these & Domain("consent_given", "=", True)).case_id
        given_on = {case.id: consent_on or asked_on for case, consent_on, asked_on in asked}
        for case in self:
            given, withdrawn_on = given_on.get(case._origin.id), case.consent_withdrawn_on
            case.has_consent = case._origin in agreed or bool(given and not (withdrawn_on and given <= withdrawn_on))
            case.withdrawn_words = (
                not case.has_consent
                and withdrawn_on
                and self.env._(
                    "The applicant withdrew the consent at %(time)s. What is on the case stays. Nothing more is fetched until "
                    "the applicant agrees anew.",
                    time=moment_words(self.env, withdrawn_on),
                )
            )

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | {"consent_withdrawn_on"}

    def withdraw_consent(self, reason):
        """Note that the applicant withdrew the consent, and end what is under way for it; return the `kho.dl.withdrawal`.

        Answers of the national store are no longer offered, files on their way are not attached any more, and nothing is
        asked until the applicant agrees anew. What is on the case stays. The same for an officer and, called as superuser
        with the citizen as user, for a page for citizens. Raises AccessError where it is not theirs, UserError without a
        `reason` or without a consent (Law 91/2025: consent and its withdrawal).
        """
        self.ensure_one()
        self._check_may_withdraw()
        reason = str(reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the consent is withdrawn. Nothing was changed."))
        # Files that arrive at this moment come first, or are turned away.
        self._hold_still()
        if not self.has_consent:
            raise UserError(
                self.env._("There is no consent on this case that could be withdrawn. Nothing was changed.")
            )
        row = self._withdraw(reason)
        # sudo: also for the page of a citizen, who has no rights on cases.
        self.sudo()._message_log(body=self._withdrawal_words(row))
        return row.sudo(self.env.su)

    def _withdraw(self, reason, **values):
        """Note the withdrawal as superuser with its `values`, and end what rests on the consent; return its row."""
        # sudo: the journal is written by this code only, and what is under way is everybody's on the case.
        case = self.sudo()
        under_way = case.env["kho.dl.retrieval"].search(
            Domain("case_id", "=", case.id) & case.env["kho.dl.retrieval"]._waiting_domain()
        )
        row = case.env["kho.dl.withdrawal"].create({**case._prepare_withdrawal(reason, len(under_way)), **values})
        if case.has_consent:
            case.consent_withdrawn_on = row.withdrawn_on
        case.env["kho.dl.lookup"].search([("case_id", "=", case.id)])._end_for_withdrawal()
        under_way._end_for_withdrawal()
        # sudo: clerks have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_seal").sudo()._trigger()
        return row

    def _check_may_withdraw(self):
        lookups = self.env["kho.dl.lookup"]
        lookup = lookups.sudo().new({"case_id": self.id, "partner_id": lookups._citizen().id})
        lookup.sudo(self.env.su)._check_asker("write")

    def _prepare_withdrawal(self, reason, file_count):
        now = fields.Datetime.now()
        return {
            "withdrawn_on": now,
            "closed_on": now,
            "user_id": self.env.uid,
            "case_id": self.id,
            "case_name": self.name,
            "procedure_code": self.procedure_id.code,
            "owner_id_number": self.owner_id_number,
            "reason": reason,
            "file_count": file_count,
            "company_id": self.company_id.id,
        }

    def _withdrawal_words(self, row):
        # Not the reason, which may hold id numbers: the chatter is read by many, and never emptied.
        words = self.env._(
            "The applicant withdrew the consent. What was attached before stays: it was fetched while the consent stood. "
            "Nothing more is fetched or asked until the applicant agrees anew. The reason is in the journal."
        )
        if not row.file_count:
            return words
        return self.env._("%(words)s Files that were on their way: %(count)s.", words=words, count=row.file_count)

    def action_withdraw_consent(self):
        """Open the form that asks why the applicant withdraws the consent."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the consent"),
            "res_model": "kho.dl.withdraw.consent",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_id": self.id},
        }


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    @api.depends("case_id.consent_withdrawn_on")
    def _compute_status(self):  # pylint: disable=missing-return
        super()._compute_status()
        for document in self:
            withdrawn_on = document.case_id.consent_withdrawn_on
            if withdrawn_on and document.status == "fetchable" and document.asked_on <= withdrawn_on:
                # Whoever agrees no more brings it, and reads of nobody who can fetch it.
                document.status = "hand_in"


class KhoDLLookup(models.Model):
    _inherit = "kho.dl.lookup"

    def _end_for_withdrawal(self):
        self._withdraw_consent()
        for lookup in self:
            lookup._begin_anew()

    def _take_answer(self, query, codes_by_document, known=()):
        # A withdrawal at this moment waits, or was first and is read.
        self.case_id._hold_still()
        # sudo: what was asked is not everybody's to read, and of a wide row what taking the answer needs.
        self.case_id.sudo().fetch(["consent_withdrawn_on", "company_id", "held_by_id"])
        if query.sudo()._is_withdrawn():
            raise UserError(
                self.env._(
                    "The applicant withdrew the consent while the national store was asked, so its answer is not shown. "
                    "What is on the case stays."
                )
            )
        return super()._take_answer(query, codes_by_document, known)


class KhoDLQuery(models.Model):
    _inherit = "kho.dl.query"

    def _is_withdrawn(self):
        """Whether the consent that this question rests on was withdrawn since; False for no question."""
        withdrawn_on = self.case_id.consent_withdrawn_on
        return bool(withdrawn_on) and (self.consent_on or self.asked_on) <= withdrawn_on


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    def _end_for_withdrawal(self):
        """Close these files, which must not be attached any more; whoever has one in hand finds it closed."""
        for own in self.grouped("user_id").values():
            own._close_failed(*own._withdrawn_reason())
        self.case_id._send_progress()
        self._sum_up()

    @api.model
    def _add_missing(self, cases, wanted, remember, make):
        if not any(cases.mapped("consent_withdrawn_on")):
            return super()._add_missing(cases, wanted, remember, make)

        def make_unless_withdrawn(vals_list):
            # Selected, or tried again, as if the consent still stood: on record, and not even fetched.
            asked = self.env["kho.dl.query"].sudo()
            withdrawn = [vals for vals in vals_list if asked.browse(vals.get("query_id"))._is_withdrawn()]
            ended = self.sudo().create(withdrawn)
            ended._end_for_withdrawal()
            return ended | (make or self.sudo().create)([vals for vals in vals_list if vals not in withdrawn])

        return super()._add_missing(cases, wanted, remember, make_unless_withdrawn)

    def _why_unwanted(self):
        return self._withdrawn_reason() if self.query_id._is_withdrawn() else super()._why_unwanted()

    def _withdrawn_reason(self):
        rows = self._in_language_of_user()
        withdrawn_on = moment_words(rows.env, rows[:1].case_id.consent_withdrawn_on)
        return ERROR_KIND, rows.env._(
            "The person withdrew the consent on %(time)s, so this file was not attached.", time=withdrawn_on
        )
