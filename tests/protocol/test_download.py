"""One file: whole, bounded and what it claims to be, or a reason."""

import base64
import gzip
import hashlib
import json
import socket
import tempfile
import time
import zlib

import pytest
from byte_server import chunked, http, torn

from protocol.directory import Server
from protocol.download import FileRequest, total_seconds_allowed
from protocol.errors import (
    FileFault,
    FileNotAsClaimed,
    FileNotStored,
    FileTooLarge,
    FileUnavailable,
    LinkNotUsable,
    SecurityServerUnreachable,
    TimedOut,
)

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1000 + b"\n%%EOF\n"
PACKED = gzip.compress(PDF)
PARTS = gzip.compress(PDF[:500]), gzip.compress(PDF[500:])
ENCODED = base64.b64encode(PDF)


@pytest.fixture
def fetch(server, make_client):
    """Return a function that downloads a file for which the server has `answer`, bytes or a function."""

    def fetch(answer, name="a.pdf", **changes):
        server.answer = answer if callable(answer) else lambda asked, connection: answer
        client = make_client(**changes)
        return client.download(client.file_request(7, "https://a.vn/download/a.pdf", SERVER, name))

    return fetch


# Proves W.4-5.
@pytest.mark.parametrize(
    "answer",
    [
        http(PDF),
        http(PDF, status=203),
        http(PDF, status=206, Content_Range=f"bytes 0-{len(PDF) - 1}/{len(PDF)}"),
        http(PDF, length=False),
        chunked(PDF[:99], PDF[99:200_000], PDF[200_000:]),
        http(PACKED, Content_Encoding="gzip"),
        http(PACKED + b"behind the end", Content_Encoding="x-gzip"),
        http(gzip.compress(PDF[:500]) + gzip.compress(PDF[500:]), Content_Encoding="gzip"),
        # The mark of the second part comes in two reads.
        chunked(PARTS[0], PARTS[1][:1], PARTS[1][1:], Content_Encoding="gzip"),
        chunked(PARTS[0] + PARTS[1][:1], PARTS[1][1:], Content_Encoding="gzip"),
        # What stands behind is longer than one read, or its one byte could begin a part.
        http(PACKED + bytes(200_000), Content_Encoding="gzip"),
        http(PACKED + b"\x1f", Content_Encoding="gzip"),
        http(gzip.compress(b"") * 9 + PACKED, Content_Encoding="gzip"),
        http(zlib.compress(PDF), Content_Encoding="deflate"),
        chunked(PACKED[:1], PACKED[1:], Content_Encoding="gzip"),
        # Not compressed at all, whatever the header says.
        http(PDF, Content_Encoding="gzip"),
        http(PDF, Content_Encoding="deflate"),
        http(PDF, Content_Encoding="br"),
        http(PDF, length=False, Content_Encoding="gzip"),
        http(PDF, Content_Encoding="UTF-8"),
        torn(http(PDF, length=False, Content_Length="about a page")),
        http(ENCODED, Content_Type="text/plain"),
        http(json.dumps({"errorCode": 0, "data": ENCODED.decode()}).encode()),
        http(json.dumps({"data": ENCODED.decode()}).encode(), length=False),
    ],
)
def test_a_file_arrives_whole_in_every_framing(fetch, answer):
    with fetch(answer) as download:
        assert download.file.read() == PDF
        assert download.size == len(PDF)
        assert download.sha256 == hashlib.sha256(PDF).hexdigest()
        assert download.mimetype == "application/pdf"
    assert download.file.closed


@pytest.mark.parametrize(
    ("claimed", "answer", "name"),
    [
        ("Bằng lái.pdf", http(PDF, Content_Disposition="attachment; filename=b.pdf"), "Bằng lái.pdf"),
        ("Bằng lái", http(PDF), "Bằng lái.pdf"),
        # What is only the name in the link.
        ("a", http(PDF, Content_Disposition='attachment; filename="Giấy khai sinh.pdf"'), "Giấy khai sinh.pdf"),
        ("a.pdf", http(PDF), "a.pdf"),
        ("a", http(PDF), "a.pdf"),
        ("a", http(b"\x89PNG\r\n\x1a\n" + bytes(99)), "a.png"),
        ("a", http(PDF, Content_Disposition="attachment; filename=scan.png"), "scan.pdf"),
    ],
)
def test_the_name_of_a_file(fetch, claimed, answer, name):
    with fetch(answer, name=claimed) as download:
        assert download.name == name


def test_a_file_leaves_no_name_on_disk(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with fetch(http(PDF)):
        assert list(tmp_path.iterdir()) == []


def reset_in_the_middle(_asked, connection):
    connection.sendall(http(PDF)[:5000])
    time.sleep(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


# Proves W.4-6.
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (http(b""), FileFault.EMPTY),
        (http(b"", length=False), FileFault.EMPTY),
        (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", FileFault.EMPTY),
        (http(b"<html>Not found</html>"), FileFault.ERROR_PAGE),
        (http(b'{"errorCode": 404}'), FileFault.ERROR_PAGE),
        (http(b"\x89PNG\r\n\x1a\n" + bytes(99)), FileFault.TYPE_MISMATCH),
        (http(b"MZ\x90\x00"), FileFault.UNKNOWN_TYPE),
        (http(PDF, status=206), FileFault.CUT_OFF),
        (http(PDF, status=206, Content_Range=f"bytes 0-{len(PDF) - 1}/{len(PDF) + 9}"), FileFault.CUT_OFF),
        (http(PDF, status=206, Content_Range=f"bytes 9-{len(PDF) - 1}/{len(PDF)}"), FileFault.CUT_OFF),
        (torn(http(PDF)[:-9]), FileFault.CUT_OFF),
        (torn(http(PDF)[:5000]), FileFault.CUT_OFF),
        (torn(chunked(PDF, end=b"")), FileFault.CUT_OFF),
        (torn(chunked(PDF, end=b"ffff\r\n")), FileFault.CUT_OFF),
        (torn(http(PACKED, Content_Encoding="gzip")[:-9]), FileFault.CUT_OFF),
        (http(b"no gzip at all", Content_Encoding="gzip"), FileFault.ERROR_PAGE),
        (http(b"", Content_Encoding="gzip"), FileFault.EMPTY),
        (http(b"\x1f\x8b no gzip at all", Content_Encoding="gzip"), FileFault.CUT_OFF),
        (http(PDF[:5000], length=False), FileFault.CUT_OFF),
        (http(ENCODED[:-3]), FileFault.CUT_OFF),
        (reset_in_the_middle, FileFault.CUT_OFF),
    ],
)
def test_what_is_not_the_file(fetch, answer, fault):
    with pytest.raises(FileNotAsClaimed) as caught:
        fetch(answer)
    assert caught.value.fault is fault


def test_a_pdf_whose_length_has_arrived_may_lack_its_end(fetch):
    fetch(http(PDF[:5000])).close()


@pytest.mark.parametrize("status", [300, 302, 304, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503])
def test_the_far_end_has_no_file(fetch, server, status):
    with pytest.raises(FileUnavailable) as caught:
        fetch(http(PDF, status=status, Location="http://127.0.0.1:9/"))
    assert caught.value.status == status
    assert caught.value.permanent == (status in (400, 403, 404, 410))
    assert len(server.asked) == 1


def endless(_asked, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.7")
    while True:
        connection.sendall(bytes(100_000))


@pytest.mark.parametrize(
    "answer",
    [
        http(PDF),
        http(PDF, length=False),
        chunked(PDF),
        endless,
        b"HTTP/1.1 200 OK\r\nContent-Length: 50001\r\n\r\n",
        http(gzip.compress(bytes(1_000_000)), Content_Encoding="gzip"),
    ],
)
def test_a_file_beyond_the_limit(fetch, answer):
    with pytest.raises(FileTooLarge) as caught:
        fetch(answer, max_file_bytes=50_000)
    assert caught.value.limit == 50_000


@pytest.mark.parametrize("start", [b"", b"%PDF-1.7"])
def test_a_body_packed_into_parts_of_nothing_has_an_end(fetch, start):
    nothing = gzip.compress(b"") * 5000

    def answer(_asked, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + gzip.compress(start))
        while True:
            connection.sendall(nothing)

    with pytest.raises(FileNotAsClaimed) as caught:
        fetch(answer)
    assert caught.value.fault is FileFault.CUT_OFF


def test_a_file_of_exactly_the_limit(fetch):
    fetch(http(PDF), max_file_bytes=len(PDF)).close()


def slow(_asked, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%PDF-1.7")
    while True:
        connection.sendall(b" ")
        time.sleep(0.01)


def stuck(_asked, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%PDF-1.7")
    connection.recv(1)


@pytest.mark.parametrize("answer", [slow, stuck])
def test_a_file_that_takes_its_time(fetch, answer):
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetch(answer, timeout=0.05)
    assert time.monotonic() - started < 15


def test_the_time_for_a_file():
    assert total_seconds_allowed(30) == 90
    assert total_seconds_allowed(30, 600) == 600


@pytest.mark.parametrize("answer", [slow, stuck])
def test_a_whole_file_has_a_limit_of_its_own(fetch, answer):
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetch(answer, timeout=30, total_timeout=0.4)
    assert 0.35 < time.monotonic() - started < 15


def test_a_slow_file_may_have_more_time_than_a_silence(fetch):
    def answer(_asked, connection):
        connection.sendall(http(PDF)[:-8])
        time.sleep(0.5)
        connection.sendall(PDF[-8:])

    fetch(answer, timeout=10, total_timeout=20).close()
    with pytest.raises(TimedOut):
        fetch(answer, timeout=10, total_timeout=0.2)


def test_a_connection_never_waits_longer_than_the_whole_file(make_client):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for waiter in waiting:
            waiter.setblocking(False)
            waiter.connect_ex(full.getsockname())
        client = make_client(ss_url=f"http://127.0.0.1:{full.getsockname()[1]}", connect_timeout=30, total_timeout=0.3)
        started = time.monotonic()
        with pytest.raises(TimedOut):
            client.download(client.file_request(1, "https://a.vn/a", SERVER, "a.pdf"))
        assert time.monotonic() - started < 15
        for waiter in waiting:
            waiter.close()


def test_a_kind_that_this_installation_does_not_accept(fetch):
    with pytest.raises(FileNotAsClaimed) as caught:
        fetch(http(PDF), accepted_kinds=frozenset({"image/png"}))
    assert caught.value.fault is FileFault.KIND_NOT_ACCEPTED


def test_no_connection(make_client):
    client = make_client(ss_url="http://127.0.0.1:9")
    with pytest.raises(SecurityServerUnreachable):
        client.download(client.file_request(1, "https://a.vn/a", SERVER, "a.pdf"))


# Proves W.0-7.
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "https://a.vn/a", "{ss}.evil.vn/a", "{ss}", ""])
def test_nobody_but_our_security_server_is_contacted(server, make_client, url):
    with pytest.raises(LinkNotUsable):
        make_client().download(FileRequest(1, url.replace("{ss}", server.url), {}, "a.pdf"))
    assert server.connections == 0


def test_a_full_disk_is_no_fault_of_the_network(fetch, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(FileNotStored):
        fetch(http(PDF))


def test_a_request_is_never_printed_with_what_it_carries(make_client):
    request = make_client().file_request(7, "https://a.vn/a?cccd=001099000001", SERVER, "001099000001.pdf")
    assert "001099" not in repr(request)
