import time

from odoo.tests import BaseCase

from ..models.portal.id_token import KeyUnknown, TokenWrong, verified_claims
from ..simulator.identity_tokens import keys, odd, signed

EXPECTED = {"issuer": "https://id.example.vn", "client_id": "us", "nonce": "n"}


class TestIdToken(BaseCase):
    """What an id_token has to be, against the tokens of the simulator, right and wrong."""

    def claims(self, **changes):
        now = int(time.time())
        claims = {"iss": EXPECTED["issuer"], "aud": "us", "nonce": "n", "sub": "s", "iat": now, "exp": now + 300}
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def verified(self, token, known=None, **changes):
        return verified_claims(token, keys()["keys"] if known is None else known, now=time.time(), **EXPECTED | changes)

    def reason(self, token, known=None, **changes):
        with self.assertRaises(TokenWrong) as caught:
            self.verified(token, known, **changes)
        return str(caught.exception)

    # Proves I.0-2.
    def test_what_is_right_is_taken(self):
        for algorithm in ("RS256", "ES256"):
            self.assertEqual(self.verified(signed(self.claims(), algorithm))["sub"], "s")
        self.verified(signed(self.claims(aud=["us"], azp="us")))
        # Clocks differ a little.
        self.verified(signed(self.claims(iat=int(time.time()) + 30, exp=int(time.time()) - 30)))

    # Proves I.0-2.
    def test_every_claim_is_looked_at(self):
        now = int(time.time())
        for reason, changes in (
            ("issuer", {"iss": "https://id.example.vn/"}),
            ("issuer", {"iss": None}),
            ("audience", {"aud": None}),
            ("audience", {"aud": []}),
            ("audience", {"aud": "US"}),
            ("audience", {"azp": "others"}),
            ("nonce", {"nonce": None}),
            ("nonce", {"nonce": "é"}),
            ("nonce", {"nonce": ["n"]}),
            ("expired", {"exp": None}),
            ("expired", {"exp": str(now + 300)}),
            ("expired", {"exp": True}),
            ("expired", {"exp": now - 61}),
            ("expired", {"exp": float("nan")}),
            ("issued", {"iat": None}),
            ("issued", {"iat": now + 120}),
            ("issued", {"iat": now - 700}),
            ("issued", {"iat": float("nan")}),
            # More than a float holds.
            ("expired", {"exp": 10**400}),
            ("issued", {"iat": 10**400}),
            ("not yet", {"nbf": now + 120}),
            ("subject", {"sub": 7}),
            ("subject", {"sub": "s" * 256}),
            ("subject", {"sub": "s\n"}),
        ):
            with self.subTest(changes):
                self.assertEqual(self.reason(signed(self.claims(**changes))), reason)

    # Proves I.0-2.
    def test_the_algorithm_is_ours_to_choose(self):
        none = odd(signed(self.claims()), "none")
        self.assertEqual((self.reason(none), self.reason(f"{none}AA")), ("form", "algorithm"))
        self.assertEqual(self.reason(odd(signed(self.claims()), "hmac")), "algorithm")
        self.assertEqual(self.reason(signed(self.claims(), alg=["RS256"])), "algorithm")
        # The signature of one kind under the name of the other.
        self.assertEqual(self.reason(signed(self.claims(), "ES256", alg="RS256", kid="rsa-1")), "signature")
        self.assertEqual(self.reason(signed(self.claims(), alg="PS256")), "signature")
        self.assertEqual(self.reason(odd(signed(self.claims()), "critical")), "critical header")

    def test_other_keys_may_help_where_none_is_the_right_one(self):
        for form in ("unknown_key", "other_kind"):
            with self.assertRaises(KeyUnknown):
                self.verified(odd(signed(self.claims()), form))
        with self.assertRaises(KeyUnknown):
            self.verified(signed(self.claims()), [])
        [own, _other] = keys()["keys"]
        for changes in ({"use": "enc"}, {"alg": "RS512"}, {"kty": "oct"}):
            self.assertEqual(self.reason(signed(self.claims()), [{**own, **changes}]), "key", changes)
        for changes in ({"n": "AQAB"}, {"n": ""}, {"n": 7}, {"e": "AA"}, {"e": None}, {"n": own["n"][:-4]}):
            self.assertEqual(self.reason(signed(self.claims()), [{**own, **changes}]), "signature", changes)

    def test_what_is_no_token_is_none(self):
        right = signed(self.claims())
        head, claims, signature = right.split(".")
        odd_ones = (None, 7, "", "a.b", f"{right}.x", f"{head}.{claims}.", f"{head}.W10.{signature}", "a" * 20_000)
        # So many characters are no bytes.
        for odd_one in (*odd_ones, f"{head}.{claims}.a"):
            self.assertEqual(self.reason(odd_one), "form", odd_one)
        self.assertEqual(self.reason(f"{head}.{claims}.{signature[:-8]}"), "signature")
