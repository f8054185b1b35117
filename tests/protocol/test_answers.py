import json

import pytest

from protocol.answers import Refusal, decode_json, message_of, refusal_of, rows, text
from protocol.errors import AnswerNotUnderstood


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
        # What is no answer of its own stays what it is: a token, words, an error that quotes something.
        ("eyJhbGciOi.J9.x", "eyJhbGciOi.J9.x"),
        ("12345", "12345"),
        ("{no json", "{no json"),
        ({"message": "Successfully"}, {"message": "Successfully"}),
        ({"error_code": 1, "message": '{"a": 1}'}, {"error_code": 1, "message": '{"a": 1}'}),
        ({"session": "t", "message": '{"user": "x"}'}, {"session": "t", "message": '{"user": "x"}'}),
        ({"type": "Server.x", "message": "{}"}, {"type": "Server.x", "message": "{}"}),
        ({"result": [1], "message": '{"a": 1}'}, {"result": [1], "message": '{"a": 1}'}),
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
