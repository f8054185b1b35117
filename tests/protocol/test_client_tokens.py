"""One login for everybody, one more when a token is refused, and never a third."""

import threading

import pytest
from byte_server import as_json, http

from protocol.errors import AccountRefused, AnswerNotUnderstood, PortalRejected
from protocol.papers import CodeAsked, Question

LOGIN = as_json({"session": "abc"})
ROWS = {"result": [{"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:COM:x:y"}]}
GOOD = as_json(ROWS)
QUESTION = Question("1.001193", (CodeAsked("KQ.G15.000007"),), "001099000001", "2")
REFUSALS = [
    http(b"", status=401),
    http(b"<html>", status=403),
    as_json({"message": "Forbidden"}, status=403),
    as_json({"error_code": 401, "message": "x"}),
    as_json({"error_code": -1, "message": "Token expired"}),
    as_json({"errorCode": "9", "message": "Phiên làm việc đã hết hạn"}, status=400),
    as_json({"errorCode": "INVALID_SESSION", "message": None}, status=500),
    as_json({"message": "Session has expired"}, status=400),
    as_json({"message": "Token không hợp lệ"}),
    as_json({"error": "invalid_token", "error_description": "Access token expired"}),
]


def targets(server):
    return [asked.target.rpartition("/")[2] for asked in server.asked]


# Proves V.3-1.
def test_a_token_serves_many_calls(server, make_client):
    server.by_path(login=LOGIN, call=GOOD)
    client = make_client()
    client.directory()
    client.directory()
    assert targets(server) == ["login", "call", "call"]
    assert server.connections == 1


def test_the_two_services_have_a_token_each(server, make_client):
    server.by_path(login=LOGIN, call=GOOD, papers=as_json({"errorCode": 0, "result": None}))
    client = make_client()
    client.directory()
    client.papers(QUESTION)
    assert [target.partition("?")[0] for target in targets(server)] == ["login", "call", "login", "papers"]


# Proves W.1-3.
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_token_leads_to_one_login_and_one_repeat(server, make_client, refusal):
    server.by_path(login=[LOGIN, as_json({"session": "def"})], call=[refusal, GOOD])
    assert make_client().directory().servers
    assert targets(server) == ["login", "call", "login", "call"]
    assert server.asked[-1].json["session"] == "def"


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_second_refusal_is_the_accounts(server, make_client, refusal):
    server.by_path(login=LOGIN, call=refusal)
    with pytest.raises(AccountRefused):
        make_client().directory()
    assert targets(server) == ["login", "call", "login", "call"]


def test_the_words_of_the_second_refusal_are_kept(server, make_client):
    server.by_path(login=LOGIN, call=as_json({"message": "Không có quyền"}, status=403))
    with pytest.raises(AccountRefused) as caught:
        make_client().directory()
    assert caught.value.message == "Không có quyền"


def test_many_threads_that_are_refused_together_log_in_once(server, make_client):
    gate = threading.Barrier(4)

    def answer(asked, _connection):
        if asked.target.endswith("login"):
            return as_json({"session": f"token {sum(a.target.endswith('login') for a in server.asked)}"})
        if asked.json["session"] == "token 1":
            gate.wait(5)
            return http(b"", status=401)
        return GOOD

    server.answer = answer
    client = make_client()
    threads = [threading.Thread(target=client.directory) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(targets(server)) == ["call"] * 8 + ["login"] * 2


@pytest.mark.parametrize(
    "login",
    [
        http(b"", status=401),
        as_json({"message": "Sai mật khẩu"}, status=403),
        as_json({"error_code": 5, "message": "Sai mật khẩu"}),
        as_json({"error_code": 5, "message": "Sai mật khẩu"}, status=400),
        as_json({"error": "invalid_grant"}, status=400),
        as_json({"error_code": 5, "message": "Tài khoản sai", "session": "abc"}),
    ],
)
def test_an_account_that_is_refused(server, make_client, login):
    server.by_path(login=login)
    client = make_client()
    for call in (client.directory, lambda: client.log_in(client.settings.directory)):
        with pytest.raises(AccountRefused) as caught:
            call()
        assert "secret-password" not in f"{caught.value} {caught.value.message}"
    assert targets(server) == ["login", "login"]


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_login_that_fails_for_other_reasons_blames_nobody(server, make_client, status):
    server.by_path(
        login=[as_json({"errorCode": 7, "message": "Bảo trì"}, status=status), http(b"<html>", status=status)]
    )
    client = make_client()
    with pytest.raises(PortalRejected) as caught:
        client.directory()
    assert (caught.value.code, caught.value.message, caught.value.status) == ("7", "Bảo trì", status)
    with pytest.raises(AnswerNotUnderstood):
        client.directory()


def test_a_login_without_a_token_is_not_understood(server, make_client):
    server.by_path(login=as_json({"error_code": 0}))
    with pytest.raises(AnswerNotUnderstood):
        make_client().directory()


def test_testing_the_connection_always_logs_in(server, make_client):
    server.by_path(login=LOGIN)
    client = make_client()
    assert client.log_in(client.settings.papers).value == "abc"
    assert client.log_in(client.settings.papers).value == "abc"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (
            as_json({"errorCode": "12", "message": "Mã kết quả không thuộc thủ tục"}),
            "12",
            "Mã kết quả không thuộc thủ tục",
        ),
        (as_json({"errorCode": "12", "message": "Sai"}, status=400), "12", "Sai"),
        (as_json({"errorCode": "12"}, status=500), "12", ""),
        (as_json({"message": "Not found"}, status=404), "404", "Not found"),
        (as_json({"errorCode": "0", "message": "Lạ"}, status=500), "500", "Lạ"),
    ],
)
def test_what_the_portal_rejects(server, make_client, answer, code, message):
    server.by_path(login=LOGIN, papers=answer)
    with pytest.raises(PortalRejected) as caught:
        make_client().papers(QUESTION)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert len(server.asked) == 2


def test_a_question_that_is_not_complete_costs_no_login(server, make_client):
    with pytest.raises(ValueError, match="result codes"):
        make_client().papers(Question("1.001193", (), "001099000001", "2"))
    assert server.asked == []
