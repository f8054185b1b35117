import re
import secrets
import time
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...protocol import openid
from ...protocol.errors import DatabaseNotConfirmed, KhoDLError
from ..common.id_number import PERSON, clean_id_number, id_number_kind
from ..common.kho_dl_guarded import check_one
from ..connection import kho_dl_gateway
from ..connection.error_messages import error_message
from .id_token import KeyUnknown, TokenWrong, verified_claims

# All calls of one sign-in together (s): somebody waits before a blank page.
_PATIENCE = 10
# Keys are asked for anew after so long, or after less where a token names another one (s).
_KEYS_GOOD, _KEYS_AT_LEAST = 3600, 60
_SECRET_BYTES = 32
# What the provider's description calls the fields that hold an address.
_ADDRESSES = {
    "auth_endpoint": "authorization_endpoint",
    "kho_dl_token_endpoint": "token_endpoint",
    "kho_dl_keys_endpoint": "jwks_uri",
    "validation_endpoint": "userinfo_endpoint",
}
# What an enabled one cannot do without.
_NEEDED = (
    *("client_id", "kho_dl_issuer", "auth_endpoint", "kho_dl_token_endpoint", "kho_dl_keys_endpoint"),
    *("kho_dl_number_claim", "kho_dl_level_claim"),
)
# {address: (when, keys)}: public, and the same for all databases.
_known_keys = {}


class Person(NamedTuple):
    """Who signed in, as the provider says; `number` is "" where the level does not suffice, so that nothing is proven."""

    subject: str
    number: str
    name: str
    email: str


class AuthOauthProvider(models.Model):
    """Providers by which citizens sign in to an agency: OpenID Connect, where Odoo's own know OAuth only."""

    _inherit = "auth.oauth.provider"

    # Filled in by what the provider says of itself; Odoo's own need them at once.
    auth_endpoint = fields.Char(required=False)
    validation_endpoint = fields.Char(required=False)
    kho_dl_company_id = fields.Many2one(
        "res.company",
        "Citizens of",
        ondelete="cascade",
        help="Citizens sign in here, by OpenID Connect. Numbers that are proven so count in this agency and its branches.",
    )
    kho_dl_issuer = fields.Char(
        "Address of the provider", help="As it calls itself (issuer), e.g. https://id.example.vn"
    )
    kho_dl_client_secret = fields.Char("Client secret", copy=False, groups="base.group_system", exportable=False)
    kho_dl_is_secret_in_body = fields.Boolean(
        "Secret in the form", help="The provider wants client_secret_post, not client_secret_basic."
    )
    kho_dl_token_endpoint = fields.Char("Token URL")
    kho_dl_keys_endpoint = fields.Char("Keys URL")
    kho_dl_asks_user = fields.Boolean("Ask for user info", help="Only where the id token does not hold what is needed.")
    kho_dl_number_claim = fields.Char("Claim with the id number")
    kho_dl_name_claim = fields.Char("Claim with the name", default="name")
    kho_dl_level_claim = fields.Char("Claim with the level", default="acr")
    kho_dl_levels = fields.Char(
        "Levels that suffice", help="Values of that claim, parted by commas. Without any nobody's number is verified."
    )
    kho_dl_redirect_uri = fields.Char("Address to return to", compute="_compute_kho_dl_redirect_uri")

    def _compute_kho_dl_redirect_uri(self):
        for provider in self:
            base = provider.get_base_url()
            provider.kho_dl_redirect_uri = provider._kho_dl_back_to(base) if provider._origin else False

    @api.constrains("kho_dl_company_id", "enabled", "kho_dl_asks_user", *_NEEDED, *_ADDRESSES)
    def _check_kho_dl_complete(self):
        for provider in self:
            needed = ["auth_endpoint", "validation_endpoint"]
            if provider.kho_dl_company_id:
                provider._check_kho_dl_addresses()
                needed = [*_NEEDED, *(["validation_endpoint"] if provider.kho_dl_asks_user else [])]
                needed = needed if provider.enabled else []
            if missing := [name for name in needed if not provider[name]]:
                labels = [provider._fields[name]._description_string(provider.env) for name in missing]
                raise ValidationError(
                    self.env._("This provider is not complete: %(fields)s.", fields=", ".join(labels))
                )

    def _check_kho_dl_addresses(self):
        for address in filter(None, (self[name] for name in ("kho_dl_issuer", *_ADDRESSES))):
            try:
                openid.check_address(address)
            except ValueError:
                raise ValidationError(
                    self.env._("Addresses of a provider begin with https://: %(address)s", address=address)
                ) from None

    def action_kho_dl_discover(self):
        """Fill in the addresses as the provider itself says them, at the usual place; raises UserError where it does not."""
        check_one(self)
        self.check_access("write")
        if not self.kho_dl_issuer:
            raise UserError(self.env._("Type the address of the provider first."))
        try:
            said = self._kho_dl_ask(lambda client, issuer=self.kho_dl_issuer: client.describe(issuer))
        except KhoDLError as error:
            raise UserError(self._kho_dl_words(error)) from error
        methods = said.get("token_endpoint_auth_methods_supported")
        values = {field: said[name] for field, name in _ADDRESSES.items() if isinstance(said.get(name), str)}
        is_in_body = isinstance(methods, list) and "client_secret_basic" not in methods
        self.write({**values, "kho_dl_is_secret_in_body": is_in_body and "client_secret_post" in methods})
        return True

    def _kho_dl_words(self, error):
        if isinstance(error, DatabaseNotConfirmed):
            return error_message(self.env, error)
        return self.env._(
            "The provider did not say its addresses (%(detail)s). Look at the address, or type them by hand.",
            detail=error.detail,
        )

    def _kho_dl_ask(self, ask):
        """Return what `ask` does with an `OpenIdClient`, and with no transaction open: it reads no records."""
        client = self.env["kho.dl.gateway"]._identity_client(time.monotonic() + _PATIENCE)
        self.env.flush_all()
        kho_dl_gateway.end_transaction(self.env.cr)
        with client:
            return ask(client)

    # -- a sign-in ---------------------------------------------------------------------------------

    def _kho_dl_back_to(self, base):
        return f"{base.rstrip('/')}/kho-dl/sign-in/{self.id}/back"

    def _kho_dl_begin(self, base):
        """Return (address at the provider, {what must come back: state, nonce, verifier, redirect_uri})."""
        attempt = {name: secrets.token_urlsafe(_SECRET_BYTES) for name in ("state", "nonce", "verifier")}
        attempt["redirect_uri"] = self._kho_dl_back_to(base)
        address = openid.authorization_address(
            self.auth_endpoint,
            attempt["verifier"],
            response_type="code",
            client_id=self.client_id,
            redirect_uri=attempt["redirect_uri"],
            scope=" ".join(dict.fromkeys(["openid", *(self.scope or "").split()])),
            state=attempt["state"],
            nonce=attempt["nonce"],
        )
        return address, attempt

    def _kho_dl_identify(self, code, attempt):
        """Return the `Person` for whom the provider gave `code` in `attempt`; ends the transaction.

        Raises TokenWrong, and KhoDLError as the calls do.
        """
        provider = openid.Provider(
            client_id=self.client_id,
            client_secret=self.kho_dl_client_secret or "",
            token_endpoint=self.kho_dl_token_endpoint,
            keys_endpoint=self.kho_dl_keys_endpoint,
            user_endpoint=self.kho_dl_asks_user and self.validation_endpoint or "",
            is_secret_in_body=self.kho_dl_is_secret_in_body,
        )
        expected = {"issuer": self.kho_dl_issuer, "client_id": self.client_id, "nonce": attempt["nonce"]}
        return self._kho_dl_person(
            self._kho_dl_ask(lambda client: _identified(client, provider, code, attempt, expected))
        )

    def _kho_dl_person(self, claims):
        level = claims.get(self.kho_dl_level_claim)
        said = {str(value) for value in (level if isinstance(level, list) else [level]) if type(value) in (str, int)}
        is_enough = not said.isdisjoint(filter(None, re.split(r"[\s,;]+", self.kho_dl_levels or "")))
        number = claims.get(self.kho_dl_number_claim)
        number = clean_id_number(number) if is_enough and isinstance(number, str) else ""
        name, email = claims.get(self.kho_dl_name_claim), claims.get("email")
        # No record holds every character that a token does.
        is_email = isinstance(email, str) and email.isprintable() and claims.get("email_verified") is True
        return Person(
            claims["sub"],
            number if id_number_kind(number) == PERSON else "",
            "".join(filter(str.isprintable, " ".join(name.split())))[:200] if isinstance(name, str) else "",
            email if is_email else "",
        )


def _identified(client, provider, code, attempt, expected):
    """Return the claims of who signed in, those of the user info among them. Raises as `_kho_dl_identify`."""
    given = client.redeem(provider, code, attempt["verifier"], attempt["redirect_uri"])
    token, expected = given.get("id_token"), {**expected, "now": time.time()}
    try:
        claims = verified_claims(token, _keys(client, provider, _KEYS_GOOD), **expected)
    except KeyUnknown:
        claims = verified_claims(token, _keys(client, provider, _KEYS_AT_LEAST), **expected)
    if not provider.user_endpoint:
        return claims
    said = client.user(provider, str(given.get("access_token") or ""))
    if said.get("sub") != claims["sub"]:
        raise TokenWrong("user info of somebody else")
    # What is signed goes first.
    return {**said, **claims}


def _keys(client, provider, seconds):
    """Return the provider's keys, no older than `seconds`."""
    asked_on, keys = _known_keys.get(provider.keys_endpoint, (-_KEYS_GOOD, []))
    if time.monotonic() - asked_on >= seconds or not keys:
        keys = client.keys(provider)
        _known_keys[provider.keys_endpoint] = time.monotonic(), keys
    return keys
