"""How the security servers call an exchange, where they say so."""

import pytest
from byte_server import as_json, http

from protocol.directory import Server
from protocol.errors import FileUnavailable, KhoDLError, PortalRejected, SecurityServerUnreachable
from protocol.far_ids import far_id_of, named_by
from protocol.papers import CodeAsked, Question

ID = "29f4d011-ef17-4f2f-9bb1-0452ce17d3f5"
OTHER = "7b1c55a0-0e3f-4a6e-8a55-0a1b2c3d4e5f"
SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
QUESTION = Question("1.001193", (CodeAsked("KQ.1"),), "000190000011", "2")


@pytest.mark.parametrize(
    ("headers", "far_id"),
    [
        ({"X-Road-Id": ID}, ID),
        ({"X-Road-Id": f" {ID} ", "X-Road-Request-Id": OTHER}, ID),
        ({"X-Road-Id": "", "X-Road-Request-Id": OTHER}, OTHER),
        ({}, ""),
        # Of a person, or anything else that nobody wants in a log.
        ({"X-Road-Id": "000190000011"}, ""),
        ({"X-Road-Id": "0101234567-001"}, ""),
        ({"X-Road-Id": "a" * 101}, ""),
        ({"X-Road-Id": "<b>Nguyễn Thị An</b>"}, ""),
        ({"X-Road-Id": "Nguyen Thi An"}, ""),
    ],
)
def test_which_header_tells_it(headers, far_id):
    assert far_id_of(headers) == far_id


def test_a_question_and_what_is_wrong_with_it(server, make_client):
    answers = [as_json({"session": "t"}, X_Road_Id=OTHER), as_json({"errorCode": "0", "result": None}, X_Road_Id=ID)]
    server.answer = lambda _asked, _connection: answers.pop(0)
    client = make_client()
    client.papers(QUESTION)
    assert client.session.far_id == ID
    answers += [as_json({"errorCode": "7", "message": "Sai"}, X_Road_Id=OTHER)]
    with pytest.raises(PortalRejected) as caught:
        client.papers(QUESTION)
    assert caught.value.far_id == OTHER
    # Nobody answers: what was told before is not of this one.
    server.answer = lambda _asked, _connection: b""
    with pytest.raises(SecurityServerUnreachable) as caught:
        client.papers(QUESTION)
    assert caught.value.far_id == ""


def test_a_file_and_what_is_wrong_with_it(server, make_client):
    server.answer = lambda _asked, _connection: http(b"%PDF-1.7\n%%EOF\n", X_Road_Id=ID)
    client = make_client()
    request = client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf")
    with client.download(request) as download:
        assert download.far_id == ID
    server.answer = lambda _asked, _connection: http(b"", status=404, X_Road_Id=OTHER)
    with pytest.raises(FileUnavailable) as caught:
        client.download(request)
    assert caught.value.far_id == OTHER


def test_only_errors_of_ours_are_named():
    class Exchange:
        far_id = "before"

    exchange = Exchange()
    with pytest.raises(KhoDLError) as caught, named_by(exchange):
        exchange.far_id = ID
        raise KhoDLError
    assert caught.value.far_id == ID
    with pytest.raises(ValueError, match="x"), named_by(exchange):
        raise ValueError("x")
    assert exchange.far_id == ""
