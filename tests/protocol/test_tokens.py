import base64
import json
import threading
from datetime import datetime, timedelta, timezone

import pytest

from protocol.errors import AccountRefused, AnswerNotUnderstood, PortalRejected
from protocol.settings import Account, Service, Settings
from protocol.tokens import MemoryTokenStore, Token, account_key, authorization, parse_token

NOW = datetime(2025, 3, 1, 8, tzinfo=timezone(timedelta(hours=7)))
SERVICE = Service("XrdAdapter", "mapi/call", "mapi/login", account=Account("user", "word"))
SETTINGS = Settings("http://10.0.0.1:8080", "H46", SERVICE, SERVICE)


def jwt(claims):
    raw = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return "e30." + base64.urlsafe_b64encode(raw).decode().rstrip("=") + ".c2ln"


def seconds(answer, lifetime=1800.0):
    token = parse_token(answer, lifetime, NOW)
    assert token.expires_at.utcoffset() == timedelta(0)
    return (token.expires_at - NOW).total_seconds()


# Proves W.1-1.
@pytest.mark.parametrize(
    "answer",
    [
        {"session": "abc", "error_code": 0},
        {"access_token": "abc", "token": "other"},
        {"accessToken": "abc"},
        {"token": " abc ", "errorCode": "00"},
        {"Session": "abc", "token": "other"},
        {"session": "", "token": "abc"},
        {"session": None, "result": {"token": "abc"}},
        {"result": "abc"},
        {"result": "success", "data": {"access_token": "abc"}},
        {"data": {"result": {"session": "abc"}}},
        {"data": "abc", "message": "ok"},
        {"error_code": 0, "result": [{"session": "abc"}]},
        {"error_code": 0, "result": '{"access_token": "abc"}'},
        "abc",
    ],
)
def test_where_tokens_are_found(answer):
    assert parse_token(answer, 60, NOW).value == "abc"


def test_a_number_is_a_token_too():
    assert parse_token({"session": 12345}, 60, NOW).value == "12345"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        7.5e400,
        True,
        {"session": True},
        {"session": {"a": 1}},
        {"message": "ok"},
        {"data": {"data": {"data": {"session": "too deep"}}}},
        {"session": "abc\r\nX-Evil: 1"},
        {"session": "abc\n"},
        {"session": "phiên"},
        {"session": "a\x00b"},
        {"session": "a" * 20_000},
        {"session": "   "},
    ],
)
def test_what_is_no_token_fit_for_a_header(answer):
    with pytest.raises(AnswerNotUnderstood) as caught:
        parse_token(answer if answer != 7.5e400 else [answer], 60, NOW)
    assert "abc" not in caught.value.detail


def test_an_error_code_is_a_refusal_whatever_else_there_is():
    with pytest.raises(AccountRefused) as caught:
        parse_token({"error_code": 3, "message": "Sai mật khẩu", "session": "abc"}, 60, NOW)
    assert caught.value.message == "Sai mật khẩu"
    assert "Sai" not in caught.value.detail


@pytest.mark.parametrize(
    "answer",
    [
        {"message": "Tài khoản không tồn tại"},
        {"success": False, "message": "Sai mật khẩu"},
        {"error": "invalid_client", "error_description": "Client authentication failed"},
    ],
)
def test_words_about_the_account_refuse_it(answer):
    with pytest.raises(AccountRefused) as caught:
        parse_token(answer, 60, NOW)
    assert caught.value.message in answer.values()


@pytest.mark.parametrize(
    "message",
    [
        "Hệ thống đăng nhập đang bảo trì", "Đăng nhập thành công", "Too many users", "Internal client error",
        "Không kết nối được dịch vụ đăng nhập",
    ],
)  # fmt: skip
def test_that_logins_are_in_trouble_is_no_fault_of_the_account(message):
    with pytest.raises(AnswerNotUnderstood):
        parse_token({"message": message}, 60, NOW)


@pytest.mark.parametrize(
    "answer",
    [
        {"success": False, "message": "Hệ thống đăng nhập đang bảo trì"},
        {"status": 500, "error": "Internal Server Error", "path": "/mapi/login"},
        {"error": {"code": "503", "message": "upstream"}},
    ],
)
def test_trouble_that_is_said_otherwise_than_by_an_error_code_is_the_portals(answer):
    with pytest.raises(PortalRejected):
        parse_token(answer, 60, NOW)


# Proves W.1-2.
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"session": "abc"}, 1770),
        ({"session": "abc", "expires_in": 3600}, 3570),
        ({"session": "abc", "expires_in": "100"}, 90),
        ({"data": {"token": "abc", "expiresIn": 3600}}, 3570),
        ({"data": {"token": "abc"}, "expires_in": 3600}, 3570),
        ({"session": "abc", "expires_in": 0}, 1770),
        ({"session": "abc", "expires_in": -5}, 1770),
        ({"session": "abc", "expires_in": "soon"}, 1770),
        ({"session": "abc", "expires_in": "nan"}, 1770),
        ({"session": "abc", "expires_in": 1e300}, 366 * 86400 - 30),
        ({"session": jwt({"exp": NOW.timestamp() + 600})}, 570),
        ({"session": "Bearer " + jwt({"exp": NOW.timestamp() + 600})}, 570),
        ({"session": jwt({"exp": str(NOW.timestamp() + 600)}), "expires_in": 900}, 870),
        ({"session": jwt({"exp": NOW.timestamp() - 600})}, 1770),
        ({"session": jwt({"exp": "later"})}, 1770),
        ({"session": jwt({"exp": 10**400})}, 1770),
        ({"session": jwt({})}, 1770),
        ({"session": jwt([1])}, 1770),
        ({"session": jwt(b"\xff{")}, 1770),
        ({"session": jwt(b"[" * 12_000)}, 1770),
        ({"session": "a.b.c"}, 1770),
        ({"session": "a.b"}, 1770),
    ],
)
def test_how_long_a_token_lasts(answer, expected):
    assert seconds(answer) == pytest.approx(expected, abs=0.01)


def test_a_short_lifetime_loses_a_tenth_only():
    assert seconds({"session": "abc"}, lifetime=20) == pytest.approx(18)


def test_a_token_is_never_printed():
    assert "abc" not in repr(parse_token("abc", 60, NOW))


@pytest.mark.parametrize(
    ("scheme", "value", "header"),
    [
        ("bare", "abc", "abc"),
        ("bearer", "abc", "Bearer abc"),
        ("bearer", "bearer abc", "bearer abc"),
        ("bare", "Bearer abc", "Bearer abc"),
    ],
)
def test_the_header(scheme, value, header):
    settings = Settings("http://a", "H46", SERVICE, SERVICE, auth_scheme=scheme)
    assert authorization(settings, Token(value, NOW)) == header


def test_an_account_key_is_stable_and_changes_with_all_that_a_login_depends_on():
    base = account_key(SETTINGS, SERVICE)
    assert base == account_key(Settings("10.0.0.1:8080/", "H22", SERVICE, SERVICE), SERVICE)
    assert base == account_key(SETTINGS, Service("XrdAdapter", "x", "mapi/login", account=Account("user", "word")))
    others = [
        Service("XrdAdapter", "mapi/call", "mapi/login", account=Account("user", "new")),
        Service("VXPAdapter", "mapi/call", "mapi/login", account=SERVICE.account),
        Service("XrdAdapter", "mapi/call", "bndp/login", account=SERVICE.account),
        Service("XrdAdapter", "mapi/call", "mapi/login", "VN:x", account=SERVICE.account),
        Service("XrdAdapter", "mapi/call", "mapi/login", "", "https://x", account=SERVICE.account),
        Service("XrdAdapter", "mapi/call", "mapi/login", account=Account("other", "word")),
    ]
    assert len({base, *(account_key(SETTINGS, other) for other in others)}) == 7
    assert len(base) == 64


class Logins:
    """Counts logins; each gives a token that lasts for a minute of the clock in `now`."""

    def __init__(self):
        self.count = 0
        self.now = NOW

    def __call__(self):
        self.count += 1
        return Token(f"token {self.count}", self.now + timedelta(minutes=1))


def test_a_store_logs_in_once_until_the_token_is_over():
    logins = Logins()
    store = MemoryTokenStore(lambda: logins.now)
    assert store.obtain("a", logins).value == store.obtain("a", logins).value == "token 1"
    assert store.obtain("b", logins).value == "token 2"
    logins.now += timedelta(minutes=1)
    assert store.obtain("a", logins).value == "token 3"


def test_a_refused_token_is_replaced_once():
    logins = Logins()
    store = MemoryTokenStore(lambda: logins.now)
    first = store.obtain("a", logins)
    assert store.obtain("a", logins, refused=first.value).value == "token 2"
    # Somebody else was refused with the first one too, and comes later.
    assert store.obtain("a", logins, refused=first.value).value == "token 2"


def test_many_threads_share_one_login():
    store, logins, gate = MemoryTokenStore(), Logins(), threading.Barrier(8)
    logins.now = datetime.now(timezone.utc)
    found = []

    def ask():
        gate.wait(10)
        found.append(store.obtain("a", logins).value)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == ["token 1"] * 8


def test_a_login_that_fails_leaves_the_store_as_it_was():
    store, logins = MemoryTokenStore(lambda: NOW), Logins()

    def refuse():
        raise AccountRefused

    with pytest.raises(AccountRefused):
        store.obtain("a", refuse)
    assert store.obtain("a", logins).value == "token 1"
