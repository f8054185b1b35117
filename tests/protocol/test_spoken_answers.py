import json
from dataclasses import replace
from datetime import timedelta

import pytest
from byte_server import as_json, http
from test_case_sync import CASE, LOGIN, NOON, STEP
from test_telling import LOST_STEP, told

from protocol.errors import AccountRefused, AnswerNotUnderstood, PortalRejected
from protocol.office_time import office_time
from protocol.spoken_answers import decode_spoken

STEPS = tuple(replace(STEP, done_on=NOON + timedelta(minutes=minute), state=str(minute + 2)) for minute in range(3))


# Proves W.7-10.
@pytest.mark.parametrize(
    "words",
    ["Cập nhật tiến độ thành công", "\ufeffOK\r\n", '"Cập nhật thành công"', "true", "0", "00", "success", "Đã cập nhật 10 bước", "Done"],
)  # fmt: skip
def test_words_that_say_yes(words):
    assert decode_spoken(words.encode())["error_code"] == 0


@pytest.mark.parametrize(
    "words",
    ["Không thành công", "Lỗi: thiếu NguoiXuLy", '"Cập nhật thất bại"', "false", "Hồ sơ chưa được đồng bộ", "unsuccessful", "Not OK", "Hồ sơ đã tồn tại"],
)  # fmt: skip
def test_words_that_say_no(words):
    assert decode_spoken(words.encode())["error_code"] == "-"


@pytest.mark.parametrize("body", ["", "Xin chào", "1", "<html>OK</html>", '{"error_code": 0', "[OK", "OK " * 999])
def test_words_that_say_neither(body):
    with pytest.raises(AnswerNotUnderstood):
        decode_spoken(body.encode())
    with pytest.raises(AnswerNotUnderstood):
        decode_spoken(b"\xff\xfe OK")


@pytest.mark.parametrize("answer", [{"error_code": 0}, {"error_code": 6, "message": "x"}, [], None, 1.5])
def test_json_stays_what_it_is(answer):
    assert decode_spoken(json.dumps(answer).encode()) == answer


def sent(server):
    """Return the states of the steps of each call that told some."""
    calls = [asked.json for asked in server.asked if asked.target.endswith("call")]
    return [[step["TrangThai"] for step in call["data"]] for call in calls if call["service"] == "CapNhatTienDoHoSoMC"]


# Proves W.7-6, W.7-10.
def test_steps_go_together_in_their_order(server, make_client):
    server.by_path(login=LOGIN, call=http("Cập nhật thành công".encode(), Content_Type="text/html"))
    make_client().send_progress(*STEPS)
    assert sent(server) == [["2", "3", "4"]]


def test_what_the_portal_says_no_to_in_words_is_refused(server, make_client):
    server.by_path(login=LOGIN, call=http("Lỗi: thiếu NguoiXuLy".encode()))
    with pytest.raises(PortalRejected) as caught:
        make_client().send_progress(STEP)
    assert caught.value.message == "Lỗi: thiếu NguoiXuLy"


# Proves W.7-10.
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"message": "Hồ sơ không hợp lệ"}, "Hồ sơ không hợp lệ"),
        ({"error_code": "", "message": "Lỗi dữ liệu"}, "Lỗi dữ liệu"),
        ({"status": 1, "message": "Lỗi dữ liệu", "data": {"id": 7}}, "Lỗi dữ liệu"),
        ({"result": "Lỗi: thiếu MaTTHC"}, "Lỗi: thiếu MaTTHC"),
        ([{"error_code": 5, "message": "x"}], "x"),
        (
            {"message": "ok", "result": [{"MaHoSo": "H46-1", "error_code": "5", "message": "thiếu MaTTHC"}]},
            "thiếu MaTTHC",
        ),
        ({"error_code": 0, "data": {"error_code": -1, "message": "x"}}, "x"),
        ({"data": {"message": "Lỗi dữ liệu"}}, "Lỗi dữ liệu"),
        ({"message": "Lỗi dữ liệu", "result": "H46-1"}, "Lỗi dữ liệu"),
        ({"message": "Lỗi dữ liệu", "data": {"error_code": 0}}, "Lỗi dữ liệu"),
        ({"error_code": False, "message": "Lỗi dữ liệu"}, "Lỗi dữ liệu"),
        ({"success": 0, "message": "Cập nhật"}, "Cập nhật"),
        ({"success": "Không"}, ""),
        ({"data": {"success": "0"}}, ""),
        ({"isSuccess": False, "message": "ok"}, "ok"),
        ({"ok": False, "message": "Thành công"}, "Thành công"),
        ({"hasError": False, "message": "Hồ sơ không hợp lệ"}, "Hồ sơ không hợp lệ"),
        ({"hasError": False, "success": False}, ""),
        ({"hasError": False, "failed": 1}, ""),
        ({"error_code": 5, "d": {"error_code": 0}}, ""),
        ({"isSucceeded": "false", "message": "ok"}, "ok"),
        ({"error_code": 0, "failed": 1}, ""),
        ({"error_code": "0", "message": "x", "FAILED_COUNT": "2"}, "x"),
        ({"error_code": 0, "data": {"success": 0, "failed": 1}}, ""),
        ({"error_code": 0, "data": {"success": 9, "ThatBai": 1}}, ""),
        ({"error_code": 0, "errors": ["x"], "data": [{"MaHoSo": "H46-1"}]}, ""),
    ],
)
def test_a_no_in_json_is_no_success(server, make_client, answer, message):
    server.by_path(login=LOGIN, call=as_json(answer))
    with pytest.raises(PortalRejected) as caught:
        make_client().send_case(CASE, is_update=False)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "answer",
    [
        {}, [], {"message": "Xin chào"}, {"message": "Xin chào", "result": 0}, 1.5,
        # A key tells nothing where it holds nothing.
        {"error_code": None}, {"error_code": " "}, {"data": None}, {"result": False}, {"result": []}, {"data": {}}, {"result": "null"},
        {"error_code": None, "data": None, "status": ""}, {"data": {"error_code": None}}, {"data": {"id": None}}, [None], [{}],
        {"result": [{"error_code": None, "message": ""}]}, {"isSuccess": "None"}, {"result": "None"},
    ],
)  # fmt: skip
def test_json_that_says_neither_is_not_understood(server, make_client, answer):
    server.by_path(login=LOGIN, call=as_json(answer))
    with pytest.raises(AnswerNotUnderstood):
        make_client().send_case(CASE, is_update=False)


@pytest.mark.parametrize(
    "answer",
    [
        {"error_code": 0, "message": "Không có lỗi"},
        {"error_code": 0, "message": "[]"},
        {"success": True, "message": "không có cảnh báo"},
        {"success": "Có", "message": "không có cảnh báo"},
        {"error": "None", "message": "Thành công"},
        {"isSuccess": "1", "message": "không có cảnh báo", "hasError": False},
        {"hasError": False, "message": "Đồng bộ hồ sơ"},
        {"isError": "0", "message": None, "data": None},
        {"data": {"has_error": "false", "message": "Xin chào"}},
        {"ok": True, "message": "Đồng bộ hồ sơ"},
        {"code": 200, "message": "x"},
        {"message": "Successfully"},
        {"result": [{"MaHoSo": "H46-1", "status": "500", "code": "-1", "success": False, "message": "Lỗi"}]},
        {"error_code": "00", "result": [{"MaHoSo": "H46-1", "error_code": 0}]},
        {"error_code": 0, "result": None},
        {"error_code": 0, "failed": 0, "errors": [], "fail": "0", "failure": False, "failures": None},
        {"error_code": 0, "errors": [None], "failures": {"message": ""}},
        {"error_code": 0, "data": {"success": 1, "failed": 0}},
        {"error_code": False},
        {"data": {"error_code": 0}},
        {"data": {"error_code": 0, "message": "Không có lỗi"}},
        {"data": {"message": "Cập nhật thành công"}},
        {"result": {"MaHoSo": "H46-1"}},
        {"result": "H46-1", "message": "Thành công"},
        {"result": True},
        {"result": 0},
        {"data": {"result": 0}},
        {"data": 7},
        [{"error_code": 0}],
    ],
)
def test_a_yes_in_json(server, make_client, answer):
    server.by_path(login=LOGIN, call=as_json(answer))
    make_client().send_case(CASE, is_update=False)


def test_a_token_that_is_refused_in_words_costs_one_login(server, make_client):
    server.by_path(login=LOGIN, call=http("Phiên làm việc đã hết hạn".encode()))
    with pytest.raises(AccountRefused):
        make_client().send_progress(STEP)
    assert [asked.target.rpartition("/")[2] for asked in server.asked] == ["login", "call", "login", "call"]


def test_of_lost_steps_those_that_are_there_are_not_told_again(server, make_client):
    together = replace(LOST_STEP, message=STEPS[0], more=STEPS[1:])
    there = [{"ThoiDiemXuLy": office_time(step.done_on), "TrangThai": step.state} for step in STEPS[:2]]
    ok = as_json({"error_code": 0})
    told(server, make_client, together, as_json({"data": [{"MaHoSo": "H46-1", "TienDo": there}]}), ok)
    assert sent(server) == [["4"]]
    server.asked.clear()
    told(server, make_client, together, as_json({"data": []}), ok)
    assert sent(server) == [["2", "3", "4"]]
