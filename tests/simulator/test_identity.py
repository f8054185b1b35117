import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.identity import CLIENT_ID, CLIENT_SECRET, NUMBER_CLAIM
from simulator.identity_tokens import FORMS, claims_of
from simulator.people import AN, COMPANY

VERIFIER = "v" * 43
BACK = "http://127.0.0.1:9/back"
TIMEOUT = 10


class Browser:
    """Somebody who signs in step by step, so that a test can change one of them."""

    def __init__(self, sim, session):
        self.base, self.session = f"{sim.url}/openid", session

    def authorize(self, **changes):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": BACK,
            "scope": "openid",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "person": AN,
            **changes,
        }
        asked = {name: value for name, value in asked.items() if value is not None}
        return self.session.get(f"{self.base}/authorize", params=asked, allow_redirects=False, timeout=TIMEOUT)

    def code(self, **changes):
        return self.came_back(self.authorize(**changes))["code"]

    def came_back(self, answer):
        assert answer.headers["Location"].startswith(BACK)
        return {name: value for name, [value] in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def token(self, code, auth=(CLIENT_ID, CLIENT_SECRET), **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.session.post(f"{self.base}/token", data=form, auth=auth, timeout=TIMEOUT)

    def userinfo(self, token):
        headers = {"Authorization": f"Bearer {token}"}
        return self.session.get(f"{self.base}/userinfo", headers=headers, timeout=TIMEOUT)


@pytest.fixture
def browser(sim, client):
    return Browser(sim, client.session)


def test_somebody_signs_in(sim, browser):
    back = browser.came_back(browser.authorize())
    assert (back["state"], back["iss"]) == ("s", browser.base)
    answer = browser.token(back["code"]).json()
    claims = claims_of(answer["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["acr"]) == (browser.base, CLIENT_ID, "n", "2")
    assert (claims["name"], claims[NUMBER_CLAIM]) == ("Nguyễn Thị An", AN)
    assert browser.userinfo(answer["access_token"]).json()["sub"] == claims["sub"]
    assert [row["status"] for row in sim.requests("openid")] == [302, 200, 200]


def test_the_page_offers_people_and_no_organisation(browser):
    page = browser.authorize(person=None).text
    assert "Nguyễn Thị An" in page and AN in page and COMPANY not in page
    assert browser.came_back(browser.authorize(person="nobody"))["error"] == "access_denied"


def test_what_does_not_fit_is_refused(browser):
    for changes, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
    ):
        assert browser.came_back(browser.authorize(**changes))["error"] == error, changes
    for changes in ({"client_id": "x"}, {"redirect_uri": "https://example.com/"}):
        assert browser.authorize(**changes).status_code == 400, changes
    for changes in ({"code_verifier": "w" * 43}, {"redirect_uri": f"{BACK}x"}, {"code": "x"}):
        assert browser.token(**{"code": browser.code(), **changes}).json() == {"error": "invalid_grant"}, changes
    assert browser.token(browser.code(), auth=("x", "y")).status_code == 401
    code = browser.code()
    assert [browser.token(code).status_code for _time in range(2)] == [200, 400]
    assert browser.userinfo("x").status_code == 401


def test_what_is_said_of_a_person_can_be_set(sim, browser):
    sim.identity.set_claims(AN, {"acr": "1", NUMBER_CLAIM: None})
    claims = claims_of(browser.token(browser.code()).json()["id_token"])
    assert claims["acr"] == "1" and NUMBER_CLAIM not in claims
    with pytest.raises(ValueError):
        sim.identity.set_claims(AN, [])


@pytest.mark.parametrize("form", FORMS)
def test_every_odd_token_can_be_ordered(sim, browser, form):
    right = browser.token(browser.code()).json()["id_token"]
    sim.order("openid", "odd_id_token", match="token", form=form)
    assert browser.token(browser.code()).json()["id_token"] != right
    assert not sim.faults.standing()
