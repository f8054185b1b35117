"""What an update may not do to a signed file, however it is written: each forgery in each way of listing objects."""

import io
import re

import attacks
import office_pdfs
import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from raw_updates import EVIL, FREE, WAYS, beside, body_of, contents_of, put, root_of, stream, table, unlisted
from reportlab.pdfgen.canvas import Canvas
from test_honest_files import _resigned, _with_unknown_algorithm, _without_certificates

from inspection.reports import Change, SignatureState
from inspection.signatures import check_signatures

BROKEN, UNVERIFIED, VALID = SignatureState.BROKEN, SignatureState.UNVERIFIED, SignatureState.VALID
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(pdf("Diem: 5"))


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


@pytest.fixture(scope="module")
def verdict(check):
    return lambda content: {report.state for report in check(content)}


class TestNumbers:
    @ways
    @pytest.mark.parametrize("generation", [0, 1, 2, 65535])
    def test_nothing_is_taken_out(self, signed, verdict, way, generation):
        assert verdict(way(signed, {contents_of(signed): (FREE, 0, generation)})) == {BROKEN}

    @ways
    @pytest.mark.parametrize("generation", [0, 1, 7, 65535])
    @pytest.mark.parametrize("is_headed_alike", [True, False])
    def test_no_number_gets_another_object(self, signed, verdict, way, generation, is_headed_alike):
        number = contents_of(signed)
        header = None if is_headed_alike else b"%d 0 obj" % number
        assert verdict(put(signed, number, stream(EVIL), way, generation, header)) == {BROKEN}

    @ways
    def test_what_never_was_may_be_freed_and_used(self, signed, verdict, way):
        # Not all readers look beside a table.
        expected = UNVERIFIED if way is beside else VALID
        assert verdict(way(signed, {150: (FREE, 0, 65535)})) == {expected}
        assert verdict(put(signed, 150, b"<</Nothing true>>", table)) == {VALID}

    def test_no_number_is_below_zero(self, signed, verdict):
        number = contents_of(signed)
        content = put(signed, number, stream(EVIL)).replace(b"\n%d 1\n" % number, b"\n-%d 1\n" % number)
        assert verdict(content) == {BROKEN}


@pytest.mark.parametrize("name", [b"/BaseFont/Helvetica", b"/Subtype/Type1"])
def test_a_text_is_not_the_name_that_is_written_alike(authority, verdict, name):
    written = authority.sign_with(IncrementalPdfFileWriter(io.BytesIO(office_pdfs.hybrid()), strict=False))
    font = body_of(written, 5)
    _nothing, key, value = name.split(b"/")
    changed = font.replace(name, b"/%s(/%s)" % (key, value))
    assert changed != font
    assert verdict(put(written, 5, changed)) == {BROKEN}
    assert verdict(put(written, 5, font[:-2] + b"/ITXT(7)>>")) == {VALID}


# Each is a number, a generation and the word in a way that some readers take.
HEADERS = [b"%d 0 obj", b"%d     0 obj", b"0000000000%d 0 obj", b"%d%%x\n0%%x\nobj", b"%d\x000\x00obj"]
TAILS = [b"", b"startxref\n%d\n%%%%EOF\n", b"startxref\n+%d\n%%%%EOF\n", b"startxref\n%d\n%%%%EOF\n" + b"\n" * 3000]


class TestUnlisted:
    @pytest.mark.parametrize("header", HEADERS)
    @pytest.mark.parametrize("tail", TAILS)
    def test_what_no_list_names_is_found_and_compared(self, signed, verdict, header, tail):
        assert verdict(unlisted(signed, contents_of(signed), stream(EVIL), header, tail)) == {BROKEN}

    @pytest.mark.parametrize("header", HEADERS[:4])
    def test_what_changes_no_page_is_only_not_passed(self, signed, verdict, header):
        assert verdict(unlisted(signed, 150, b"<</Nothing true>>", header)) == {UNVERIFIED}

    def test_another_number_than_is_listed(self, signed, verdict):
        assert verdict(put(signed, 90, stream(EVIL), header=b"%d 0 obj" % contents_of(signed))) == {BROKEN}

    def test_words_of_objects_inside_of_an_object_are_none(self, signed, verdict):
        assert verdict(put(signed, 90, stream(pdf("dinh kem")))) == {VALID}

    @pytest.mark.parametrize("size", [b"-1", b"+200", b"2_00", b"99999999999"])
    def test_numbers_of_a_list_are_plain(self, signed, verdict, size):
        assert verdict(table(signed, {}, size=size)) == {UNVERIFIED}

    def test_no_object_lies_beyond_the_size_of_the_file(self, signed, verdict):
        assert verdict(office_pdfs.appended(signed, {90: b"<</Nothing true>>"}, size=5)) == {UNVERIFIED}

    def test_text_behind_the_end_shows_nothing(self, signed, verdict):
        assert verdict(signed + b"\n<!-- sent by mail -->\n\0\0") == {VALID}


def _overridden(old, new):
    return lambda content: {11: body_of(content, 11).replace(old, new)}


def _fields(more):
    def _with(content):
        form = body_of(content, 9).replace(b"10 0 R", b"10 0 R 300 0 R")
        return {9: form, 300: more}

    return _with


NOT_TOLD = {
    "nothing else": lambda content: {},
    "lock": lambda content: {10: body_of(content, 10)[:-2] + b"/Lock<</P 99>>>>"},
    "kind": _overridden(b"/adbe.pkcs7.detached", b"/Foo"),
    "field of itself": _fields(b"<</T(b)/Kids[300 0 R]>>"),
    "field of no kind": _fields(b"<</T(b)/Kids 5>>"),
    "no object": _fields(b"}{"),
    "no end": _fields(b"<</T"),
}


def _wiped(content):
    _start, before, after, _rest = attacks.signed_range(content)
    return content[: before + 1] + b"0" * (after - before - 2) + content[after - 1 :]


SPOILT = {
    "whole": lambda content: content,
    "no certificate": lambda content: _resigned(content, _without_certificates),
    "algorithm": lambda content: _resigned(content, _with_unknown_algorithm),
    "empty": _wiped,
}


class TestCannotBeToldAndChanged:
    @pytest.mark.parametrize("cause", NOT_TOLD.values(), ids=NOT_TOLD)
    @pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
    def test_a_changed_page_is_broken_whatever_cannot_be_told(self, signed, check, cause, spoil):
        content = spoil(signed)
        objects = {**cause(content), contents_of(content): stream(EVIL)}
        assert BROKEN in {report.state for report in check(office_pdfs.appended(content, objects, size=400))}

    @pytest.mark.parametrize("cause", NOT_TOLD.values(), ids=NOT_TOLD)
    def test_so_is_a_changed_byte(self, signed, check, cause):
        at = signed.index(b"endstream") - 3
        content = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        assert BROKEN in {report.state for report in check(office_pdfs.appended(content, cause(content), size=400))}

    @pytest.mark.parametrize("prev", [b"7", b"0.5", b"3 0 R"])
    @pytest.mark.parametrize("end", [b"", b"%junk\n%%EOF\n", b"startxref"])
    def test_a_list_that_cannot_be_read(self, signed, verdict, prev, end):
        number = contents_of(signed)
        body = b"%d 0 obj\n%s\nendobj\n" % (number, stream(EVIL))
        assert verdict(table(signed, {number: (1, len(signed), 0)}, body, prev=prev) + end) == {BROKEN}


class TestTakenOut:
    @pytest.fixture
    def bare(self, signed):
        root = body_of(signed, root_of(signed)).replace(b"/AcroForm 9 0 R", b"")
        return lambda more=b"": put(signed, root_of(signed), root[:-2] + more + b">>")

    def test_the_rights_of_a_reader_are_no_cloak(self, bare, verdict):
        assert verdict(bare(b"/Perms<</UR3 11 0 R>>")) == {BROKEN}

    def test_nobody_else_vouches_for_what_was_taken_out(self, authority, bare, check):
        for content in (authority.stamp(bare(), NOW), authority.sign(bare(), field="Ky2")):
            assert BROKEN in {report.state for report in check(content)}


class TestShown:
    LARGE, SMALL = b"0 0 595 842", b"72 100 200 160"
    BOX = (72, 100, 200, 160)

    def _with_widget(self, signed, rectangle, value=b"", drawn=b"1 g 0 0 595 842 re f"):
        page = body_of(signed, 3)
        widget = b"<</FT/Sig/T(Ky9)/Type/Annot/Subtype/Widget/F 4/Rect[%s]/P 3 0 R/AP<</N 91 0 R>>%s>>" % (
            rectangle,
            value,
        )
        form = stream(drawn, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
        objects = {90: widget, 91: form, 9: body_of(signed, 9).replace(b"10 0 R", b"10 0 R 90 0 R")}
        objects[3] = page.replace(b"/Annots [ 10 0 R ]", b"/Annots [ 10 0 R 90 0 R ]")
        assert objects[3] != page
        return office_pdfs.appended(signed, objects)

    @pytest.mark.parametrize("rectangle", [LARGE, SMALL])
    def test_nothing_is_laid_over_a_page_that_nobody_signed(self, signed, verdict, rectangle):
        assert verdict(self._with_widget(signed, rectangle)) == {BROKEN}
        assert verdict(self._with_widget(signed, rectangle, drawn=b"")) == {VALID}

    @pytest.mark.parametrize("box", [(0, 0, 595, 842), (72, 100, 200, 160)])
    def test_a_further_signature_that_is_laid_over_the_page_is_marked(self, authority, signed, check, box):
        assert _changes(check(authority.sign_visibly(signed, box))) == [Change.LAID_OVER, Change.NO]

    @pytest.mark.parametrize(
        ("waiting", "box", "change"),
        [
            ((72, 100, 200, 160), (72, 100, 200, 160), Change.ALLOWED),
            ((200, 160, 72, 100), (80, 110, 190, 150), Change.ALLOWED),
            ((72, 100, 200, 160), (72, 400, 200, 460), Change.LAID_OVER),
            ((72, 100, 200, 160), (72, 100, 300, 160), Change.LAID_OVER),
            ((0, 0, 595, 842), (0, 0, 595, 842), Change.LAID_OVER),
        ],
    )
    def test_where_a_field_waited_for_it_it_hides_nothing(self, authority, check, waiting, box, change):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf("Diem: 5")))
        append_signature_field(writer, SigFieldSpec("Ky2", box=waiting))
        content = authority.sign_with(writer)
        again = authority.sign_visibly(content, None if waiting == box else box, "Ky2" if waiting == box else "Ky3")
        assert _changes(check(again)) == [change, Change.NO] or _changes(check(again)) == [Change.NO, change]

    def test_a_field_waits_on_its_own_page_only(self, authority, check):
        writer = IncrementalPdfFileWriter(io.BytesIO(_two_pages()))
        append_signature_field(writer, SigFieldSpec("Ky2", box=self.BOX, on_page=0))
        content = authority.sign_with(writer)
        found = {page: _changes(check(authority.sign_visibly(content, self.BOX, "Ky3", page))) for page in (0, 1)}
        assert found == {0: [Change.ALLOWED, Change.NO], 1: [Change.LAID_OVER, Change.NO]}

    def test_what_is_signed_already_waits_for_nothing(self, authority, check):
        content = authority.sign_visibly(authority.sign_visibly(pdf("Diem: 5"), self.BOX, "Ky1"), self.BOX)
        assert _changes(check(content)) == [Change.LAID_OVER, Change.NO]

    def test_the_picture_of_a_signature_stays(self, authority, check):
        content = authority.sign_visibly(pdf("Diem: 5"), self.BOX, "Ky1")
        number = int(re.findall(rb"/N (\d+) 0 R", content)[-1])
        drawn = stream(b"0 0 1 rg 0 0 99 99 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 128 60]")
        assert BROKEN in {report.state for report in check(office_pdfs.appended(content, {number: drawn}))}


def _changes(reports):
    assert {report.state for report in reports} == {VALID}
    return [report.changed_afterwards for report in reports]


def _two_pages():
    output = io.BytesIO()
    canvas = Canvas(output, invariant=1)
    for line in ("Diem: 5", "Trang 2"):
        canvas.drawString(72, 700, line)
        canvas.showPage()
    canvas.save()
    return output.getvalue()
