import json

import pytest

from protocol.answers import Refusal, check_success, decode_json, listed, message_of, refusal_of, rows, text
from protocol.calls import _judged
from protocol.errors import AnswerNotUnderstood, PortalRejected
from protocol.papers import parse_papers


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("401", ""),
        ("-1", "Token expired"),
        ("-1", "invalid session"),
        ("INVALID_TOKEN", ""),
        ("token_expired", "x"),
        ("1", "Phiên làm việc đã hết hạn"),
        ("1", "PHIÊN ĐĂNG NHẬP KHÔNG HỢP LỆ"),
        ("1", "Mã token không tồn tại"),
        ("1", "Unauthorized"),
        ("1", "Vui lòng đăng nhập lại"),
        ("1", "Session not found"),
    ],
)
def test_words_that_blame_the_token(code, message):
    assert Refusal(code, message).blames_token()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("-1", "Lỗi hệ thống"),
        ("1", "Mã kết quả không hợp lệ"),
        ("1", "Phiên bản không hợp lệ"),
        ("1", "Giấy tờ đã hết hạn"),
        ("1", "Invalid procedure"),
        ("403", "Không có quyền"),
        ("1", "session limit"),
    ],
)
def test_words_that_blame_something_else(code, message):
    assert not Refusal(code, message).blames_token()


# Proves W.0-5.
@pytest.mark.parametrize("body", [b'{"a": "\xc4\x91"}', b'\xef\xbb\xbf {"a": "\\u0111"}\n'])
def test_json_with_and_without_a_byte_order_mark(body):
    assert decode_json(body) == {"a": "đ"}


# Proves W.0-4.
@pytest.mark.parametrize(
    ("answer", "inner"),
    [
        ('{"result": [1]}', {"result": [1]}),
        ('\ufeff [{"a": 1}]\n', [{"a": 1}]),
        ({"message": '{"result": [1]}'}, {"result": [1]}),
        ({"Message": '{"error_code": 5}', "error_code": 0, "result": None}, {"error_code": 5}),
        ({"code": 200, "message": '{"result": [1]}'}, {"result": [1]}),
        ({"status": "OK", "data": '{"error_code": 5, "message": "x"}'}, {"error_code": 5, "message": "x"}),
        ({"code": "500", "message": '{"result": [1]}'}, {"code": "500", "message": '{"result": [1]}'}),
        ({"error_code": 0, "result": '{"session": "t"}'}, {"error_code": 0, "result": '{"session": "t"}'}),
        # What is no answer of its own stays what it is: a token, words, an error that quotes something.
        ("eyJhbGciOi.J9.x", "eyJhbGciOi.J9.x"),
        ("12345", "12345"),
        ("{no json", "{no json"),
        ({"message": "Successfully"}, {"message": "Successfully"}),
        ({"error_code": 1, "message": '{"a": 1}'}, {"error_code": 1, "message": '{"a": 1}'}),
        ({"session": "t", "message": '{"user": "x"}'}, {"session": "t", "message": '{"user": "x"}'}),
        ({"type": "Server.x", "message": "{}"}, {"type": "Server.x", "message": "{}"}),
        ({"result": [1], "message": '{"a": 1}'}, {"result": [1], "message": '{"a": 1}'}),
        ({"error_code": 0, "message": "{}"}, {"error_code": 0, "message": "{}"}),
    ],
)
def test_an_answer_that_a_proxy_has_wrapped_is_taken_out_once(answer, inner):
    assert decode_json(json.dumps(answer).encode()) == inner


@pytest.mark.parametrize(
    "body", [b"", b"<html>secret", b'{"secret": ', b'{"secret": "\xff"}', b"[" * 500_000, b"1" * 9_999]
)
def test_what_is_not_json(body):
    with pytest.raises(AnswerNotUnderstood) as caught:
        decode_json(body)
    assert "secret" not in repr(caught.value)
    # Whoever logs the error with its causes must not log the answer.
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (" a\x00b\n", "a b"),
        ("\ufeffa\u202eb\u2028c\ud800", "ab c"),
        (7, "7"),
        (7.5, "7.5"),
        (7.0, "7"),
        (10**400, ""),
        (True, ""),
        (None, ""),
        ([1], ""),
        ("x" * 999, "x" * 300),
    ],
)
def test_text(value, clean):
    assert text(value) == clean


def test_the_message_is_found_under_several_names():
    for key in ("message", "Error_Message", "msg", "error"):
        assert message_of({"x": 1, key: " Lỗi "}) == "Lỗi"
    assert message_of({"message": None, "error": {"a": 1}}) == message_of([1]) == ""
    assert refusal_of("text") is None


def test_rows_are_looked_at_up_to_the_bound_only():
    assert rows([{"A_b": 1}, 7, {"c": 2}], 2) == ([{"ab": 1}], 2)
    with pytest.raises(AnswerNotUnderstood):
        rows(7, 2)


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ({"success": False, "message": "Lỗi CSDL"}, "false", "Lỗi CSDL"),
        ({"errorCode": None, "success": "false", "data": None}, "false", ""),
        ({"status": "FAIL", "message": "x", "result": None}, "FAIL", "x"),
        ({"status": 500, "error": "Internal Server Error"}, "500", "Internal Server Error"),
        ({"code": "-1", "message": "x", "data": None}, "-1", "x"),
        ({"error": {"code": 5, "message": "Hỏng"}}, "5", "Hỏng"),
        (
            {"error": "invalid_token", "error_description": "Access token expired"},
            "invalid_token",
            "Access token expired",
        ),
        ({"result": {"error_code": -3, "message": "đã tồn tại"}}, "-3", "đã tồn tại"),
        ({"errorCode": "-1", "error": {"message": "Hỏng"}}, "-1", "Hỏng"),
        ({"message": "Session has expired"}, "", "Session has expired"),
        ({"error": True, "message": "Lỗi", "result": None}, "error", "Lỗi"),
        # Whether something went well is told in many ways.
        *(
            ({"success": no, "message": "Lỗi", "data": []}, "false", "Lỗi")
            for no in (0, "0", 0.0, " Không", "no", "N", "FALSE")
        ),
        *(
            ({key: False, "message": "Lỗi"}, "false", "Lỗi")
            for key in ("isSuccess", "IS_SUCCESS", "IsSuccessful", "Succeeded")
        ),
        *(({"hasError": yes, "message": "Lỗi"}, "error", "Lỗi") for yes in (True, 1, "1", "true", "Có")),
        ({"isError": True, "error": "Lỗi", "data": None}, "error", "Lỗi"),
        # Beside what is no row of anything, within it, and under a success of whoever passes it on.
        ({"success": False, "message": "Lỗi", "result": {"DanhSachGiayToKetQua": []}}, "false", "Lỗi"),
        ({"success": False, "message": "x", "data": "Lỗi"}, "false", "x"),
        ({"code": 500, "message": "x", "data": {"timestamp": "2026", "path": "/user/papers"}}, "500", "x"),
        ({"result": {"success": False, "message": "Lỗi"}}, "false", "Lỗi"),
        ({"error_code": 0, "data": {"status": "error", "message": "Lỗi"}}, "error", "Lỗi"),
        ({"error_code": 0, "data": {"error_code": -1, "message": "Lỗi", "trace": "7"}}, "-1", "Lỗi"),
    ],
)
def test_a_no_without_an_error_code(answer, code, message):
    assert refusal_of(answer) == Refusal(code, message)


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True, "data": None},
        {"status": "success", "message": "ok"},
        {"code": 200, "data": None},
        {"code": "00", "result": []},
        {"error": None, "session": "t"},
        {"error": "", "message": "Successfully"},
        {"success": False, "data": [1]},
        {"success": 0, "errorCode": 0},
        {"success": "Có", "error": "false", "hasError": "0", "data": None},
        {"isError": False, "error": "Không", "isSuccess": "1"},
        {"message": "Không có dữ liệu"},
        {"error_code": 0, "message": "token expired: renewed", "status": "error"},
        {"session": "t", "message": "the old session has expired"},
        # What a case or a paper calls so is its own.
        {"data": {"MaHoSo": "H46-1", "status": "500", "code": "-1", "success": False, "message": "token expired"}},
        {"result": [{"status": "500", "code": "-1", "error_code": 5, "success": False, "error": "x"}]},
        {"code": "-1", "data": {"DanhSachGiayToKetQua": [{"MaKetQua": "K"}]}},
        {"code": "-1", "data": {"DanhSachGiayToKetQua": '[{"MaKetQua": "K"}]'}},
    ],
)
def test_what_is_no_refusal(answer):
    assert refusal_of(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"result": [1]},
        {"data": [1]},
        {"result": None, "data": [1]},
        {"result": {"data": [1]}},
        {"data": {"message": "ok", "result": [1]}},
        {"result": "[1]"},
        [1],
    ],
)
def test_where_an_answer_lists_what_it_has(answer):
    assert listed(answer) == [1]
    assert rows("\ufeff" + json.dumps([{"A_b": 1}]), 5) == ([{"ab": 1}], 0)


def test_letters_have_one_form():
    assert text("Gia\u0302\u0301y") == "Giấy"


@pytest.mark.parametrize(
    ("answer", "status", "is_transient"),
    [
        ({"status": 500, "error": "Internal Server Error"}, 500, True),
        ({"result": {"code": "503", "message": "x"}}, 503, True),
        ({"status": 404, "error": "Not Found"}, 404, False),
        ({"error_code": 500, "message": "x"}, 200, False),
        ({"success": False}, 200, False),
    ],
)
def test_a_status_of_http_within_an_answer_counts_as_that(answer, status, is_transient):
    with pytest.raises(PortalRejected) as caught:
        check_success(answer)
    assert (caught.value.status, caught.value.is_transient) == (status, is_transient)


def test_answers_within_answers_are_looked_through_to_a_depth():
    for shape in ({"errorcode": None, "result": 1}, {"error": 1}, {"data": 1}):
        answer = shape
        for _level in range(20_000):
            answer = {key: answer if value == 1 else value for key, value in shape.items()}
        assert (refusal_of(answer) is None) == ("error" not in shape)
        assert message_of(answer) == ""
        assert not listed(answer) or "error" not in shape
        # Freed level by level: all at once would be deeper than the stack.
        while isinstance(answer, dict):
            answer = answer[list(shape)[-1]]


def test_a_large_answer_within_a_text_is_read_a_few_times_only(monkeypatch):
    read = []
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda words, **how: read.append(len(words)) or loads(words, **how))
    papers = {"DanhSachGiayToKetQua": [{"MaKetQua": "K" * 100_000}]}
    parse_papers(_judged(200, json.dumps({"errorCode": 0, "result": json.dumps(papers)}).encode(), decode_json))
    assert len([size for size in read if size > 1000]) <= 3
