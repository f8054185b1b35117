import base64
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from byte_server import as_json, http

from protocol.errors import AnswerNotUnderstood, SecurityServerUnreachable, TimedOut
from protocol.openid import OpenIdClient, Provider, authorization_address, check_address


@pytest.fixture
def provider(server):
    return Provider(
        client_id="us:é",
        client_secret="s%:",
        token_endpoint=f"{server.url}/token",
        keys_endpoint=f"{server.url}/keys",
        user_endpoint=f"{server.url}/user",
    )


@pytest.fixture
def asker():
    with OpenIdClient() as client:
        yield client


def test_addresses_are_those_of_tls_or_of_this_machine():
    for address in (
        "https://id.example.vn",
        "https://id.example.vn:8443/a?b=c",
        "http://127.0.0.1:8",
        "http://[::1]:8/",
    ):
        check_address(address)
    for address in (
        "http://id.example.vn",
        "http://127.0.0.1.example.vn",
        "http://localhost.example.vn/",
        "https://",
        "https:///x",
        "https://a@id.example.vn",
        "https://id.example.vn/#x",
        "https://id.example.vn/ x",
        "https://id.example.vn/\n",
        "https://ví-dụ.vn",
        "https://id.example.vn:99999",
        "ftp://id.example.vn",
        "id.example.vn",
    ):
        with pytest.raises(ValueError):
            check_address(address)


def test_the_challenge_is_that_of_the_verifier():
    # RFC 7636, appendix B.
    address = authorization_address(
        "https://id.example.vn/a?b=c", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", scope="openid profile"
    )
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge"] == ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    assert (asked["code_challenge_method"], asked["b"], asked["scope"]) == (["S256"], ["c"], ["openid profile"])


def test_a_code_is_redeemed_once_with_its_proof(server, provider, asker):
    server.answer = lambda asked, connection: as_json({"id_token": "t", "access_token": "a"})
    assert asker.redeem(provider, "c+d", "v", "https://us.example.vn/back")["id_token"] == "t"
    [asked] = server.asked
    assert (asked.method, asked.target) == ("POST", "/token")
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(b'us%3A%C3%A9:s%25%3A').decode()}"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c+d"],
        "redirect_uri": ["https://us.example.vn/back"],
        "code_verifier": ["v"],
        "client_id": ["us:é"],
    }
    asker.redeem(replace(provider, is_secret_in_body=True), "c", "v", "b")
    assert "authorization" not in server.asked[1].headers
    assert parse_qs(server.asked[1].body.decode())["client_secret"] == ["s%:"]


def test_a_client_without_a_secret_sends_none(server, provider, asker):
    asker.redeem(replace(provider, client_secret=""), "c", "v", "b")
    assert "authorization" not in server.asked[0].headers and b"client_secret" not in server.asked[0].body


def test_keys_and_people_are_asked_for(server, provider, asker):
    server.by_path(keys=as_json({"keys": [{"kid": "1"}, 7]}), user=as_json({"sub": "s"}))
    assert asker.keys(provider) == [{"kid": "1"}]
    assert asker.user(provider, "a") == {"sub": "s"}
    assert [asked.headers.get("authorization") for asked in server.asked] == [None, "Bearer a"]
    for token in ("", "a\r\nX: y", "é"):
        with pytest.raises(AnswerNotUnderstood):
            asker.user(provider, token)
    server.by_path(keys=as_json({"keys": None}))
    with pytest.raises(AnswerNotUnderstood):
        asker.keys(provider)


def test_a_provider_that_calls_itself_otherwise_is_another_one(server, asker):
    server.answer = lambda asked, connection: as_json({"issuer": server.url})
    assert asker.describe(server.url) == {"issuer": server.url}
    assert server.asked[0].target == "/.well-known/openid-configuration"
    with pytest.raises(AnswerNotUnderstood):
        asker.describe(f"{server.url}/")


@pytest.mark.parametrize(
    "answer, detail",
    [
        (as_json({"error": "invalid_grant", "error_description": "code c"}, 400), "HTTP status 400 invalid_grant"),
        (as_json({"error": "c" * 65}, 401), "HTTP status 401"),
        (as_json({"error": "secret=x"}, 400), "HTTP status 400"),
        (http(b"<html>", 502), "HTTP status 502"),
        (http(b"", 302, Location="/elsewhere"), "HTTP status 302"),
        (http(b"[]"), "not a JSON object"),
        (http(b"[" * 100_000), "not a JSON object"),
        (http(b"\xff"), "not a JSON object"),
        (http(b" " * 300_000), "an answer of more than 262144 bytes"),
    ],
)
def test_what_is_no_answer_is_told_without_what_it_said(server, provider, asker, answer, detail):
    server.answer = lambda asked, connection: answer
    with pytest.raises(AnswerNotUnderstood) as caught:
        asker.keys(provider)
    assert caught.value.detail == detail
    assert len(server.asked) == 1


def test_nobody_is_waited_for_beyond_the_end(server, provider):
    server.answer = lambda asked, connection: connection.recv(1)
    began = time.monotonic()
    with OpenIdClient(until=began + 0.3) as asker, pytest.raises(TimedOut):
        asker.keys(provider)
    # A silence alone may last for eight seconds.
    assert time.monotonic() - began < 6


def test_who_is_not_there_is_said_to_be_so(provider, asker):
    with pytest.raises(SecurityServerUnreachable):
        asker.keys(replace(provider, keys_endpoint="http://127.0.0.1:1/keys"))


def test_every_call_is_announced(server, provider):
    calls = []
    with OpenIdClient(before_call=lambda: calls.append(len(server.asked))) as asker:
        asker.redeem(provider, "c", "v", "b")
        asker.user(provider, "a")
    assert calls == [0, 1]
