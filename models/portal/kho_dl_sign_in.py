import logging
import secrets
from functools import partial

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.addons.auth_signup.models.res_users import SignupError
from odoo.tools.translate import LazyTranslate

from ..common.text import plain
from ..common.transactions import LOST_RACES, commit_or_retry, lock_of, locked
from ..connection import kho_dl_gateway

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

NOT_FINISHED, CANCELLED, TOO_OLD, TOO_MANY, REST, LOW_LEVEL, OTHER_NUMBER, AT_COUNTER, CLOSED, OFFICER = (
    "not_finished cancelled too_old too_many rest low_level other_number at_counter closed officer".split()
)
WORDS = {
    NOT_FINISHED: _lt("The sign-in could not be finished. Nothing was changed: please try again in a few minutes."),
    CANCELLED: _lt("You did not sign in there, so nothing was changed."),
    TOO_OLD: _lt("This sign-in was begun too long ago, or in another window. Please begin again."),
    TOO_MANY: _lt("Too many people sign in from where you are. Please try again in a minute."),
    REST: _lt("This is a copy of the office's system: nobody can sign in to it so."),
    LOW_LEVEL: _lt("This account needs a higher level of identification there. Raise the level, and sign in again."),
    OTHER_NUMBER: _lt(
        "The id number that was said is not the one of this account. Nothing was changed: show your card at the counter."
    ),
    AT_COUNTER: _lt(
        "What the office knows of this id number does not fit this sign-in. Nothing was changed: show your card at the "
        "counter, once."
    ),
    CLOSED: _lt("This account was closed by the office. Ask at the counter."),
    OFFICER: _lt("Officers do not sign in here: use your user name and password."),
}
_VNEID = "vneid"
_CITIZEN_DIGITS = 12
_PATIENCE = 10


class SignInRefused(Exception):
    """Somebody is not let in; `reason` is a key of `WORDS`."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class KhoDLSignIn(models.AbstractModel):
    """Whose account it is when somebody signs in by a provider of citizens; called as superuser.

    An account is that of a subject of a provider, of nobody else: neither mail address nor name opens one. A contact that
    is there already is joined by an id number alone, that the provider has proven now and somebody verified there before.
    """

    _name = "kho.dl.sign.in"
    _description = "Sign-in of citizens"

    @api.model
    def _let_in(self, provider, person):
        """Return (login, secret for once) of the account of `person`, a `Person`, which is made where there is none; commits.

        Raises SignInRefused.
        """
        # Two who prove the same number at once come one after the other, each on what the other left.
        key = f"kho_dl sign-in {provider.kho_dl_company_id.root_id.id} {person.number or person.subject}"
        races = (*LOST_RACES, UniqueViolation, SignupError)
        with locked(self.env, lock_of(key), seconds=_PATIENCE):
            kho_dl_gateway.end_transaction(self.env.cr)
            return commit_or_retry(self.env, partial(self._opened, provider, person), races)

    @api.model
    def _opened(self, provider, person):
        user = self._account(provider, person)
        secret = secrets.token_urlsafe(32)
        user.write({"oauth_access_token": secret})
        return user.login, secret

    @api.model
    def _account(self, provider, person):
        """Return the user that is `person`. Raises SignInRefused."""
        user = self._of_subject(provider, person)
        root = provider.kho_dl_company_id.root_id
        if not person.number:
            if user and _VNEID in self._numbers(root, user.partner_id).mapped("verified_how"):
                raise SignInRefused(LOW_LEVEL)
            return user or self._make(provider, person)
        holder = self._numbers(root, number=person.number).filtered("verified_how").partner_id
        if not user:
            user = self._join(provider, person, holder) if holder else self._make(provider, person)
        elif holder and holder != user.partner_id:
            self._move(user, person, holder)
        else:
            self._check_same_person(root, user.partner_id, person.number)
            self._name_as_proven(user.partner_id, person)
        self._prove(provider, user.partner_id, person.number)
        return user

    @api.model
    def _of_subject(self, provider, person):
        users = self.env["res.users"].with_context(active_test=False)
        user = users.search([("oauth_provider_id", "=", provider.id), ("oauth_uid", "=", person.subject)])
        if user and not user.active:
            raise SignInRefused(CLOSED)
        if user and not user._is_portal():
            raise SignInRefused(OFFICER)
        return user.with_context(active_test=True)

    @api.model
    def _numbers(self, root, contact=None, number=None):
        """Return the `kho.dl.id.number` of `contact`, or the one that is `number`, in the group of `root`."""
        wanted = ("partner_id", "=", contact.id) if contact else ("number", "=", number)
        return self.env["kho.dl.id.number"].search([("company_id", "=", root.id), wanted])

    # -- contacts that are there -------------------------------------------------------------------

    @api.model
    def _join(self, provider, person, contact):
        """Return the user of `contact`, whose number was verified before: theirs from now on, made where there is none."""
        self._check_joinable(person, contact)
        user = contact.with_context(active_test=False).user_ids
        if not user:
            # An account for somebody of an organisation opens what is the organisation's: people decide that.
            if contact.parent_id:
                raise SignInRefused(AT_COUNTER)
            return self._make(provider, person, contact)
        if len(user) > 1 or user.oauth_uid:
            raise SignInRefused(AT_COUNTER)
        if not user.active:
            raise SignInRefused(CLOSED)
        if not user._is_portal():
            raise SignInRefused(OFFICER)
        user.write({"oauth_provider_id": provider.id, "oauth_uid": person.subject})
        return user

    @api.model
    def _move(self, user, person, contact):
        """Give `user`, of whom nothing was known before, the contact with the number that is proven now."""
        known = self.env["kho.dl.id.number"].search_count([("partner_id", "=", user.partner_id.id)], limit=1)
        if known or contact.parent_id or contact.with_context(active_test=False).user_ids:
            raise SignInRefused(AT_COUNTER)
        self._check_joinable(person, contact)
        before, user.partner_id = user.partner_id, contact
        # Made by an earlier sign-in: who has two contacts is looked for in vain in one of them.
        before.active = bool(before.kho_dl_case_ids)

    @api.model
    def _check_joinable(self, person, contact):
        """Refuse a contact that may be about another person, in whatever agency. Raises SignInRefused."""
        verified = self.env["kho.dl.id.number"].search([("partner_id", "=", contact.id), ("verified_how", "!=", False)])
        is_same = all(
            person.number in numbers.mapped("number") and numbers._can_be_one_person()
            for numbers in verified._of_people().grouped("company_id").values()
        )
        is_named_so = not person.name or plain(person.name) == plain(contact.name)
        is_person = contact.active and not contact.is_company and not contact.kho_dl_company_ids
        if not (is_same and is_named_so and is_person):
            raise SignInRefused(AT_COUNTER)

    @api.model
    def _check_same_person(self, root, contact, number):
        """Refuse a number that is not the next one of who has verified numbers: 12 digits follow 9, nothing else does."""
        verified = self._numbers(root, contact).filtered("verified_how")._of_people().mapped("number")
        is_next = len(number) == _CITIZEN_DIGITS and all(len(one) < _CITIZEN_DIGITS for one in verified)
        if number not in verified and not is_next:
            raise SignInRefused(OTHER_NUMBER)

    # -- what becomes of it ------------------------------------------------------------------------

    @api.model
    def _make(self, provider, person, contact=None):
        company = provider.kho_dl_company_id
        if contact and contact.company_id:
            company = contact.company_id
        values = {
            # Said to nobody, and not the number of anybody: it stands in logs.
            "login": f"citizen-{secrets.token_hex(8)}",
            "oauth_provider_id": provider.id,
            "oauth_uid": person.subject,
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "lang": self.env.lang,
        }
        if contact:
            values |= {"partner_id": contact.id, "name": contact.name, "email": contact.email}
        else:
            values |= {"name": person.name or self.env._("Citizen"), "email": person.email}
        user = self.env["res.users"]._create_user_from_template(values)
        if not user._is_portal():
            raise SignInRefused(OFFICER)
        if not contact:
            user.partner_id.company_id = company.root_id
            # The only office of an agency reads them as any other contact.
            if company.root_id.child_ids:
                user.partner_id._kho_dl_keep_to_nobody()
        return user

    @api.model
    def _name_as_proven(self, contact, person):
        """Call `contact`, of whom no number was verified anywhere, as the provider does: until now they could type a name."""
        verified = self.env["kho.dl.id.number"].search_count(
            [("partner_id", "=", contact.id), ("verified_how", "!=", False)], limit=1
        )
        if person.name and not verified:
            contact.name = person.name

    @api.model
    def _prove(self, provider, contact, number):
        """Record that `number` is that of `contact`, as the provider has proven."""
        company = provider.kho_dl_company_id
        row = self._numbers(company.root_id, number=number)
        if row.partner_id != contact:
            if row:
                # Typed by somebody, and never compared with anything: who proves it has it.
                row._log(self.env._("The id number was taken away: somebody else proved by VNeID that it is theirs."))
                if contact.kho_dl_offices:
                    # Who had a case with it looks whether the two are one. To type a number is not enough: anybody's may be typed.
                    contact._kho_dl_keep_to(row.partner_id._kho_dl_offices_of_cases())
                row.unlink()
            contact.with_company(company).kho_dl_id_number = number
            row = self._numbers(company.root_id, number=number)
        if row.verified_how != _VNEID:
            row._verify(_VNEID)
