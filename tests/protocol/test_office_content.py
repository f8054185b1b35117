"""What documents of Office fetch, and carry, and what the older ones hold, which are no zips."""

import io
import time
import tracemalloc
import zipfile

import pytest
from office_files import RELATION, TYPES, WORD, WORD_WITH_MACROS, compound, office, related, zipped

from protocol.office import active_content


def kinds_in(content):
    return active_content(io.BytesIO(content))


# A sheet of a workbook, as it is told of at the beginning: its place, state, kind and name.
SHEET, MACRO_SHEET = (b"\x85\0\x0e\0" + bytes(4) + kind + b"\x06\0Sheet1" for kind in (b"\0\0", b"\2\1"))
WIDE_MACRO_SHEET = b"\x85\0\x0c\0" + bytes(4) + b"\0\1\2\1" + "Ổn".encode("utf-16-le")
ODT, MANIFEST = b"application/vnd.oasis.opendocument.text", "META-INF/manifest.xml"
# How the text of Word begins, without and with a password.
TEXT, LOCKED_TEXT = (bytes.fromhex(f"eca5c100632009040000f0{flags}bf00") for flags in ("12", "13"))


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (compound("WordDocument", "1Table", "ObjectPool", start=TEXT), ()),
        (compound("Workbook", start=SHEET), ()),
        (compound("WordDocument", "Macros", "VBA", "ThisDocument"), ("macros",)),
        (compound("Workbook", "_VBA_PROJECT_CUR"), ("macros",)),
        # Excel's of before VBA, as old viruses have them.
        (compound("Workbook", start=SHEET + MACRO_SHEET), ("macros",)),
        (compound("Workbook", start=WIDE_MACRO_SHEET), ("macros",)),
        (compound("WordDocument", "\x01Ole10Native"), ("embedded_files",)),
        (compound("EncryptionInfo", "EncryptedPackage"), ("encrypted",)),
        (compound("WordDocument", start=LOCKED_TEXT), ("encrypted",)),
        # Wherever the directory lies, and the text.
        (compound(start=bytes(1024 * 1024)) + compound("_VBA_PROJECT", start=LOCKED_TEXT), ("encrypted", "macros")),
        (compound(start=b"x" * (1024 * 1024 - 1032) + MACRO_SHEET), ("macros",)),
        # Words in a text are no entries, nor does the text of Word begin anywhere.
        (compound(start=b"x" * 8 + LOCKED_TEXT), ()),
        (compound(start="_VBA_PROJECT Macros".encode("utf-16-le").ljust(640)), ()),
        (compound(start=b"x" * 8 + compound("Macros")[512:1024]), ()),
    ],
)
def test_documents_that_are_no_zips(content, kinds):
    assert kinds_in(content) == kinds


def test_a_workbook_of_before_2007():
    xlwt = pytest.importorskip("xlwt")
    book, target = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("Danh sách").write(0, 0, "_VBA_PROJECT Macros")
    book.save(target)
    content = target.getvalue()
    assert kinds_in(content) == ()
    at = content.index(b"\x85\0") + 9
    assert kinds_in(content[:at] + b"\1" + content[at + 1 :]) == ("macros",)


@pytest.mark.parametrize(
    "content",
    [
        related("https://example.vn/mau.dotm"),
        related("HTTP://10.0.0.1/x", "image"),
        related("mhtml:http://example.vn/x!x-usc:http://example.vn/x", "oleObject"),
        related("\\\\10.0.0.1\\share\\mau.dotm", mode=" external "),
        related("//10.0.0.1/share/mau.dotm"),
        related("file://server/share/mau.dotm"),
        related("file:///\\\\server\\share\\So.xlsx", "externalLinkPath"),
        related("file:////server/share/mau.dotm"),
        related("https://a.vn", text=RELATION.replace('"', "'")),
        related("https://a.vn", text=RELATION.replace("<Relationship ", "<r:Relationship\n\t")),
        related("&#x68;ttps://a.vn/&quot;&gt;"),
        related("https://a.vn/>"),
    ],
)
def test_what_a_document_fetches_when_it_is_opened(content):
    assert kinds_in(content) == ("remote_link",)


@pytest.mark.parametrize(
    "content",
    [
        related("https://dichvucong.gov.vn", "hyperlink"),
        related("mailto:a@example.vn", "hyperlink"),
        # Of the computer where it was written.
        related("file:///C:\\Users\\An\\AppData\\Roaming\\Microsoft\\Templates\\Mau.dotm"),
        related("file:///Users/an/Library/Mau.dotm"),
        related("C:\\Mau.dot"),
        related("cid:image001.png@01DB2A6C.7F0E3A50", "image"),
        related("So%202025.xlsx", "externalLinkPath"),
        related("/xl/worksheets/sheet1.xml", "worksheet", "Internal"),
        related("http://a.vn/x", "image", "Internal&quot; x=&quot;External"),
    ],
)
def test_links_and_what_is_of_one_computer_fetch_nothing(content):
    assert kinds_in(content) == ()


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (zipped(**{"giay.pdf": b"%PDF-1.7", "don.docx": office(WORD)}), ()),
        (zipped(**{"a/don.docx": office(WORD_WITH_MACROS)}), ("macros",)),
        (zipped(**{"so.xls": compound("_VBA_PROJECT_CUR"), "x.docx": related("//a/b")}), ("macros", "remote_link")),
        (
            zipped(mimetype=b"application/vnd.etsi.asic-e+zip", **{"a.docx": office(WORD, "vbaProject.bin")}),
            ("macros",),
        ),
        # A document within a document, a file that was dropped into one, and the figures of a chart.
        (zipped(**{TYPES: WORD, "word/embeddings/1.xlsm": office(WORD_WITH_MACROS)}), ("macros",)),
        (zipped(**{TYPES: WORD, "word/embeddings/oleObject1.bin": compound("\x01Ole10Native")}), ("embedded_files",)),
        (zipped(**{TYPES: WORD, "word/embeddings/1.xlsx": office(WORD)}), ()),
        # Within a document in a zip.
        (
            zipped(**{"a.docx": zipped(**{TYPES: WORD, "word/o.bin": compound("\x01Ole10Native")})}),
            ("embedded_files",),
        ),
        (
            zipped(**{"a.docx": zipped(**{TYPES: WORD, "word/1.bin": office(WORD_WITH_MACROS)})}),
            ("macros",),
        ),
        # One archive within another, and one document.
        (zipped(**{"a.zip": zipped(**{"b.docx": office(WORD_WITH_MACROS)})}), ("embedded_files",)),
        (zipped(**{"a.odt": zipped(mimetype=ODT)}), ()),
        # With a password each part is encrypted by itself, and the zip as a whole is none that wants one.
        (zipped(**{"mimetype": ODT, MANIFEST: b"<manifest:file-entry><manifest:encryption-data/>"}), ("encrypted",)),
        (zipped(**{"mimetype": ODT, MANIFEST: b'<manifest:file-entry manifest:full-path="encryption-data"/>'}), ()),
        (zipped(**{"a.odt": zipped(**{"mimetype": ODT, MANIFEST: b"<encryption-data />"})}), ("encrypted",)),
        # What its other parts do is told wherever that list lies, and whatever is wrong with it.
        (zipped(**{"a.odt": b"PK", MANIFEST: b"x" * 5_000_000, "a.exe": b"MZ"}), ("launch", "unclear")),
        (zipped(**{MANIFEST: b"x" * 5_000_000, "a.docx": office(WORD_WITH_MACROS)}), ("macros", "unclear")),
        (zipped(**{"a.docx": office(WORD)[:-30]}), ("unclear",)),
        (zipped(**{f"{number}.docx": b"x" for number in range(4001)}), ("unclear",)),
        (zipped(**{f"{number}.zip": b"PK\3\4" + bytes(20_000_000) for number in range(4)}), ("unclear",)),
        (zipped(**{TYPES: WORD} | {f"_rels/{one}.rels": " " * 3_000_000 for one in range(6)}), ("unclear",)),
        (related("https://a.vn" + "a" * 1_000_000), ("unclear",)),
        (office(WORD, "x", method=zipfile.ZIP_STORED), ()),
    ],
)
def test_documents_within_others(content, kinds):
    assert kinds_in(content) == kinds


RICH = rb"{\rtf1\ansi\deff0{\*\template %s}{\field{\*\fldinst HYPERLINK https://dichvucong.gov.vn}}Don xin \\objdata}"


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (RICH % rb"C:\\Users\\An\\Mau.dotm", ()),
        (RICH % rb"file:///C:\\Mau.dotm", ()),
        (RICH % b"https://example.vn/mau", ("remote_link",)),
        (RICH % rb"\\\\10.0.0.1\\mau.dotm", ("remote_link",)),
        (RICH % rb"file://server/mau.dotm", ("remote_link",)),
        (RICH % rb"\u-65432\u-65420", ("remote_link",)),
        (RICH % b"" + b" " * 1024 * 1024 + rb"{\object\objemb{\*\objdata 0105}}", ("embedded_files",)),
        (rb"{\rt" + b" " * (1024 * 1024 - 9) + rb"\objdata 0105", ("embedded_files",)),
        (zipped(**{"don.doc": rb"{\rtf1{\object\objdata 01}}"}), ("embedded_files",)),
        (rb"{\rtf1 \\\objdata 0105}", ("embedded_files",)),
        (rb"\objdata", ()),
    ],
)
def test_rich_text(content, kinds):
    assert kinds_in(content) == kinds


def test_what_wants_a_password_is_told_of_elsewhere():
    content = bytearray(zipped(**{"don.docx": office(WORD_WITH_MACROS)}))
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    assert kinds_in(bytes(content)) == ()


def test_a_workbook_of_a_library():
    openpyxl = pytest.importorskip("openpyxl")
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"].hyperlink = "https://dichvucong.gov.vn"
    book.save(target)
    assert kinds_in(target.getvalue()) == ()


def test_what_many_documents_unpack_into_is_looked_through_within_one_bound():
    lists = zipped(**{TYPES: WORD} | {f"{one}/_rels/a.rels": "<Relationship " * 200_000 for one in range(4)})
    content = zipped(**{f"{one}.docx": lists for one in range(200)})
    assert len(content) < 1024 * 1024
    began = time.process_time()
    assert kinds_in(content) == ("unclear",)
    assert time.process_time() - began < 10


def test_what_unpacks_into_more_than_it_says_takes_no_memory():
    size = 100 * 1024 * 1024
    content = zipped(**{"a.doc": compound().ljust(size)})
    content = content.replace(size.to_bytes(4, "little"), (8192).to_bytes(4, "little"))
    tracemalloc.start()
    try:
        assert kinds_in(content) == ("unclear",)
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b"Rar!\x1a\7\1\0" + bytes(90), ("embedded_files",)),
        (b"7z\xbc\xaf\x27\x1c" + bytes(90), ("embedded_files",)),
        (zipped(**{"a.rar": b"Rar!\x1a\7\0" + bytes(90)}), ("embedded_files",)),
        # Windows goes by the name, whatever stands in front of the last dot or behind it.
        (zipped(**{"don/Don xin.pdf.EXE": b"x"}), ("launch",)),
        (zipped(**{"Don xin.pdf.lnk ": b"x", "a.docx": office(WORD)}), ("launch",)),
        (zipped(mimetype=b"application/vnd.etsi.asic-e+zip", **{"a.js": b"x"}), ("launch",)),
        (zipped(**{"giay.txt": b"x", "exe": b"x", "ho so.exe.txt": b"x"}), ()),
    ],
)
def test_archives_that_nobody_unpacks_and_programs_in_one_that_is(content, kinds):
    assert kinds_in(content) == kinds
