"""Headers as other platforms and what stands between write them."""

import gzip
import json
import time
import zlib

import pytest
from byte_server import as_json, http
from test_download import PDF, SERVER

from protocol.errors import FileNotAsClaimed, KhoDLError

LOGIN = as_json({"session": "abc"})
ROWS = json.dumps(
    {"result": [{"MACOQUAN": "1", "TENCOQUAN": "Sở Y tế", "DSTCODE": "VN:1"}]}, ensure_ascii=False
).encode()


def raw_deflate(content):
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


def with_headers(body, *lines):
    """Return an answer with these lines of headers, after which the connection stays open."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", body])


def in_chunks(body):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def kept_open(answer):
    """Return a function that gives `answer` to all but logins; the connection stays open."""
    return lambda asked, connection: LOGIN if asked.target.endswith("login") else answer


FRAMINGS = {
    "twice in one": lambda body: with_headers(body, b"Content-Length: %d, %d" % (len(body), len(body))),
    "three times": lambda body: with_headers(body, b"Content-Length: %d,%d , %d" % ((len(body),) * 3)),
    "two lines": lambda body: with_headers(body, *[b"Content-Length: %d" % len(body)] * 2),
    "chunked twice": lambda body: with_headers(in_chunks(body), *[b"Transfer-Encoding: chunked"] * 2),
    "chunked twice in one": lambda body: with_headers(in_chunks(body), b"Transfer-Encoding: chunked, chunked"),
    "Chunked": lambda body: with_headers(in_chunks(body), b"transfer-encoding: Chunked"),
}


@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
def test_a_length_that_is_told_twice_is_that_length(server, make_client, framing):
    began = time.monotonic()
    server.answer = kept_open(framing(ROWS))
    assert make_client().directory().servers
    server.answer = kept_open(framing(PDF))
    client = make_client()
    with client.download(client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf")) as download:
        assert download.file.read() == PDF
    # Nobody waited for the end of the connection.
    assert time.monotonic() - began < 3


def test_a_file_that_is_shorter_than_its_length_that_is_told_twice(server, make_client):
    server.answer = lambda asked, connection: connection.sendall(
        with_headers(PDF[:-99], b"Content-Length: %d, %d" % (len(PDF), len(PDF)))
    )
    client = make_client()
    with pytest.raises(FileNotAsClaimed):
        client.download(client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf"))


@pytest.mark.parametrize("lines", [[b"Content-Length: 5, 7"], [b"Content-Length: 5", b"Content-Length: 7"]])
def test_lengths_that_differ_are_no_answer(server, make_client, lines):
    server.answer = kept_open(with_headers(ROWS, *lines))
    began = time.monotonic()
    with pytest.raises(KhoDLError):
        make_client().directory()
    assert time.monotonic() - began < 3


PACKINGS = {
    "GZIP": gzip.compress,
    "X-GZIP": gzip.compress,
    "DEFLATE": zlib.compress,
    "deflate": raw_deflate,
    "Deflate": raw_deflate,
}


@pytest.mark.parametrize(("name", "pack"), PACKINGS.items(), ids=PACKINGS)
def test_a_body_is_unpacked_whichever_way_its_packing_is_named(server, make_client, name, pack):
    server.by_path(
        login=http(pack(b'{"session": "abc"}'), Content_Encoding=name),
        call=http(pack(ROWS), Content_Encoding=name),
        a=http(pack(PDF), Content_Encoding=name),
    )
    client = make_client()
    assert client.directory().servers
    with client.download(client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf")) as download:
        assert download.file.read() == PDF


@pytest.mark.parametrize(
    "body", [ROWS, *(ROWS.decode().encode(kind) for kind in ("utf-16", "utf-16-le", "utf-16-be")), b" " + ROWS]
)
def test_what_is_only_said_to_be_packed_stays_as_it_is(server, make_client, body):
    server.by_path(login=LOGIN, call=http(body, Content_Encoding="deflate"))
    assert make_client().directory().servers


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nContent-Length: 7\r\n\r\n",
    ],
    ids=["100", "102", "103"],
)
def test_what_is_said_before_an_answer_is_none(server, make_client, before):
    server.by_path(login=before + LOGIN, call=before + http(ROWS), a=before + http(PDF))
    client = make_client()
    assert [client.directory().servers for _time in range(2)][1]
    with client.download(client.file_request(7, "https://a.vn/download/a.pdf", SERVER, "a.pdf")) as download:
        assert download.file.read() == PDF
