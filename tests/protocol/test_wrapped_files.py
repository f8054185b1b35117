"""Files in what other platforms wrap around them: XML, JSON, envelopes, base64 as each of them writes it."""

import base64
import gzip
import json

import pytest
from byte_server import http

from protocol.download import FileRequest
from protocol.errors import FileFault, FileNotAsClaimed

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9 + b"\n%%EOF\n"


def fetched(server, make_client, body, as_it_is=False, name=""):
    server.answer = lambda asked, connection: body if as_it_is else http(body)
    request = FileRequest(1, f"{server.url}/XrdAdapter/a.pdf", {}, name or "a", is_named=bool(name))
    [[result]] = make_client().download_all([request])
    if result.error:
        raise result.error
    with result.download as download:
        return download.file.read()


PLAIN = base64.b64encode(PDF).decode()
FOLDED = "\r\n".join(PLAIN[at : at + 76] for at in range(0, len(PLAIN), 76))
AROUND = {"name": "a" * 30, "data": PLAIN}


@pytest.mark.parametrize(
    "body",
    [
        f'<?xml version="1.0" encoding="utf-8"?>\r\n<string xmlns="http://tempuri.org/">{PLAIN}</string>\n',
        f'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{FOLDED}</string>',
        f"<base64Binary>{PLAIN}</base64Binary>",
        f'{{"data": "{FOLDED}"}}',
        # As JAX-WS folds it, and as some keep all markup away from it.
        f"<string>{FOLDED}</string>".replace("\r", "&#13;"),
        f"<string>{FOLDED}</string>".replace("\r", "&#xD;"),
        f"<string><![CDATA[{PLAIN}]]></string>",
        # An object of JSON that a service returns as a string.
        f'<string xmlns="http://tempuri.org/">{json.dumps(AROUND)}</string>',
        f'<string xmlns="http://tempuri.org/">{json.dumps(AROUND)}</string>'.replace('"', "&quot;"),
        json.dumps(AROUND).replace('"', "&quot;"),
    ],
)
def test_a_file_in_the_wrappings_of_others(server, make_client, body):
    assert fetched(server, make_client, body.encode()) == PDF


LARGE = PDF[:-7] + bytes(range(256)) * 400 + PDF[-7:]
SIGNED = [byte - 256 if byte > 127 else byte for byte in LARGE]


# As libraries of Java and scripts write bytes, and databases.
@pytest.mark.parametrize(
    "body",
    [
        json.dumps(list(LARGE)),
        json.dumps({"sizes": [1, 2, 3], "data": SIGNED}),
        json.dumps({"type": "Buffer", "data": list(LARGE)}, indent=1),
        LARGE.hex(),
        json.dumps({"hash": "ab" * 32, "data": LARGE.hex().upper()}),
        f"0x{LARGE.hex()}\n",
    ],
)
def test_a_file_in_numbers(server, make_client, body):
    assert fetched(server, make_client, body.encode()) == LARGE


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([*LARGE, 256]),
        json.dumps([*LARGE, -129]),
        LARGE.hex()[:-1],
    ],
)
def test_a_file_in_numbers_that_are_none(server, make_client, body):
    with pytest.raises(FileNotAsClaimed) as caught:
        fetched(server, make_client, body.encode())
    assert caught.value.fault is FileFault.CUT_OFF


def test_numbers_that_are_no_file(server, make_client):
    for body in (json.dumps(list(range(200))), "ab" * 40, json.dumps({"hash": "ab" * 40})):
        with pytest.raises(FileNotAsClaimed) as caught:
            fetched(server, make_client, body.encode())
        assert caught.value.fault is FileFault.ERROR_PAGE
    paper = b'<?xml version="1.0"?><HDon><Hash>FFD8FFE0' + b"ab" * 40 + b"</Hash></HDon>"
    assert fetched(server, make_client, paper) == paper


SOAP = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'


# A service of SOAP behind an adapter answers with all that stands around a file.
@pytest.mark.parametrize("start", ["", '<?xml version="1.0" encoding="utf-8"?>\n'])
@pytest.mark.parametrize("text", [PLAIN, f"\n{FOLDED}\n", FOLDED.replace("\r", "&#xd;"), f"<![CDATA[{FOLDED}]]>"])
def test_a_file_in_an_envelope(server, make_client, start, text):
    body = "<getFileResponse><code>AAAAAAAAAAAAAAAAAAAA</code><return>%s</return><name>a.pdf</name></getFileResponse>"
    assert fetched(server, make_client, (start + SOAP % (body % text)).encode()) == PDF


def test_a_paper_of_xml_with_a_file_in_it_stays_a_paper_of_xml(server, make_client):
    paper = f'<?xml version="1.0"?>\n<HDon><TepDinhKem>{PLAIN}</TepDinhKem></HDon>'.encode()
    assert fetched(server, make_client, paper) == paper


@pytest.mark.parametrize("start", ["", '<?xml version="1.0"?>\n'])
def test_xml_in_place_of_a_pdf_by_its_name_holds_it(server, make_client, start):
    body = f"{start}<response><code>0</code><file>{PLAIN}</file></response>".encode()
    assert fetched(server, make_client, body, name="a.pdf") == PDF
    # Where nobody named it so, it is a paper of XML; where it holds none, it is not what its name says.
    with pytest.raises(FileNotAsClaimed):
        fetched(server, make_client, body.replace(PLAIN.encode(), b"A" * 40), name="a.pdf")
    assert fetched(server, make_client, body, name="a.xml") == body


def test_a_packed_file_without_a_word_about_it(server, make_client):
    assert fetched(server, make_client, gzip.compress(PDF)) == PDF


def test_a_packed_body_tells_by_itself_that_it_is_whole(server, make_client):
    # Announced as long as it is unpacked.
    packed = gzip.compress(PDF)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    assert fetched(server, make_client, head % len(PDF) + packed, as_it_is=True) == PDF
    # Not where it breaks off, or what it holds has no end.
    for torn in (packed[:-30], packed[:-4], gzip.compress(PDF[:-9])):
        with pytest.raises(FileNotAsClaimed):
            fetched(server, make_client, head % len(PDF) + torn, as_it_is=True)


def test_an_error_that_a_service_returns_as_a_string_is_no_file(server, make_client):
    with pytest.raises(FileNotAsClaimed):
        fetched(server, make_client, b'<string xmlns="http://tempuri.org/">NotAuthorizedToDownload</string>')


@pytest.mark.parametrize(
    "around", ["{}", '"{}"', '{{"data": "{}"}}', "<string>{}</string>", "data:application/pdf;base64,{}"]
)
def test_a_text_of_which_each_plus_became_a_blank_is_no_other_file(server, make_client, around):
    assert PLAIN.count("+") > 9
    for written in (PLAIN, PLAIN.replace("/", "\\/") if '"' in around else PLAIN):
        assert fetched(server, make_client, around.format(written.replace("+", " ")).encode()) == PDF


@pytest.mark.parametrize("width", [64, 76])
def test_blanks_in_place_of_line_breaks_stay_nothing(server, make_client, width):
    made = (b"%%PDF-1.7\n%d\n" % at + bytes(300) + b"\n%%EOF\n" for at in range(999))
    # Without a plus, which tells.
    real = next(each for each in made if b"+" not in base64.b64encode(each))
    text = base64.b64encode(real).decode()
    folded = " ".join(text[at : at + width] for at in range(0, len(text), width))
    for written in (folded, f"  {text}  ", f"<string>\n    {text}\n  </string>"):
        assert fetched(server, make_client, written.encode()) == real
