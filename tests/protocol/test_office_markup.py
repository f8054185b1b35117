"""What the parts of a document say that nothing else tells of: fields, links and events that act when it is opened."""

import io
import time

import pytest
from office_files import MAGIC, TYPES, WORD, zipped

from protocol.office import active_content

RUNS = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>%s<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
INSTRUCTION = '<w:r><w:instrText xml:space="preserve">%s</w:instrText></w:r>'


def kinds_in(content):
    return active_content(io.BytesIO(content))


def word(text, part="word/document.xml"):
    return zipped(**{TYPES: WORD, part: text})


def sheet(link):
    return zipped(**{TYPES: WORD, "xl/workbook.xml": "x", "xl/externalLinks/externalLink1.xml": link})


def open_document(text, part="content.xml"):
    return zipped(mimetype=b"application/vnd.oasis.opendocument.text", **{part: text})


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (word(RUNS % INSTRUCTION % r" DDEAUTO c:\\windows\\system32\\cmd.exe "), ("launch",)),
        (word(RUNS % "".join(INSTRUCTION % part for part in (" D", "DEA", 'UTO "cmd"'))), ("launch",)),
        (word(r'<w:fldSimple w:instr=" dde &quot;cmd&quot; &quot;/k&quot;"/>', "word/header1.xml"), ("launch",)),
        (word("x" * (1024 * 1024 - 40) + RUNS % INSTRUCTION % "DDE cmd"), ("launch",)),
        (word(RUNS % INSTRUCTION % " &#68;DE cmd"), ("launch",)),
        # Other fields, also such as name it, and what only says so in its text.
        (word(RUNS % INSTRUCTION % " PAGE " + RUNS % INSTRUCTION % ' HYPERLINK "https://a.vn/DDE x" '), ()),
        (word("<w:t>DDEAUTO cmd</w:t>"), ()),
        (word(RUNS % INSTRUCTION % " DDEN "), ()),
    ],
)
def test_fields_that_start_programs(content, kinds):
    assert kinds_in(content) == kinds


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (sheet('<externalLink xmlns="x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'), ("launch",)),
        (sheet('<x:externalLink><x:ddeLink ddeService="cmd"/></x:externalLink>'), ("launch",)),
        (sheet('<externalLink><externalBook r:id="rId1"/></externalLink>'), ()),
        (rb"{\rtf1{\field{\*\fldinst DDEAUTO cmd}}}", ("launch",)),
        (rb"{\rtf1{\field{\*\fldinst {\rtlch\fcs1 \af0 \ltrch  DDE cmd}}}}", ("launch",)),
        (rb"{\rtf1{\field{\*\fldinst {\rtlch HYPERLINK DDE}}} DDEAUTO}", ()),
    ],
)
def test_sheets_and_rich_text_that_start_programs(content, kinds):
    assert kinds_in(content) == kinds


def test_no_field_takes_long():
    began = time.process_time()
    assert kinds_in(rb"{\rtf1" + rb"\fldinst" * 600_000) == ()
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('<draw:image xlink:href="https://a.vn/x.png" xlink:type="simple"/>', ("remote_link",)),
        ("<draw:image\n xlink:type='simple' xlink:href='//10.0.0.1/x.png'/>", ("remote_link",)),
        ('<text:section-source xlink:href="&#104;ttp://a.vn/x.odt"/>', ("remote_link",)),
        ('<table:table-source xlink:href="file://server/so.ods"/>', ("remote_link",)),
        ('<table:dde-link><office:dde-source office:dde-application="soffice"/></table:dde-link>', ("launch",)),
        ('<text:dde-connection-decl office:dde-application="cmd"/>', ("launch",)),
        (
            '<script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:a.py$b?language=Python"/>',
            ("macros",),
        ),
        # What is clicked on, what lies within, and what is of one computer.
        ('<text:a xlink:href="https://dichvucong.gov.vn">a</text:a><draw:a xlink:href="https://a.vn"/>', ()),
        ('<draw:image xlink:href="Pictures/1.png"/><draw:object xlink:href="./Object 1"/>', ()),
        (
            '<draw:image xlink:href="data:image/png;base64,iVBO"/><draw:plugin xlink:href="vnd.sun.star.Package:Media/1.mp4"/>',
            (),
        ),
        ('<table:table-source xlink:href="file:///C:/Users/An/so.ods"/>', ()),
        ("<office:event-listeners/>", ()),
    ],
)
@pytest.mark.parametrize("part", ["content.xml", "styles.xml", "Object 1/content.xml"])
def test_open_documents_that_fetch_and_start(text, part, kinds):
    assert kinds_in(open_document(text, part)) == kinds


def test_a_long_sheet_is_looked_through():
    row = '<table:table-row><table:table-cell office:value-type="string"><text:p>An</text:p></table:table-cell></table:table-row>'
    assert kinds_in(open_document(row * 100_000)) == ()
    assert kinds_in(open_document(row * 100_000 + '<draw:image xlink:href="https://a.vn/x"/>')) == ("remote_link",)


def slides(has_macros):
    """Return what slides of before 2007 say of their macros (MS-PPT, 2.4.10), as they would lie in a file of them."""
    told = bytes.fromhex("1f00ff0314000000020000040c000000") + (9).to_bytes(4, "little")
    return MAGIC.ljust(700, b"\0") + told + bytes([has_macros, 0, 0, 0, 2, 0, 0, 0]) + bytes(500)


@pytest.mark.parametrize(("has_macros", "kinds"), [(1, ("macros",)), (0, ())])
def test_slides_of_before_2007(has_macros, kinds):
    assert kinds_in(slides(has_macros)) == kinds


PDF = b"%PDF-1.7\nx\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "asked", "kinds"),
    [
        (zipped(**{"a.pdf": PDF, "b.txt": b"x"}), 1, ("javascript",)),
        (zipped(**{"a.docx": zipped(**{TYPES: WORD, "word/embeddings/1.pdf": PDF})}), 1, ("javascript",)),
        (zipped(mimetype=b"application/vnd.etsi.asic-e+zip", a=b"\xef\xbb\xbf" + PDF), 1, ("javascript",)),
        (zipped(**{"a.pdf": b"<x>" + PDF, "content.xml": b" " + PDF}), 2, ("javascript",)),
        (zipped(**{"a.txt": b"x" * 2000 + PDF}), 0, ()),
    ],
)
def test_what_looks_into_pdfs_is_asked_of_those_within(content, asked, kinds):
    seen = []

    def look(file):
        seen.append(file.read())
        return ("javascript",)

    assert active_content(io.BytesIO(content), look) == kinds
    assert len(seen) == asked


WORD_2003 = (
    '<?xml version="1.0"?>\r\n<?mso-application progid="Word.Document"?>\r\n<w:wordDocument %s>%s</w:wordDocument>'
)
MSO = '<w:binData w:name="editdata.mso" xml:space="preserve">QWN0aXZlTWltZQAAAfAEAAAA</w:binData>'
FLAT = '<?xml version="1.0"?>\n<office:document office:mimetype="application/vnd.oasis.opendocument.text">%s</office:document>'
WEB_PAGE = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Location: a\r\n\r\n%s\r\n--x--"


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ((WORD_2003 % ('w:macrosPresent="yes"', "")).encode(), ("macros",)),
        (b"\xef\xbb\xbf" + (WORD_2003 % ("", MSO)).encode(), ("macros",)),
        ((WORD_2003 % ("", "x" * 2_000_000 + MSO)).encode("utf-16"), ("macros",)),
        (b'<?xml version="1.0"?><pkg:package><pkg:part pkg:name="/word/vbaProject.bin"/></pkg:package>', ("macros",)),
        ((WORD_2003 % ("", RUNS % INSTRUCTION % "DDEAUTO cmd")).encode(), ("launch",)),
        ((FLAT % "<office:scripts><ooo:source-code>Sub</ooo:source-code></office:scripts>").encode(), ("macros",)),
        ((FLAT % '<draw:image xlink:href="https://a.vn/x"/>').encode(), ("remote_link",)),
        (WEB_PAGE % b"QWN0aXZlTWltZQAAAfAEAAAA", ("macros",)),
        (zipped(**{"don.doc": WEB_PAGE % b"QWN0aXZlTWltZQ"}), ("macros",)),
        # Papers of XML, and such documents that do nothing.
        (b'<?xml version="1.0"?><HDon><DLHDon Id="1"><TTChung/></DLHDon><Signature/></HDon>', ()),
        ((WORD_2003 % ('w:macrosPresent="no"', "")).encode(), ()),
        ((FLAT % "<office:scripts><ooo:libraries/></office:scripts>").encode(), ()),
        (WEB_PAGE % b"<html>", ()),
        (b"Words about macrosPresent=yes", ()),
    ],
)
def test_documents_that_are_markup_as_a_whole(content, kinds):
    assert kinds_in(content) == kinds
