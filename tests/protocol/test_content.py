import base64
import contextlib
import io
import json
import tempfile
import time
import zipfile

import pytest

from protocol import content, zips
from protocol.errors import FileFault, FileNotAsClaimed
from protocol.filenames import ASICE, ASICS, DOCX, JPEG, KNOWN_KINDS, PDF, PNG, TIFF, XLSX, XML, ZIP
from protocol.other_kinds import STREAMS


def zipped(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 5000)
    return target.getvalue()


def container(mimetype, name="mimetype", method=zipfile.ZIP_STORED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, mimetype, method)
        archive.writestr("word/document.xml", b"x" * 5000)
        archive.writestr("META-INF/signatures.xml", b"<x/>")
    return target.getvalue()


A_PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"
SAMPLES = {
    PDF: A_PDF,
    JPEG: b"\xff\xd8\xff\xe0" + bytes(5000),
    PNG: b"\x89PNG\r\n\x1a\n" + bytes(5000),
    TIFF: b"II*\x00" + bytes(5000),
    XML: b'<?xml version="1.0"?><a/>',
    DOCX: zipped("[Content_Types].xml", "filler", "word/document.xml"),
    XLSX: zipped("[Content_Types].xml", "filler", "xl/workbook.xml"),
    ZIP: zipped("a.txt"),
    ASICE: container(ASICE),
    ASICS: container(ASICS),
}
NAMES = {
    PDF: "a.pdf",
    JPEG: "a.JPG",
    PNG: "a.png",
    TIFF: "a.tif",
    XML: "a.xml",
    DOCX: "a.docx",
    XLSX: "a.xlsx",
    ZIP: "a.zip",
    ASICE: "a.sce",
    ASICS: "a.asics",
}
# The first bytes of an encrypted document of Office, in small.
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)
STREAM = "EncryptedPackage".encode("utf-16-le")
UTF16 = ("utf-16-le", "utf-16-be")


def check(body, name, is_length_known=True):
    return content.check(body[: content.HEAD_BYTES], body[-content.TAIL_BYTES :], name, is_length_known=is_length_known)


def fault(body, name, is_length_known=True):
    with pytest.raises(FileNotAsClaimed) as caught:
        check(body, name, is_length_known)
    return caught.value.fault


@pytest.mark.parametrize("mimetype", SAMPLES)
def test_every_kind_that_is_accepted(mimetype):
    body = SAMPLES[mimetype]
    assert content.sniff(body[: content.HEAD_BYTES], body[-content.TAIL_BYTES :]) == mimetype
    for name in (NAMES[mimetype], "no extension", "a.dat"):
        assert check(body, name) == mimetype


@pytest.mark.parametrize("head", [b"MM\x00*x", b"II+\x00x", b"MM\x00+x"])
def test_every_kind_of_tiff(head):
    assert content.sniff(head) == TIFF


@pytest.mark.parametrize("claimed", SAMPLES)
@pytest.mark.parametrize("real", SAMPLES)
def test_a_name_that_claims_another_kind(real, claimed):
    if real == claimed:
        return
    if claimed == ZIP and real in (DOCX, XLSX, ASICE, ASICS):
        assert check(SAMPLES[real], NAMES[claimed]) == real
        return
    assert fault(SAMPLES[real], NAMES[claimed]) is FileFault.TYPE_MISMATCH


@pytest.mark.parametrize(
    "body", [b"<!---->" * 600, b"<!--" * 1100, b"<?xml " * 800, b"<a" * 2048, b"<" + b"a" * 4095, b"-->" * 1400]
)
def test_no_head_takes_long_to_judge(body):
    # Of our own: others at work on the machine are not counted.
    started = time.thread_time()
    for name in ("a.pdf", "a.xml"):
        with contextlib.suppress(FileNotAsClaimed):
            check(body, name)
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    "body", [b" " * 8_000_000 + b"!", b'{"' + b"\\" * 8_000_000, b"A" * 8_000_001 + b"!", b'"' * 8_000_000]
)
def test_no_text_takes_long_to_unwrap(body):
    # Of our own: others at work on the machine are not counted.
    started = time.thread_time()
    assert unwrap(body) is None
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        container("application/vnd.etsi.asic-x+zip"),
        zipped("a.txt", "mimetype", "word/document.xml"),
        zipped("META-INF/container.xml", "word/document.xml"),
    ],
)
def test_a_zip_that_only_resembles_a_container_of_signed_documents(body):
    assert check(body, "no extension") == DOCX
    assert fault(body, "a.asice") is FileFault.TYPE_MISMATCH


@pytest.mark.parametrize(
    "body",
    [
        container(ASICE, name="mimetypes"),
        container(ASICE, method=zipfile.ZIP_DEFLATED),
        zipped("giay.pdf", "META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s"),
    ],
)
@pytest.mark.parametrize(("name", "kind"), [("a.asice", ASICE), ("a.sce", ASICE), ("a.asics", ASICS)])
def test_a_container_of_signed_documents_that_says_so_by_its_name_alone(body, name, kind):
    assert check(body, name) == kind
    assert check(body, "no extension") in (DOCX, ZIP)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_with_documents_of_office_is_none_of_them(method):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("to khai.docx", zipped("[Content_Types].xml", "word/document.xml"))
        archive.writestr("bang ke.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"))
    assert check(target.getvalue(), "a.zip") == check(target.getvalue(), "no extension") == ZIP


def test_a_zip_whose_directory_is_longer_than_its_end_is_known_by_what_stands_bare():
    body = zipped("word/document.xml", *(f"word/media/{number:0200}" for number in range(400)))
    assert check(body, "a.docx") == DOCX


@pytest.mark.parametrize("length", range(40))
def test_a_zip_that_ends_within_its_first_header(length):
    head = container(ASICE)[:length]
    assert content.sniff(head) == (ZIP if length >= 4 else None)
    assert not zips.is_encrypted_zip(head)


@pytest.mark.parametrize("lengths", [b"\xff\xff\xff\xff", b"\x00\x00\xff\xff", b"\x08\x00\xff\xff"])
def test_lengths_in_a_zip_that_lead_nowhere(lengths):
    body = bytearray(zipped("a.txt"))
    body[26:30] = lengths
    assert check(bytes(body), "a.zip") == ZIP
    assert not zips.is_encrypted_zip(bytes(body))


def test_a_zip_with_a_password_is_known_and_not_refused():
    body = bytearray(zipped("a.txt"))
    assert not zips.is_encrypted_zip(bytes(body))
    body[6] |= 1
    assert zips.is_encrypted_zip(bytes(body))
    assert check(bytes(body), "a.zip") == ZIP
    assert not zips.is_encrypted_zip(A_PDF)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (LOCKED + STREAM + bytes(9000), "a.doc"),
        (LOCKED + bytes(200_000) + STREAM, "no extension"),
        (LOCKED + bytes(9000), "a.docx"),
        (LOCKED + bytes(9000), "a.xlsx"),
    ],
)
def test_an_office_document_with_a_password(body, name):
    assert fault(body, name) is FileFault.ENCRYPTED_OFFICE


@pytest.mark.parametrize(
    ("stream", "name"),
    [("", "a.doc"), ("", "a.pdf"), ("", "no extension"), ("WordDocument", "a.docx"), ("Workbook", "a.xlsx")],
)
def test_an_old_office_document_is_of_no_known_kind(stream, name):
    assert fault(LOCKED + bytes(9000) + stream.encode("utf-16-le"), name) is FileFault.UNKNOWN_TYPE


def test_rich_text_is_of_no_known_kind_and_no_error_page():
    assert fault(b"{\\rtf1\\ansi To khai\\par}", "a.rtf") is FileFault.UNKNOWN_TYPE


@pytest.mark.parametrize("mimetype", SAMPLES)
def test_a_kind_that_is_not_accepted(mimetype):
    body = SAMPLES[mimetype]
    for kinds, is_accepted in (({mimetype}, True), (KNOWN_KINDS - {mimetype}, False)):
        with contextlib.nullcontext() if is_accepted else pytest.raises(FileNotAsClaimed) as caught:
            content.check(body[:4096], body[-65536:], NAMES[mimetype], is_length_known=True, accepted_kinds=kinds)
        assert is_accepted or caught.value.fault is FileFault.KIND_NOT_ACCEPTED


def test_a_pdf_may_start_late():
    assert check(b"\r\n\xef\xbb\xbf\n" + A_PDF, "a.pdf") == PDF


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Not found</body></html>",
        b"\xef\xbb\xbf\r\n <!-- x --><!DOCTYPE  HTML><p>%PDF-1.7",
        b'<?xml version="1.0"?>\n<!DOCTYPE html><html/>',
        b"<h1>Error</h1>",
        b"<html>Kh\xf4ng t\xecm th\xe2y",
        b'{"errorCode": 1, "message": "Kh\xc3\xb4ng c\xc3\xb3"}',
        "Không tìm thấy tệp".encode(),
        ("ấ" * 2000).encode(),
        ("a" + "ấ" * 2000).encode(),
        b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
        b"<?xml version='1.0'?><S:Envelope><S:Body><S:Fault><faultcode>x</faultcode></S:Fault></S:Body></S:Envelope>",
        b"<?xml version='1.0'?>\n<Response id='1'>\n <fault>x</fault></Response>",
        b"<ns2:Fault xmlns:ns2='urn:x'/>",
    ],
)
@pytest.mark.parametrize("name", ["a.pdf", "a.xml", "a", "a.html"])
def test_an_error_page_in_place_of_the_file(body, name):
    assert fault(body, name) is FileFault.ERROR_PAGE


def test_xml_without_declaration_is_believed_to_a_name_only():
    assert check(b"<!-- x -->\n<VanBan><SoKyHieu/></VanBan>", "a.xml") == XML
    assert fault(b"<VanBan/>", "a") is FileFault.ERROR_PAGE


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><p:Invoice xmlns:p="urn:x"/>',
        b'<?xml version="1.0"?><head-office/>',
        b'<?xml version="1.0"?><error.log/>',
        b"<!DOCTYPE HDon>\n<HDon/>",
        b'<?xml version="1.0"?><Title/>',
        b'<?xml version="1.0"?><BienBan><Loi>1</Loi><Fault>Hong may bom</Fault></BienBan>',
        b'<?xml version="1.0"?><e:Envelope><e:Body><fault-report/></e:Body></e:Envelope>',
        *('<?xml version="1.0" encoding="UTF-16"?>\n<HDon>Đã ký</HDon>'.encode(each) for each in UTF16),
        *('\ufeff<?xml version="1.0" encoding="UTF-16"?>\n<HDon>Đã ký</HDon>'.encode(each) for each in UTF16),
    ],
)
def test_xml_that_only_resembles_a_page(body):
    assert check(body, "hoa_don.xml") == XML


@pytest.mark.parametrize("encoding", UTF16)
def test_a_page_is_one_in_any_encoding(encoding):
    assert fault("\ufeff<html><body>Không có".encode(encoding), "a.xml") is FileFault.ERROR_PAGE
    assert fault("\ufeffKhông".encode(encoding), "a.xml") is FileFault.UNKNOWN_TYPE


@pytest.mark.parametrize("body", [b"\x00\x01\x02", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"a\x00b", b"GIF89a\xff\xff"])
def test_bytes_of_an_unknown_kind(body):
    assert fault(body, "a.pdf") is FileFault.UNKNOWN_TYPE


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.pdf", ".jpg"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.jpg", ".heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "a", ".heic"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "a.jpg", ".avif"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "a.jpg", ".jp2"),
        (b"RIFF\x10\n\0\0WEBPVP8 \xff", "a", ".webp"),
        (b"Rar!\x1a\7\1\0\xff", "a.rar", ".rar"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a.7z", ".7z"),
        (b"{\\rtf1\\ansi", "a.doc", ".rtf"),
        (b"GIF89a\xff\xff", "a", ".gif"),
        (b"BM\x36\x10\0\0\0\0\0\0\x36", "a", ".bmp"),
        *((LOCKED + bytes(900) + name.encode("utf-16-le"), "a", kind) for name, kind in STREAMS.items()),
        (b"\0\1\2", "a", ""),
    ],
)
def test_what_came_is_named_where_it_is_known(body, name, kind):
    with pytest.raises(FileNotAsClaimed) as caught:
        check(body, name)
    assert caught.value.kind == kind


def test_nothing_at_all():
    assert fault(b"", "a.pdf") is FileFault.EMPTY


def test_a_pdf_without_its_end_is_cut_off_only_where_its_length_was_not_told():
    torn = A_PDF[:5000]
    assert check(torn, "a.pdf", is_length_known=True) == PDF
    assert fault(torn, "a.pdf", is_length_known=False) is FileFault.CUT_OFF
    assert check(A_PDF, "a.pdf", is_length_known=False) == PDF
    assert fault(A_PDF + bytes(2048), "a.pdf", is_length_known=False) is FileFault.CUT_OFF


def unwrap(body):
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        blocks = content.unwrap(file)
        return None if blocks is None else b"".join(blocks)


LARGE = A_PDF[:9] + bytes(range(256)) * 1000 + A_PDF[-7:]


# Proves W.4-3.
@pytest.mark.parametrize("size", [len(LARGE), len(LARGE) - 1, len(LARGE) - 2, 40])
def test_base64_in_all_its_wrappings_is_undone(size):
    real = LARGE[:size]
    plain = base64.b64encode(real).decode()
    folded = "\r\n".join(plain[at : at + 76] for at in range(0, len(plain), 76))
    url_safe = base64.urlsafe_b64encode(real).decode().rstrip("=")
    escaped = json.dumps({"data": plain}).replace("/", "\\/").replace("=", "\\u003D").replace("+", "\\u002b")
    wrappings = [
        plain,
        "\ufeff" + folded + "\n",
        url_safe,
        f"data:application/pdf;base64,{plain}",
        json.dumps(plain),
        json.dumps({"errorCode": "0", "result": {"name": "a" * 30, "content": plain, "hash": "b" * 20}}),
        json.dumps([{"file": folded}], indent=2),
        json.dumps({"file": f"data:application/pdf;base64,{plain}"}),
        json.dumps({"file": url_safe}),
        json.dumps(json.dumps({"errorCode": 0, "data": plain})),
        escaped,
    ]
    for wrapping in wrappings:
        assert unwrap(wrapping.encode()) == real


@pytest.mark.parametrize(
    "body",
    [
        b"",
        A_PDF,
        b'<?xml version="1.0"?><a>JVBERi0xLjcK</a>',
        b'{"errorCode": 1, "message": "not found"}',
        b'{"errorCode": 1, "token": "abcdefghijklmnopqrstuvwxyz"}',
        b'{"data": "abcdefghijklmnopq\\x"}',
        b"{}",
        b"just some words, nothing encoded at all",
        b"anotherlongwordwithoutanyspaces",
        b"A" * 17,
        b"\x00\x01\x02\x03 binary",
    ],
)
def test_what_is_no_wrapping_stays_as_it_is(body):
    assert unwrap(body) is None


@pytest.mark.parametrize("damage", [lambda text: text[:-3], lambda text: text[:90_000] + "=" + text[90_000:]])
def test_base64_that_breaks_off(damage):
    with pytest.raises(FileNotAsClaimed) as caught:
        unwrap(damage(base64.b64encode(LARGE + b"xx").decode()).encode())
    assert caught.value.fault is FileFault.CUT_OFF


@pytest.mark.parametrize("start", [b'"', b'{"data": "', b' [ "', b'\xef\xbb\xbf"'])
def test_a_pdf_that_somebody_put_into_json_as_it_is_is_none(start):
    assert content.sniff(start + b"%PDF-1.7 ...") is None
    with pytest.raises(FileNotAsClaimed) as caught:
        content.check(start + b"%PDF-1.7 ...", b"%%EOF", "a.pdf", is_length_known=True)
    assert caught.value.fault is FileFault.ERROR_PAGE
