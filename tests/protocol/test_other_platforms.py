"""What other platforms make of the same answers: their encodings, their words for nothing, their wrappings, their dates."""

import gzip
import json
from contextlib import suppress

import pytest
from byte_server import as_json, http
from test_case_sync import CASE, LOGIN, STEP

from protocol.answers import decode_json, fold
from protocol.case_sync import parse_lookup, says_unknown
from protocol.catalogue import parse_procedure
from protocol.directory import Server, parse_directory
from protocol.errors import AccountRefused, AnswerNotUnderstood, PortalRejected
from protocol.filenames import safe_name
from protocol.paper_dates import paper_date
from protocol.papers import parse_papers

ROW = {"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:GOV:a:b"}
POLICE = Server("000.00.00.G01", "Bộ Công an", "VN:GOV:a:b")
TOLD = json.dumps({"result": [ROW]}, ensure_ascii=False)


@pytest.mark.parametrize(
    "body",
    [
        TOLD.encode("utf-16"),
        TOLD.encode("utf-16-le"),
        b"\xfe\xff" + TOLD.encode("utf-16-be"),
        b"\xef\xbb\xbf" * 2 + TOLD.encode(),
        TOLD.encode() + b"\0\r\n",
        TOLD.replace("}]", ', "GHICHU": "một\n\thai"}]').encode(),
        gzip.compress(TOLD.encode()),
        TOLD.replace("{", '{"Result": null, ', 1).encode(),
        TOLD.replace("Bộ ", "B&#7897;&nbsp;").encode(),
        # As somebody's templates write it, and as it is copied out of a page.
        TOLD.replace("}]}", ',"GHICHU": "a, ]",\n}, ] ,}').encode(),
        ("\xa0" + TOLD.replace('": ', '":\xa0') + "\u200b\n").encode(),
        # As PHP has a list of which some were taken out, and what it says in front; what a firewall or a script puts around.
        json.dumps({"result": {"1": ROW}}).encode(),
        f"<br />\n<b>Warning</b>:  Array [{{x}}] in <b>/a.php</b> on line <b>3</b><br />\n{TOLD}".encode(),
        f"\nNotice: Undefined index: a in /a.php on line 3\n\nDeprecated: b in /a.php on line 4\n{TOLD}".encode(),
        f"{TOLD}\n<!-- a-1 --><!-- {{}} -->\n".encode(),
        f"{TOLD[:-1]},}}<!-- a -->".encode(),
        f"/**/ jQuery_1.call({TOLD});".encode(),
        TOLD.replace('"', "&quot;").encode(),
    ],
)
def test_an_answer_in_other_clothes(server, make_client, body):
    server.by_path(login=LOGIN, call=http(body))
    assert make_client().directory().servers == (POLICE,)


TEMPURI = '<?xml version="1.0" encoding="utf-8"?>\r\n<string xmlns="http://tempuri.org/">%s</string>\r\n'


# As services of .NET return a string, or an object to a script.
@pytest.mark.parametrize(
    "body",
    [
        TEMPURI % TOLD.replace('"', "&quot;"),
        TEMPURI % TOLD,
        f"<string>{TOLD}</string>",
        json.dumps({"d": json.loads(TOLD)}),
        json.dumps({"d": TOLD}),
        json.dumps({"d": [ROW]}),
    ],
)
def test_an_answer_in_the_wrappings_of_others(server, make_client, body):
    server.by_path(login=http((TEMPURI % "eyJhbGciOi.J9.x").encode()), call=http(body.encode()))
    assert make_client().directory().servers == (POLICE,)


@pytest.mark.parametrize(
    "body",
    [
        f"<html><script>var a = {TOLD};</script></html>",
        f"Fatal error: Uncaught in /a.php on line 3\n{TOLD}",
        f"{TOLD}<html></html>",
        f"{TOLD}{TOLD}",
        TOLD[:-1] + "<!--" * 100_000,
        "Warning: a on line 3 " * 20_000 + "}",
    ],
)
def test_what_stands_among_other_words_is_no_answer_and_takes_no_time(server, make_client, body):
    server.by_path(login=LOGIN, call=http(body.encode()))
    with pytest.raises(AnswerNotUnderstood):
        make_client(timeout=5).directory()


def test_papers_in_a_list_whose_places_became_keys_are_found():
    files = {"1": {"TenFile": "a.pdf", "DuongDan": "https://a.vn/1"}, "3": {"DuongDan": "https://a.vn/2"}}
    row = {"MaKetQua": "KQ", "DanhSachTepDinhKem": files}
    for rows in ({"0": row, "2": row}, {"DanhSachGiayToKetQua": {"1": row, "2": row}}):
        papers = parse_papers(decode_json(json.dumps({"errorCode": "0", "result": rows}).encode())).papers
        assert [len(paper.files) for paper in papers] == [2, 2]


def test_words_in_the_wrapping_of_others_accept_a_case_or_refuse_it(server, make_client):
    server.by_path(login=LOGIN, call=http((TEMPURI % "Cập nhật thành công").encode()))
    make_client().send_case(CASE, is_update=False)
    for said in ("Thiếu mã thủ tục", '{"d": {"error_code": 5}}'):
        server.by_path(login=LOGIN, call=http((TEMPURI % said).encode()))
        with pytest.raises(PortalRejected):
            make_client().send_case(CASE, is_update=False)
    server.by_path(login=LOGIN, call=http((TEMPURI % "<html>").encode()))
    with pytest.raises(AnswerNotUnderstood):
        make_client().send_case(CASE, is_update=False)


def test_an_object_is_whole_though_its_last_chunk_never_comes(server, make_client):
    def answer(asked, connection):
        if asked.target.endswith("login"):
            return LOGIN
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(TOLD.encode()), TOLD.encode())
        )
        connection.recv(1)
        return None

    server.answer = answer
    assert make_client(timeout=0.5).directory().servers == (POLICE,)


@pytest.mark.parametrize("word", ["null", "NULL", " undefined ", "None"])
def test_words_for_nothing_are_nothing(word):
    assert fold({"A": word, "a": 1}) == {"a": 1}
    assert parse_papers({"errorCode": 0, "result": word, "data": None}).papers == ()
    with pytest.raises(PortalRejected):
        parse_papers({"errorCode": word, "result": word})
    files = [{"TenFile": word, "TenTep": "a.pdf", "DuongDan": "https://a.vn/1"}, {"TenFile": "b", "DuongDan": word}]
    row = {"MaKetQua": "KQ", "TenGiayTo": word, "SoKyHieu": word, "DanhSachTepDinhKem": files, "NgayHetHan": word}
    [paper] = parse_papers({"errorCode": 0, "message": word, "result": [row, {"MaKetQua": word}]}).papers
    assert (paper.name, paper.number, paper.date_expiry, len(paper.files)) == ("", "", "", 1)
    assert paper.files[0].name == "a.pdf"
    assert parse_directory({"result": [ROW, {**ROW, "DSTCODE": word}]}).servers == (POLICE,)
    assert parse_lookup({"error_code": 0, "result": word}, "H46-1") is None
    assert safe_name(word, "document") == "document"


def test_a_word_for_nothing_is_no_token(server, make_client):
    server.by_path(login=as_json({"session": "null", "message": "Sai mật khẩu"}))
    with pytest.raises(AccountRefused):
        make_client().directory()
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [200, "200", "SUCCESS", "OK"])
def test_success_has_one_code_whatever_others_call_it(server, make_client, code):
    with pytest.raises(PortalRejected):
        parse_papers({"errorCode": code, "result": [{"MaKetQua": "KQ"}]})
    server.by_path(login=LOGIN, call=as_json({"error_code": code}))
    with pytest.raises(PortalRejected):
        make_client().send_case(CASE, is_update=False)


@pytest.mark.parametrize(
    "answer",
    [
        {"MaLoi": "5", "MoTa": "Sai mã hồ sơ"},
        {"error_msg": "404 Route Not Found"},
        {"detail": [{"loc": ["body"], "msg": "field required"}]},
        {"timestamp": "2026-01-01", "path": "/mapi/call"},
        {"error": {}, "data": None},
        {"error_code": "undefined"},
    ],
)
def test_an_object_of_nobody_knows_whom_has_not_accepted(server, make_client, answer):
    server.by_path(login=LOGIN, call=as_json(answer))
    for tell in (lambda client: client.send_case(CASE, is_update=False), lambda client: client.send_progress(STEP)):
        with pytest.raises((AnswerNotUnderstood, PortalRejected)):
            tell(make_client())


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ({"title": "One or more validation errors occurred.", "status": 400, "errors": {}}, 400, "One or more validation errors occurred."),
        ({"type": "about:blank", "status": 400, "detail": "Mã thủ tục sai"}, 400, "Mã thủ tục sai"),
        ({"fault": {"code": 900800, "message": "Message throttled out"}}, 429, "Message throttled out"),
        ({"fault": {"code": 900800, "description": "Message throttled out"}}, 200, "Message throttled out"),
    ],
)  # fmt: skip
def test_gateways_have_words_of_their_own(server, make_client, answer, status, message):
    server.by_path(login=LOGIN, call=as_json(answer, status=status))
    with pytest.raises(PortalRejected) as caught:
        make_client().directory()
    assert caught.value.message == message


def test_a_gateway_without_the_path_knows_nothing_of_cases():
    assert not says_unknown(PortalRejected("404", "no Route matched with those values", status=404))
    assert not says_unknown(PortalRejected("404", "Dịch vụ công này chưa được cung cấp", status=404))
    assert says_unknown(PortalRejected("404", "", status=404))
    # The portal's own name has the word for a service in it.
    for name in (
        "Cổng dịch vụ công",
        "Hệ thống thông tin dịch vụ công",
        "Cổng Dịch vụ công quốc gia",
        "Cổng DVC",
        "National Public Service Portal",
    ):
        assert says_unknown(PortalRejected("404", f"H46-1 chưa được tiếp nhận trên {name}", status=404))


SPRING = {"timestamp": "2026-11-29T01:00:00.000+00:00", "status": 404, "error": "Not Found", "path": "/mapi/g"}


@pytest.mark.parametrize(
    "answer",
    [
        SPRING,
        {**SPRING, "message": ""},
        {**SPRING, "message": "No message available"},
        {**SPRING, "message": "No static resource mapi/g."},
        {"title": "Not Found", "status": 404, "detail": "No static resource mapi/g.", "instance": "/mapi/g"},
        {"message": "No handler found for POST /mapi/g"},
        {"message": "Cannot POST /mapi/g", "error": "Not Found", "statusCode": 404},
    ],
)
def test_a_framework_without_the_path_knows_nothing_of_cases(server, make_client, answer):
    server.by_path(login=LOGIN, call=as_json(answer, status=404))
    with pytest.raises((AnswerNotUnderstood, PortalRejected)):
        make_client().find_case("H46-1")


@pytest.mark.parametrize(
    "answer",
    [{**SPRING, "message": "Không tìm thấy hồ sơ"}, {**SPRING, "error_code": -1}, {"message": "Not found"}, {"status": 404, "detail": "Không có hồ sơ", "instance": "/g"}],
)  # fmt: skip
def test_a_framework_says_what_the_portal_says_of_a_case(server, make_client, answer):
    server.by_path(login=LOGIN, call=as_json(answer, status=404))
    assert make_client().find_case("H46-1") is None


def test_the_number_of_a_case_in_another_letter_case_and_steps_that_are_no_list():
    known = parse_lookup({"result": {"MaHoSo": "h46-1", "TrangThaiHoSo": 9, "TienDo": "chưa có"}}, "H46-1")
    assert (known.state, known.steps) == ("9", None)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        # In Vietnam it is the next day already.
        ("2024-12-24T17:00:00Z", "2024-12-25"), ("2024-12-24T17:00:00.0000000+00:00", "2024-12-25"),
        ("2024-12-24T17:00Z", "2024-12-25"), ("2024-12-24T17:00:00.000+0000", "2024-12-25"),
        ("2024-12-25T00:00:00.0000000+07:00", "2024-12-25"), ("2024-12-25T00:00:00.0000000", "2024-12-25"),
        (1735059600000, "2024-12-25"), ("1735059600000", "2024-12-25"), (1735059600000.0, "2024-12-25"),
        ("/Date(1735059600000)/", "2024-12-25"), ("/Date(1735059600000+0700)/", "2024-12-25"),
        ("/Date(-62135596800000)/", ""), ("/Date(99999999999999)/", "5138-11-16"), ("2024-13-24T17:00:00Z", ""),
        # What stands for no date: a paper that ended in the year 1 would be one that is over.
        ("0001-01-01T00:00:00", ""), ("01/01/0001", ""), ("1753-01-01", ""), ("1900-01-01T00:00:00", ""),
        ("0001-01-01T00:00:00Z", ""), ("9999-12-31", "9999-12-31"),
        ("1899-12-30T00:00:00", ""), ("1899-12-31T16:53:30Z", ""), ("1601-01-01T00:00:00Z", ""), ("0024-12-25", ""),
        # Papers are older than that.
        ("02/09/1890", "1890-09-02"), ("1899-12-29", "1899-12-29"), ("1753-01-02", "1753-01-02"), ("1900-01-02", "1900-01-02"),
        # The end of a day is that day, wherever.
        ("2024-12-25T23:59:59Z", "2024-12-25"), ("2024-12-25T23:59Z", "2024-12-25"), ("2024-12-25T24:00:00Z", "2024-12-25"),
        ("2024-12-25 23:59:59.999+00:00", "2024-12-25"), ("2024-12-25T23:59:59+07:00", "2024-12-25"),
        (1735171199000, "2024-12-25"), ("/Date(1735171199999)/", "2024-12-25"), ("9999-12-31T23:59:59Z", "9999-12-31"),
        ("2024-12-25T22:59:59Z", "2024-12-26"), ("2024-12-25T24:00:00+07:00", "2024-12-25"),
    ],
)  # fmt: skip
def test_dates_of_other_platforms(value, day):
    assert paper_date(value) == day


def test_names_that_somebody_spoiled_are_read():
    spoiled = "Giấy khai sinh".encode().decode("latin-1")
    [paper] = parse_papers({"errorCode": 0, "result": [{"MaKetQua": "KQ", "TenGiayTo": spoiled}]}).papers
    assert paper.name == "Giấy khai sinh"
    told = {"MATTHC": "1.001193", "TENTTHC": "Khai&nbsp;sinh &amp; t&#7901; khai"}
    assert parse_procedure({"result": told}, "1.001193").name == "Khai sinh & tờ khai"
    lost = [{"MaKetQua": "KQ", "TenGiayTo": "Gi\ufffdy"}]
    assert parse_papers({"errorCode": 0, "result": lost}).papers[0].name == "Gi\ufffdy"


def as_cp1252(words):
    """Return what windows-1252 shows for the bytes of `words`, as Windows and browsers have it."""
    shown = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)}
    return "".join(shown[byte] for byte in words.encode())


# Each with bytes that are control characters, or blanks, in Latin-1.
@pytest.mark.parametrize("name", ["Sổ đỏ ở Đà Nẵng", "Nhà", "Ủy ban nhân dân xã Đỗ Động", "Ờ " * 150 + "x"])
@pytest.mark.parametrize("spoil", [lambda words: words.encode().decode("latin-1"), as_cp1252])
def test_names_of_which_bytes_became_control_characters_are_read(name, spoil):
    spoiled = spoil(name)
    row = {"MaKetQua": "KQ", "TenGiayTo": spoiled, "PhamVi": spoiled}
    [paper] = parse_papers({"errorCode": 0, "result": [row]}).papers
    assert (paper.name, paper.scope) == (name[:300],) * 2
    assert parse_directory({"result": [{**ROW, "TENCOQUAN": spoiled}]}).servers[0].name == name[:300]
    assert parse_procedure({"result": {"MATTHC": "1.001193", "TENTTHC": spoiled}}, "1.001193").name == name


@pytest.mark.parametrize("size", range(297, 303))
def test_a_name_that_is_cut_within_a_letter_is_read(size):
    spoiled = ("x" * size + " ệ" * 900).encode().decode("latin-1")
    [paper] = parse_papers({"errorCode": 0, "result": [{"MaKetQua": "KQ", "TenGiayTo": spoiled}]}).papers
    assert paper.name == ("x" * size + " ệ" * 900)[:300]
    files = [{"TenFile": spoiled[size - 7 :], "DuongDan": "https://a.vn/1"}]
    [paper] = parse_papers({"result": [{"MaKetQua": "KQ", "DanhSachTepDinhKem": files}]}).papers
    assert set(paper.files[0].name) == set("x ệ")


def test_what_the_old_fonts_had_for_a_letter_is_no_invisible_sign():
    row = {"MaKetQua": "KQ", "TenGiayTo": "§¬n xin tr\xadng cÇu"}
    assert parse_papers({"errorCode": 0, "result": [row]}).papers[0].name == "Đơn xin trưng cầu"


def test_control_characters_are_no_part_of_a_name():
    row = {"MaKetQua": "KQ", "TenGiayTo": "Giấy\x85\x00khai\u202esinh\x1b"}
    assert parse_papers({"errorCode": 0, "result": [row]}).papers[0].name == "Giấy  khaisinh"


def test_a_packed_answer_of_another_length_is_whole(server, make_client):
    told = gzip.compress(TOLD.encode())
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    server.by_path(login=LOGIN, call=head % (len(told) + 400) + told)
    assert make_client().directory().servers == (POLICE,)


def announcing(length, body):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, body)


def test_a_length_that_was_counted_in_characters(server, make_client):
    server.by_path(login=LOGIN, call=announcing(len(TOLD), TOLD.encode()))
    client = make_client()
    # What was left over is not taken for the beginning of the next answer.
    assert [client.directory().servers for _time in range(2)] == [(POLICE,)] * 2


def test_a_description_among_the_data_refuses_nothing(server, make_client):
    server.by_path(login=LOGIN, call=as_json({"result": {"MaHoSo": "H"}, "description": "Hồ sơ chưa có kết quả"}))
    make_client().send_case(CASE, is_update=False)


def test_where_a_length_of_characters_cuts_nothing_is_lost(server, make_client):
    told = json.dumps(
        {"result": [ROW | {"TenCoQuan": "Ủy ban nhân dân thành phố Hà Nội"}]}, ensure_ascii=False
    ).encode()
    whole = parse_directory(json.loads(told)).servers
    for length in range(1, len(told), 3):
        server.by_path(login=LOGIN, call=announcing(length, told))
        with suppress(AnswerNotUnderstood):
            assert make_client().directory().servers == whole
