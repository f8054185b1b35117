import json

import pytest
from byte_server import as_json, http
from test_legacy_text import in_windows_1258

from protocol.answers import decode_json
from protocol.errors import AnswerNotUnderstood

ROW = {"MACOQUAN": "1", "TENCOQUAN": "Sở Y tế", "DSTCODE": "VN:1"}
PAPER = {"MaKetQua": "KQ.G15.000007", "TenGiayTo": "Giấy phép hành nghề", "CoQuanChuQuan": "Sở Y tế tỉnh Hà Giang"}
ANSWER = {"errorCode": "0", "message": "Thành công", "result": {"DanhSachGiayToKetQua": [PAPER]}}
WRITTEN = json.dumps(ANSWER, ensure_ascii=False)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_is_read_with_and_without_its_mark(encoding):
    for written in (WRITTEN, f"\r\n{WRITTEN}\r\n", json.dumps(ANSWER, ensure_ascii=False, indent=2)):
        assert decode_json(written.encode(encoding)) == ANSWER


def test_an_answer_of_an_old_system_is_read():
    assert decode_json(in_windows_1258(WRITTEN)) == ANSWER
    # As TCVN3 has these words.
    assert decode_json(b'{"message": "Th\xb5nh c\xabng: kh\xabng c\xe3 gi\xcay ph\xd0p"}') == {
        "message": "Thành công: không có giấy phép"
    }


@pytest.mark.parametrize(
    "body",
    [
        '{"message": "Straße"}'.encode("latin-1"),
        '{"message": "документ"}'.encode("cp1251"),
        # Whatever else stands there: one word that is none is enough.
        in_windows_1258('{"message": "Giấy phép"}')[:-2] + b' M\xfcller"}',
        b'{"message": "\xe9"}',
    ],
)
def test_what_nobody_can_tell_is_not_guessed(body):
    with pytest.raises(AnswerNotUnderstood):
        decode_json(body)


def test_a_text_that_was_cut_within_a_letter_takes_nothing_from_the_others():
    whole = '{"message": "Thành công", "TenGiayTo": "Giấy phép hành ngh'.encode()
    for half in ("ề".encode()[:2], "ề".encode()[:1], "đ".encode()[:1], "𠀀".encode()[:3]):
        found = decode_json(whole + half + b'"}')
        assert found == {"message": "Thành công", "TenGiayTo": "Giấy phép hành ngh\ufffd"}


def test_a_token_that_stands_alone_is_one(server, make_client):
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJoNDYifQ.x-y_z"
    server.by_path(login=http(token.encode() + b"\n", Content_Type="text/plain"), call=as_json({"result": [ROW]}))
    assert make_client().directory().servers
    assert server.asked[-1].json["session"] == token
