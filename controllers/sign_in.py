import hmac
import logging
import time
from urllib.parse import urlencode

from odoo import SUPERUSER_ID
from odoo.addons.auth_oauth.controllers.main import OAuthLogin
from odoo.addons.auth_signup.models.res_users import SignupError
from odoo.http import request, route

from ..models.portal.id_token import TokenWrong
from ..models.portal.kho_dl_sign_in import CANCELLED, NOT_FINISHED, REST, TOO_MANY, TOO_OLD, WORDS, SignInRefused
from ..protocol.errors import KhoDLError

_logger = logging.getLogger(__name__)

SIGN_IN = "/kho-dl/sign-in"
_ATTEMPTS = "kho_dl_sign_in"
# So many windows may be open at once, each for so long (s).
_MOST_ATTEMPTS, _ATTEMPT_SECONDS = 5, 900
_LONGEST = 4096
# So many a minute from one address make us call the provider: an office, or a village behind one line.
_MOST_A_MINUTE = 60
_PUBLIC = {"type": "http", "auth": "public", "methods": ["GET"], "sitemap": False}


class SignIn(OAuthLogin):
    """Citizens sign in by a provider such as VNeID; whose account it is decides `kho.dl.sign.in`.

    What must come back is kept in the session, so that nobody can bring somebody else's sign-in to its end.
    """

    def list_providers(self):
        providers = super().list_providers()
        for provider in providers:
            provider.pop("kho_dl_client_secret", None)
            if provider["kho_dl_company_id"]:
                redirect = request.params.get("redirect")
                query = f"?{urlencode({'redirect': redirect})}" if isinstance(redirect, str) else ""
                provider["auth_link"] = f"{SIGN_IN}/{provider['id']}{query}"
        return providers

    @route()
    def web_login(self, *args, **kw):
        response = super().web_login(*args, **kw)
        words = WORDS.get(request.params.get("kho_dl_refused"))
        if words and response.is_qweb:
            response.qcontext["error"] = request.env._(words)
        return response

    @route()
    def web_auth_reset_password(self, *args, **kw):
        response = super().web_auth_reset_password(*args, **kw)
        is_asked = request.httprequest.method == "POST" and response.is_qweb
        if is_asked and response.qcontext.get("login") and not response.qcontext.get("token"):
            # The same words for everybody: others would tell who has an account.
            response.qcontext.pop("error", None)
            response.qcontext["message"] = request.env._(
                "If there is an account with a password for this, a mail with the way to a new one is sent to its mail address. "
                "Whoever signs in by VNeID has no password and gets no mail: sign in as you did before."
            )
        return response

    def get_auth_signup_qcontext(self):
        qcontext = super().get_auth_signup_qcontext()
        # Odoo leads whoever names a mail address to the login of its account.
        if qcontext.pop("signup_email", None) and qcontext.get("invalid_token"):
            qcontext["error"] = request.env._(
                "This invitation was used already, or is too old. Sign in, or ask for a new password."
            )
        return qcontext

    @route(f"{SIGN_IN}/<int:provider_id>", **_PUBLIC)
    def begin(self, provider_id, redirect="", **_anything):
        provider = self._provider(provider_id)
        if not request.env["kho.dl.database"]._is_confirmed():
            return self._refused(REST)
        address, attempt = provider._kho_dl_begin(request.httprequest.url_root)
        attempt |= {"provider": provider.id, "redirect": redirect[:_LONGEST], "until": time.time() + _ATTEMPT_SECONDS}
        request.session[_ATTEMPTS] = [*self._attempts(), attempt][-_MOST_ATTEMPTS:]
        return request.redirect(address, local=False)

    @route(f"{SIGN_IN}/<int:provider_id>/back", **_PUBLIC)
    def back(self, provider_id, state="", code="", error="", iss="", **_anything):
        provider = self._provider(provider_id)
        attempt = self._take_attempt(provider, state)
        if attempt is None:
            return self._refused(TOO_OLD)
        if error or not 0 < len(code) <= _LONGEST:
            return self._refused(CANCELLED if error == "access_denied" else NOT_FINISHED)
        if iss and iss != provider.kho_dl_issuer:
            return self._fault(provider_id, "an answer of another provider")
        if not provider.env["kho.dl.check"]._admit(request.httprequest.remote_addr or "", most=_MOST_A_MINUTE):
            return self._refused(TOO_MANY)
        try:
            person = provider._kho_dl_identify(code, attempt)
            login, secret = provider.env["kho.dl.sign.in"]._let_in(provider, person)
        except SignInRefused as refusal:
            request.env.cr.rollback()
            _logger.info("Kho DL: a sign-in by provider %s was refused: %s", provider_id, refusal.reason)
            return self._refused(refusal.reason)
        except (KhoDLError, TokenWrong) as problem:
            return self._fault(provider_id, f"{type(problem).__name__}: {problem}")
        except SignupError:
            # Its words quote values.
            return self._fault(provider_id, "no account could be made")
        credential = {"login": login, "token": secret, "type": "oauth_token"}
        who = request.session.authenticate(request.env, credential)
        return request.redirect(self._login_redirect(who["uid"], redirect=attempt["redirect"] or None))

    def _provider(self, provider_id):
        # sudo: whoever signs in has no rights yet.
        providers = request.env(user=SUPERUSER_ID)["auth.oauth.provider"].with_context(lang=request.env.lang)
        citizens = [("id", "=", provider_id), ("enabled", "=", True), ("kho_dl_company_id", "!=", False)]
        provider = providers.search(citizens)
        if not provider:
            raise request.not_found()
        return provider

    def _attempts(self):
        now = time.time()
        return [attempt for attempt in request.session.get(_ATTEMPTS) or () if attempt["until"] > now]

    def _take_attempt(self, provider, state):
        """Return the attempt of this browser that `state` belongs to, and forget it: it counts once."""
        attempts = self._attempts()
        own = [one for one in attempts if hmac.compare_digest(one["state"].encode(), state.encode(errors="replace"))]
        request.session[_ATTEMPTS] = [attempt for attempt in attempts if attempt not in own]
        return next((attempt for attempt in own if attempt["provider"] == provider.id), None)

    def _fault(self, provider_id, problem):
        request.env.cr.rollback()
        _logger.warning("Kho DL: a sign-in by provider %s could not be finished: %s", provider_id, problem)
        return self._refused(NOT_FINISHED)

    def _refused(self, reason):
        return request.redirect_query("/web/login", {"kho_dl_refused": reason})
