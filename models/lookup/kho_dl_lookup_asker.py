from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...protocol import channels


class KhoDLLookup(models.Model):
    """Who may look, and under which conditions the national store is asked: said here for officers and citizens alike.

    An officer works on the cases of the own companies, names the receiving officer at the counter and by post, and asks
    once the applicant has agreed. A citizen works on the own online case, or that of a business for which they may act,
    about the proven number, agrees for themselves or for it, and names no officer. A page for citizens has no rights on
    records: it calls `_open`, `_look` and `_attach` as superuser, with the citizen as user.
    """

    _inherit = "kho.dl.lookup"

    consent_needed = fields.Boolean(compute="_compute_consent_needed")

    @api.depends("partner_id", "case_id.channel", "case_id.consent_withdrawn_on")
    def _compute_consent_needed(self):
        for lookup in self:
            case = lookup.case_id
            # Who withdrew a consent has to give one anew, also where the case itself was one.
            is_withdrawn = bool(case.consent_withdrawn_on)
            lookup.consent_needed = bool(lookup.partner_id) or is_withdrawn or case.channel in channels.WITH_OFFICER

    @api.model
    def _citizen(self):
        """Return the contact of the user where that is a citizen; empty for an officer."""
        return self.env.user.partner_id if self.env.user._is_portal() else self.env["res.partner"]

    def _applicants(self):
        """Return the contacts that the citizen who asks may act for: the own one, and what a page for citizens adds."""
        return self._citizen()

    def _proven_number(self):
        """Return the id number of the applicant that the citizen who asks has proven to act with, or False.

        Nothing proves one yet: whoever adds a page for citizens overrides this. What a citizen can type
        (`res.partner.vat`) proves nothing.
        """
        return False

    def _check_asker(self, operation):
        """Refuse who may not do `operation` ("read", "write") in this lookup; raises AccessError."""
        citizen, case = self._citizen(), self.case_id
        is_own = citizen == self.partner_id
        if citizen and is_own:
            number = self._proven_number()
            is_own = case.owner_id in self._applicants() and case.channel in channels.BY_CITIZEN
            is_own = is_own and number and case.owner_id_number == number
        if not is_own:
            raise AccessError(self.env._("Papers can be looked for on your own cases only."))
        if not citizen:
            # Whoever calls this as superuser for somebody is no officer for that.
            if not (self.env.user._is_superuser() or self.env.user.has_group("kho_dl.group_clerk")):
                raise AccessError(self.env._("Only officers and the applicant look for papers."))
            case.check_access(operation)

    def _check_case(self):
        """Refuse a case for which nobody can look; raises AccessError, UserError."""
        self._read_settings()
        self._check_asker("write")
        case = self.case_id
        if not case.is_open:
            raise UserError(self.env._("This case is closed, so no papers are fetched for it any more."))
        if not case._has_number_to_ask():
            raise UserError(
                case._number_words()
                or self.env._(
                    "This case has no valid id number of the applicant, so nobody can be asked about their papers. "
                    "Nothing was changed. Type the number on the case and look again."
                )
            )

    def _check_mapped(self):
        """Refuse to look where no document of the case is mapped; raises UserError."""
        if not self.case_id.document_ids.result_code_ids:
            raise UserError(
                self.env._(
                    "No document of this procedure is linked to a national result code, so there is nothing to "
                    "ask for. Ask the applicant for the papers, and tell your administrator to map the procedure “%s”.",
                    self.case_id.procedure_id.display_name,
                )
            )

    def _read_settings(self):
        """Read what the next call needs of the company, before rules read more of that wide row than anybody needs."""
        self.env["kho.dl.gateway"]._read_settings(self.held_by_id or self.company_id)

    def _check_may_ask(self):
        """Refuse a question to the national store that rests on no consent, or names no officer where it must."""
        # Who confirmed it and when belongs to it.
        if self.consent_needed and not (self.consent_given and self.consent_user_id and self.consent_on):
            raise UserError(self._consent_words())
        if self.case_id.channel in channels.WITH_OFFICER:
            self.case_id._check_officer_for_question()

    def _consent_words(self):
        return self.env._(
            "The national store was not asked: tick that the applicant agrees first. "
            "Papers of our own store can be attached without it."
        )

    def _prepare_question(self):
        """Return values of the journal's row that depend on who asks."""
        values = {}
        if self.consent_needed:
            values = {name: self[name] for name in ("consent_given", "consent_on")}
            values["consent_user_id"] = self.consent_user_id.id
        if self.partner_id:
            values |= {"officer_id": False, "officer_name": False, "officer_id_number": False}
        return values
