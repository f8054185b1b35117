"""A message whose answer was lost, and tokens that threads are handed."""

import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from byte_server import as_json, http
from test_case_sync import CASE, LOGIN, STEP

from protocol import calls, telling
from protocol.case_sync import says_known, says_unknown
from protocol.errors import AccountRefused, AnswerNotUnderstood, AnswerOutOfTime, PortalRejected
from protocol.task_pool import TaskPool
from protocol.telling import Telling, tell
from protocol.tokens import HandedTokens, Token, TokenWanted

SOON = 5.0
OK = as_json({"error_code": 0})
NEW_CASE = Telling(message=CASE, is_update=False)
LOST_CASE = Telling(message=CASE, is_update=False, is_uncertain=True)
LOST_STEP = Telling(message=STEP, is_update=True, is_uncertain=True)
EXISTS = as_json({"error_code": "-3", "message": "Hồ sơ H46-1 đã tồn tại trên hệ thống"})


def refusal(message, code=9, status=200):
    return as_json({"error_code": code, "message": message}, status=status)


def told(server, make_client, telling, *answers):
    """Tell with one `answers` a call after the login; return (what `tell` returned, what was asked)."""
    server.by_path(login=LOGIN, call=list(answers))
    is_update = tell(make_client(), telling, time.monotonic() + SOON)
    calls = [asked.json for asked in server.asked if asked.target.endswith("call")]
    meant = {"True": True, "False": False, None: None}
    return is_update, [(call["service"], meant[call.get("isUpdating")]) for call in calls]


def test_a_new_case_is_one_call(server, make_client):
    assert told(server, make_client, NEW_CASE, OK) == (False, [("DongBoHoSoMC", False)])


@pytest.mark.parametrize(
    "unknown",
    [
        as_json({"error_code": 0, "result": []}),
        refusal("Không tìm thấy hồ sơ"), refusal("Hồ sơ không tồn tại trên hệ thống"), refusal("Không có dữ liệu"),
        refusal("Case not found", "NOT_FOUND"), refusal("Mã hồ sơ chưa được đồng bộ"), refusal("x", 404, status=404),
        # In words that nobody has heard of: what is said to the case itself decides.
        refusal("Lỗi nghiệp vụ 17", 17), refusal("", 5),
    ],
)  # fmt: skip
def test_a_lost_case_that_the_portal_does_not_know_goes_as_new(server, make_client, unknown):
    assert told(server, make_client, LOST_CASE, unknown, OK) == (False, [("TraCuuHoSo", None), ("DongBoHoSoMC", False)])


def test_a_lost_case_that_the_portal_has_is_an_update(server, make_client):
    known = as_json({"error_code": 0, "result": [{"MaHoSo": "H46-1"}]})
    assert told(server, make_client, LOST_CASE, known, OK) == (True, [("TraCuuHoSo", None), ("DongBoHoSoMC", True)])


# Proves W.7-3.
def test_a_case_that_exists_already_goes_as_an_update_once(server, make_client):
    expected = [("TraCuuHoSo", None), ("DongBoHoSoMC", False), ("DongBoHoSoMC", True)]
    assert told(server, make_client, LOST_CASE, refusal("Lỗi 17"), EXISTS, OK) == (True, expected)
    server.asked.clear()
    with pytest.raises(PortalRejected):
        told(server, make_client, NEW_CASE, EXISTS, EXISTS)
    assert len(server.asked) == 3


def test_a_refused_token_is_no_unknown_case(server, make_client):
    no_token = refusal("Phiên làm việc không tồn tại")
    known = as_json({"error_code": 0, "result": [{"MaHoSo": "H46-1"}]})
    is_update, calls = told(server, make_client, LOST_CASE, no_token, known, OK)
    assert (is_update, [service for service, _ in calls]) == (True, ["TraCuuHoSo", "TraCuuHoSo", "DongBoHoSoMC"])
    with pytest.raises(AccountRefused):
        told(server, make_client, LOST_CASE, no_token)


def test_a_portal_in_trouble_is_no_unknown_case(server, make_client):
    with pytest.raises(PortalRejected) as caught:
        told(server, make_client, LOST_CASE, refusal("Hồ sơ không tìm thấy", status=503))
    assert caught.value.is_transient


def test_a_lost_step_is_told_unless_it_is_there(server, make_client):
    here = {"ThoiDiemXuLy": "20261123190000", "TrangThai": "2"}
    known = [{"MaHoSo": "H46-1", "TienDo": [here]}]
    assert told(server, make_client, LOST_STEP, as_json({"result": known}))[1] == [("TraCuuHoSo", None)]
    for answer in (as_json({"result": [{"MaHoSo": "H46-1"}]}), refusal("Không tìm thấy hồ sơ")):
        server.asked.clear()
        services = [service for service, _ in told(server, make_client, LOST_STEP, answer, OK)[1]]
        assert services == ["TraCuuHoSo", "CapNhatTienDoHoSoMC"]


@pytest.mark.parametrize(
    "no", [refusal("Lỗi nghiệp vụ 17", 17), refusal("Dịch vụ không tồn tại", 4), refusal("x", 404, status=404)]
)
@pytest.mark.parametrize("lost", [LOST_STEP, LOST_CASE])
def test_a_lookup_that_only_says_no_holds_back_nothing(server, make_client, lost, no):
    assert len(told(server, make_client, lost, no, OK)[1]) == 2


@pytest.mark.parametrize("lost", [LOST_STEP, LOST_CASE])
def test_a_message_that_was_looked_up_too_slowly_is_certainly_not_there(server, make_client, monkeypatch, clock, lost):
    monkeypatch.setattr(telling, "time", clock)

    def answer(asked, _connection):
        if asked.target.endswith("login"):
            return LOGIN
        clock.leap(3)
        return refusal("Không tìm thấy hồ sơ")

    server.answer = answer
    with pytest.raises(AnswerOutOfTime) as caught:
        tell(make_client(), lost, clock.monotonic() + SOON)
    assert not caught.value.is_sent
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("words", "is_unknown"),
    [
        ("Không tìm thấy", True), ("Hồ sơ không tồn tại", True), ("No such record", True), ("unknown case", True),
        ("Dịch vụ không tồn tại", False), ("Mã đơn vị không khớp với tài khoản", False), ("", False),
        ("Bạn không có quyền", False),
    ],
)  # fmt: skip
def test_words_for_an_unknown_case(words, is_unknown):
    assert says_unknown(PortalRejected("9", words)) is is_unknown


@pytest.mark.parametrize(
    ("words", "is_known"),
    [
        ("Hồ sơ đã tồn tại", True),
        ("Mã hồ sơ H56.01-1 đã tồn tại trên hệ thống", True),
        ("Already exists", True),
        ("Sai", False),
    ],
)
def test_words_for_a_known_case(words, is_known):
    assert says_known(PortalRejected("3", words)) is is_known
    assert says_known(PortalRejected("-3", "")) and not says_known(PortalRejected("-1", ""))


@pytest.mark.parametrize("exists", [as_json({"error_code": "-3"}), http("Hồ sơ đã tồn tại".encode())])
def test_a_case_that_exists_is_told_as_an_update_in_whatever_words(server, make_client, exists):
    done = http("Đồng bộ thành công".encode())
    assert told(server, make_client, NEW_CASE, exists, done) == (
        True,
        [("DongBoHoSoMC", False), ("DongBoHoSoMC", True)],
    )


@pytest.mark.parametrize("nothing", [{}, [], None])
def test_who_says_nothing_has_not_accepted(server, make_client, nothing):
    with pytest.raises(AnswerNotUnderstood):
        told(server, make_client, NEW_CASE, as_json(nothing))


def test_nothing_takes_longer_than_it_may(server, make_client):
    gate = threading.Event()

    def answer(asked, _connection):
        if asked.target.endswith("login"):
            return LOGIN
        gate.wait(30)

    server.answer = answer
    began = time.monotonic()
    with pytest.raises(AnswerOutOfTime) as caught:
        tell(make_client(timeout=30), NEW_CASE, began + 0.3)
    assert (caught.value.blames_remote, caught.value.is_sent) == (False, True)
    gate.set()
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("first_bytes", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_a_long_silence_blames_who_was_silent_whoever_s_time_was_over(
    server, make_client, monkeypatch, clock, first_bytes
):
    monkeypatch.setattr(calls, "time", clock)
    gate = threading.Event()

    def answer(asked, connection):
        if asked.target.endswith("login"):
            return LOGIN
        connection.sendall(first_bytes)
        clock.leap(60)
        gate.wait(30)

    server.answer = answer
    with pytest.raises(AnswerOutOfTime) as caught:
        tell(make_client(timeout=0.5), NEW_CASE, clock.monotonic() + 60)
    gate.set()
    assert caught.value.blames_remote is not bool(first_bytes)


def test_a_connection_that_nobody_took_blames_no_portal():
    assert AnswerOutOfTime(60.0).blames_remote
    assert not AnswerOutOfTime(60.0, is_connected=False).blames_remote


def test_a_connection_that_our_own_time_cut_off_blames_nobody(server, make_client):
    server.by_path(login=LOGIN, call=[OK])
    with pytest.raises(AnswerOutOfTime):
        tell(make_client(), NEW_CASE, time.monotonic())


def token(value, minutes=30):
    return Token(value, datetime.now(timezone.utc) + timedelta(minutes=minutes))


def test_threads_get_the_tokens_that_are_handed_in_and_log_in_for_nobody():
    tokens = HandedTokens()
    with pytest.raises(TokenWanted) as caught:
        tokens.obtain("a", pytest.fail)
    assert caught.value.refused is None
    tokens.hand_in("a", token("one"))
    assert tokens.obtain("a", pytest.fail).value == "one"
    with pytest.raises(TokenWanted) as caught:
        tokens.obtain("a", pytest.fail, refused="one")
    assert caught.value.refused == "one"
    tokens.hand_in("a", token("two"))
    assert tokens.obtain("a", pytest.fail, refused="one").value == "two"
    tokens.hand_in("a", token("three", minutes=-1))
    assert not tokens.has_good("a")


def test_a_pool_hands_its_owner_what_has_ended():
    gate = threading.Event()
    with TaskPool(2, "test") as pool:
        pool.start("slow", gate.wait, SOON)
        pool.start("wrong", int, "x")
        assert not pool.has_room()
        [(key, future)] = pool.collect(SOON)
        assert (key, type(future.exception())) == ("wrong", ValueError)
        assert (len(pool), pool.has_room()) == (1, True)
        assert pool.collect(0.01) == []
        gate.set()
        assert [key for key, _future in pool.collect(SOON)] == ["slow"]
        assert pool.collect(0.0) == []
