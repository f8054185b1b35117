"""What a PDF holds where nobody walks, where readers differ, or where its list of objects is wrong."""

import io
import tracemalloc
import zlib

import pytest
from authority import NOW
from office_pdfs import Writer, appended

from inspection import pdf as module
from inspection import pdf_objects
from inspection.pdf import UNCLEAR, look_at_pdf
from inspection.sandbox import Sandbox
from inspection.trust import Trust

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
FILE = b"<</Type/Filespec/F(a.txt)/EF<</F 21 0 R>>>>"
CELLS = range(100, 500)


def _file(catalog=b"", page=b"", others=(), head=b""):
    writer = Writer()
    writer.content += head
    writer.add(1, b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog)
    writer.add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    writer.add(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]%s>>" % page)
    for number, body in dict(others).items():
        writer.add(number, body)
    return writer.end(writer.table(b"/Size 500/Root 1 0 R"))


def _stream(body, entries=b""):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(body), body)


def _found(content):
    return look_at_pdf(io.BytesIO(content)).active_content


def _table():
    cells = {number: b"<</S/TD/P 5 0 R/Pg 3 0 R/K %d>>" % number for number in CELLS}
    kids = b" ".join(b"%d 0 R" % number for number in CELLS)
    return {5: b"<</Type/StructTreeRoot/K[%s]>>" % kids, **cells}


@pytest.mark.parametrize("bookmark", [b"/SE 100 0 R", b"/A<</S/GoTo/D[3 0 R/Fit]/SD[100 0 R/Fit]>>"])
def test_bookmarks_that_lead_to_a_heading_lead_to_no_cell_of_a_table(bookmark, monkeypatch):
    monkeypatch.setattr(module, "MOST_OBJECTS", 300)
    outline = {7: b"<</First 8 0 R/Last 8 0 R>>", 8: b"<</Title(I)/Parent 7 0 R%s>>" % bookmark}
    assert _found(_file(b"/StructTreeRoot 5 0 R/Outlines 7 0 R", others={**_table(), **outline})) == ()


@pytest.mark.parametrize("name", [b"/EF", b"/#45F"])
def test_a_file_that_belongs_to_a_heading_alone_is_seen(name):
    holder = {5: b"<</K 6 0 R>>", 6: b"<</S/H1/P 5 0 R/AF[20 0 R]>>", 20: FILE.replace(b"/EF", name)}
    content = _file(b"/StructTreeRoot 5 0 R", others={**holder, 21: _stream(b"abc", b"/Type/EmbeddedFile")})
    assert _found(content) == ("embedded_files",)


def _packed(*streams):
    """Return a file whose objects from 100 on lie in `streams`, one in each."""
    writer = Writer()
    writer.add(1, b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 5 0 R>>")
    writer.add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    writer.add(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>")
    writer.add(5, b"<</AF[100 0 R]>>")
    for number, body in enumerate(streams):
        packed = zlib.compress(b"%d 0 %s" % (100 + number, body))
        writer.add(10 + number, _stream(packed, b"/Type/ObjStm/N 1/First 6/Filter/FlateDecode"))
    start = len(writer.content)
    rows = [(number, 1, place) for number, place in writer.places.items()]
    rows += [(100 + number, 2, 10 + number) for number in range(len(streams))] + [(90, 1, start)]
    index = b" ".join(b"%d 1" % number for number, _kind, _place in rows)
    table = b"".join(bytes([kind]) + place.to_bytes(4, "big") + b"\0" for _number, kind, place in rows)
    writer.add(90, _stream(table, b"/Type/XRef/Size 200/Root 1 0 R/W[1 4 1]/Index[%s]" % index))
    return writer.end(start)


def test_a_file_that_belongs_to_a_heading_alone_is_seen_in_a_stream_of_objects():
    assert _found(_packed(FILE)) == ("embedded_files",)


def test_streams_of_objects_are_not_all_held_in_memory():
    content = _packed(*[b"<<>>" + b" " * 5_000_000] * 10)
    tracemalloc.start()
    try:
        assert _found(content) == ()
        assert tracemalloc.get_traced_memory()[1] < 25_000_000
    finally:
        tracemalloc.stop()


def test_what_is_too_much_to_walk_through_is_searched(monkeypatch):
    monkeypatch.setattr(module, "MOST_OBJECTS", 3)
    assert _found(_file(b"/Names<</JavaScript 9 0 R>>", others={9: SCRIPT})) == ("javascript", UNCLEAR)


def test_words_that_only_resemble_a_program_alarm_nobody():
    words = {5: b"<</K 6 0 R>>", 6: b"<</S/P/P 5 0 R/Alt(https://x.gov.vn/EF/S/JS/XFA 1 0 obj)>>"}
    assert _found(_file(b"/StructTreeRoot 5 0 R", others=words)) == ()


@pytest.mark.parametrize(
    "entries",
    [
        b"/OpenAction[3 0 R/Fit]/OpenAction 9 0 R",
        b"/OpenAction[3 0 R/Fit]/OpenAction" + SCRIPT,
        b"/Bad[1 2}]/OpenAction" + SCRIPT,
        b" null /Odd/OpenAction 9 0 R",
    ],
)
def test_what_only_other_readers_see_is_searched_for(entries):
    assert _found(_file(entries, others={9: SCRIPT})) == ("javascript",)


def test_a_reference_with_another_generation_leads_where_readers_go():
    assert _found(_file(b"/OpenAction 9 5 R", others={9: SCRIPT})) == ("javascript", "open_action")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<</Subtype/Movie/Movie<</F(a.avi)>>>>", "rich_media"),
        (b"<</Subtype/Sound/Sound 9 0 R>>", "rich_media"),
        (b"<</Subtype/Link/A<</S/Sound>>>>", "rich_media"),
        (_stream(b"", b"/F(\\\\\\\\server\\\\a)"), "remote_link"),
    ],
)
def test_other_ways_to_play_and_to_fetch(body, kind):
    assert _found(_file(page=b"/Annots[8 0 R]", others={8: body})) == (kind,)


def test_a_filter_with_its_short_name_is_no_file():
    assert _found(_file(page=b"/Contents 8 0 R", others={8: _stream(zlib.compress(b""), b"/F/FlateDecode")})) == ()


def test_fonts_with_a_width_for_each_letter_are_no_reason_to_end_early(monkeypatch):
    monkeypatch.setattr(module, "MOST_OBJECTS", 50)
    widths = b"".join(b"%d[500]" % number for number in range(400))
    assert _found(_file(page=b"/Resources<</Font<</F1<</W[%s]>>>>>>" % widths)) == ()


def test_links_to_pages_that_were_taken_out_cost_no_look_at_the_whole_file_each():
    # As where some pages of a book were saved as a file of their own.
    links = b"".join(b"<</Subtype/Link/Dest[%d 0 R/Fit]>>" % number for number in range(1000, 3000))
    picture = _stream(bytes(16 * 1024**2))
    sandbox = Sandbox()
    try:
        file = io.BytesIO(_file(page=b"/Annots[%s]" % links, others={8: picture}))
        report = sandbox.inspect(file, Trust(), NOW)
    finally:
        sandbox.close()
    assert report.is_examined and report.pdf.active_content == ()


def test_a_list_with_wrong_places_is_mended_by_one_look(monkeypatch):
    looks = []
    monkeypatch.setattr(pdf_objects, "_OBJECT", _Counted(pdf_objects._OBJECT, looks))
    pages = b"/Annots[%s]" % b" ".join(b"%d 0 R" % number for number in CELLS)
    content = _file(page=pages, others={**dict.fromkeys(CELLS, b"<</Rect[0 0 1 1]>>"), 499: b"<</AA<<>>>>"})
    for number in CELLS:
        place = content.index(b"\n%d 0 obj" % number) + 1
        content = content.replace(b"%010d 00000 n" % place, b"%010d 00000 n" % (place + 9))
    assert _found(content) == ("additional_actions",)
    assert len(looks) == 1


class _Counted:
    """A pattern that tells how often it was used."""

    def __init__(self, pattern, uses):
        self.pattern, self.uses = pattern, uses

    def finditer(self, text):
        self.uses.append(len(text))
        return self.pattern.finditer(text)


@pytest.mark.parametrize("is_updated", [False, True])
def test_a_document_that_libreoffice_opens_in_place_of_the_pages(is_updated):
    writer = Writer()
    writer.add(1, b"<</Type/Catalog/Pages 2 0 R>>")
    writer.add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    writer.add(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>")
    writer.add(4, _stream(b"PK"))
    beside = b"/AdditionalStreams [/application#2Fvnd#2Eoasis#2Eopendocument#2Etext 4 0 R\n]"
    content = writer.end(writer.table(b"/Size 5/Root 1 0 R" + beside))
    assert _found(appended(content, {}) if is_updated else content) == ("embedded_files",)
