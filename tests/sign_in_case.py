"""Somebody at a browser who signs in by the simulator's identity provider, step by step."""

import re
from urllib.parse import urlsplit

import requests

from odoo import Command, http

from ..models.connection import kho_dl_gateway
from ..simulator.identity import CLIENT_ID, CLIENT_SECRET, NUMBER_CLAIM
from .citizen_case import CitizenCase
from .common import is_transaction_open

_TIMEOUT = 10


class SignInCase(CitizenCase):
    def setUp(self):
        super().setUp()
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)
        self.provider = self.make_provider()

    def make_provider(self, **values):
        base = f"{self.simulator.url}/openid"
        return self.env["auth.oauth.provider"].create(
            {
                "name": "VNeID",
                "body": "Sign in with VNeID",
                "enabled": True,
                "kho_dl_company_id": self.company.id,
                "kho_dl_issuer": base,
                "client_id": CLIENT_ID,
                "kho_dl_client_secret": CLIENT_SECRET,
                "auth_endpoint": f"{base}/authorize",
                "kho_dl_token_endpoint": f"{base}/token",
                "kho_dl_keys_endpoint": f"{base}/keys",
                "validation_endpoint": f"{base}/userinfo",
                "kho_dl_number_claim": NUMBER_CLAIM,
                "kho_dl_levels": "2, 3",
                **values,
            }
        )

    def begin(self, provider=None, query=""):
        """Return the address at the provider to which the browser is sent."""
        answer = self.get(f"/kho-dl/sign-in/{(provider or self.provider).id}{query}")
        self.assertEqual(answer.status_code, 303, answer.text)
        return answer.headers["Location"]

    def choose(self, address, person):
        """Return the address to which the provider sends the browser of `person` back."""
        answer = requests.get(f"{address}&person={person}", allow_redirects=False, timeout=_TIMEOUT)
        self.assertEqual(answer.status_code, 302, answer.text)
        return answer.headers["Location"]

    def come_back(self, address):
        parts = urlsplit(address)
        answer = self.get(f"{parts.path}?{parts.query}")
        self.env.invalidate_all()
        return answer

    def sign_in(self, person, provider=None, query="", **claims):
        """Return the answer to `person`, who signs in in a new browser; the provider says `claims` of them, too."""
        self.simulator.identity.set_claims(person, claims)
        self.leave()
        return self.come_back(self.choose(self.begin(provider, query), person))

    def leave(self):
        self.authenticate(None, None)

    def ask_for_password(self, login):
        """Return the page that a stranger reads who asks for a new password, without what was typed."""
        self.leave()
        self.get("/web/reset_password")
        answer = self.url_open(
            "/web/reset_password", data={"login": login, "csrf_token": http.Request.csrf_token(self)}
        )
        self.env.invalidate_all()
        return self.without_token(answer).replace(login, "")

    def without_token(self, answer):
        self.assertEqual(answer.status_code, 200)
        return re.sub(r'(csrf_token[^\n]*?)"[0-9a-fo]{40,}"', r"\1", answer.text)

    def refused(self, answer):
        """Return why the browser was not let in; what it may see is seen by nobody."""
        self.assertEqual(answer.status_code, 303)
        place = urlsplit(answer.headers["Location"])
        self.assertEqual(place.path, "/web/login", answer.headers["Location"])
        self.assertIsNone(self.user())
        return place.query.removeprefix("kho_dl_refused=")

    def assert_in(self, answer, user=None):
        """Return who is in now, and came to `/my`."""
        self.assertEqual((answer.status_code, urlsplit(answer.headers["Location"]).path), (303, "/my"))
        found = self.user()
        self.assertTrue(found)
        if user:
            self.assertEqual(found, user)
        return found

    def user(self):
        """Return the user of the browser, None where nobody is logged in."""
        session = http.root.session_store.get(self.opener.cookies["session_id"])
        return self.env["res.users"].browse(session.uid) if session.uid else None

    def make_contact(self, number, name, seen=True, **values):
        contact = self.env["res.partner"].create({"name": name, **values})
        contact.kho_dl_id_number = number
        if seen:
            contact.with_user(self.clerk).action_kho_dl_card_seen()
        return contact

    def make_second_company(self):
        company = self.env["res.company"].create({"name": "Another agency"})
        self.clerk.company_ids = [Command.link(company.id)]
        return company

    def numbers(self, contact):
        rows = self.env["kho.dl.id.number"].search([("partner_id", "=", contact.id)], order="id")
        return [(row.number, row.verified_how) for row in rows]
