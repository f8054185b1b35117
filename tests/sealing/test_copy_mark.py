import io
import re
from dataclasses import astuple
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.pdfgen.canvas import Canvas

from sealing.copy_mark import CopyMark, mark_copy
from sealing.faults import EncryptedScan, SignedScan, UnreadableScan

MOMENT = datetime(2026, 11, 25, 7, 5, 9, tzinfo=timezone.utc)
MARK = CopyMark("copy", "Ủy ban nhân dân tỉnh Đắk Lắk", MOMENT)
WORDS = "Sao y; Ủy ban nhân dân tỉnh Đắk Lắk; 25/11/2026 14:05:09 +07:00"
CODED = CopyMark(*astuple(MARK)[:3], "https://dvc.example.gov.vn/kho-dl/check/q7Zt0Yw3mVv8uQpRrSsTtU")
MM = 72 / 25.4


def page_of(size=(595, 842), text="noi dung", origin=(0, 0), rotation=0):
    """Return a PDF of one page whose box begins at `origin`."""
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=size)
    canvas.drawString(20, 20, text)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(output))
    page = writer.pages[0]
    left, bottom = origin
    box = RectangleObject((left, bottom, left + size[0], bottom + size[1]))
    page.mediabox = page.cropbox = box
    page.rotate(rotation)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def shown(content):
    """Return ([(text, x, y, font, size)] of the first page as a reader sees it, width, height)."""
    page = PdfWriter(clone_from=PdfReader(io.BytesIO(content))).pages[0]
    page.transfer_rotation_to_content()
    found = []

    def visit(text, matrix, text_matrix, font, size):
        if text.strip():
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            found.append((text.strip(), x, y, font, size))

    page.extract_text(visitor_text=visit)
    box = page.mediabox
    return found, float(box.width), float(box.height), float(box.left), float(box.bottom)


def mark_of(content):
    found, *rest = shown(content)
    return [entry for entry in found if entry[0] != "noi dung"], *rest


def words_of(content):
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def test_a_long_name_is_broken_into_lines():
    agency = "Bộ phận tiếp nhận và trả kết quả giải quyết thủ tục hành chính của Sở Lao động – Thương binh và Xã hội"
    content = mark_copy(page_of(), CopyMark("copy", agency, MOMENT))
    lines, *_rest = mark_of(content)
    heights = {round(y) for _text, _x, y, *_font in lines}
    assert len(heights) >= 2
    assert agency in words_of(content)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("origin", [(0, 0), (-100, 50)])
def test_the_mark_stands_at_the_top_right_as_a_reader_sees_it(rotation, origin):
    content = mark_copy(page_of(rotation=rotation, origin=origin), MARK)
    lines, width, height, left, bottom = mark_of(content)
    assert lines
    assert words_of(content) == f"noi dung {WORDS}"
    for _text, x, y, _font, _size in lines:
        assert x - left > width / 2 - 9 * MM
        assert height - 25 * MM < y - bottom < height


def test_the_mark_is_black_upright_serif_of_ten_points_and_embedded():
    content = mark_copy(page_of(), MARK)
    lines, *_rest = mark_of(content)
    assert {size for *_start, size in lines} == {10}
    page = PdfReader(io.BytesIO(content)).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    [serif] = [font for font in fonts if "LiberationSerif" in font["/BaseFont"]]
    descriptor = serif["/FontDescriptor"]
    assert "/FontFile2" in descriptor
    assert len(descriptor["/FontFile2"].get_object().get_data()) < 100_000
    assert descriptor["/ItalicAngle"] == 0
    assert b"0 0 0 rg" in page.get_contents().get_data()
    assert not page.images


def modules_of(content):
    """Return the black squares of the code on the first page, as they are drawn: {(column, row)} from the top left."""
    page = PdfReader(io.BytesIO(content)).pages[0]
    found = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re\s+f", page.get_contents().get_data())
    bars = [tuple(map(float, bar)) for bar in found]
    side = min(bar[2] for bar in bars)
    left, top = min(bar[0] for bar in bars), max(bar[1] for bar in bars)
    return {
        (round((x - left) / side) + number, round((top - y) / side))
        for x, y, width, _height in bars
        for number in range(round(width / side))
    }


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_code_stands_apart_from_the_mark_and_holds_the_address(rotation):
    content = mark_copy(page_of(rotation=rotation), CODED)
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(CODED.check_address)
    code.make()
    assert modules_of(content) == {
        (column, row) for row, line in enumerate(code.modules) for column, is_black in enumerate(line) if is_black
    }
    *mark, (_text, x, y, *_font) = mark_of(content)[0]
    plain, *_rest = mark_of(mark_copy(page_of(rotation=rotation), MARK))
    assert [place[1:3] for place in mark] == [place[1:3] for place in plain]
    assert words_of(content) == f"noi dung {WORDS} Quét để kiểm tra"
    assert x < 30 * MM
    assert 4 * MM < y < 8 * MM
    assert not PdfReader(io.BytesIO(content)).pages[0].images


def test_a_small_page_bears_no_code():
    small = mark_copy(page_of((243, 153)), CODED)
    assert "kiểm tra" not in words_of(small)


@pytest.mark.parametrize(("kind", "words"), [("copy", "Sao y;"), ("excerpt", "Trích sao;"), ("forwarded", "Sao lục;")])
def test_the_kinds_of_copies(kind, words):
    assert CopyMark(kind, "Sở", MOMENT).text().startswith(words)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        CopyMark("copy", "Sở", datetime(2026, 1, 1)).text()


def test_what_the_page_said_is_still_there_and_later_pages_are_untouched():
    writer = PdfWriter()
    for text in ("mot", "hai"):
        writer.append(io.BytesIO(page_of(text=text)))
    output = io.BytesIO()
    writer.write(output)
    first, second = PdfReader(io.BytesIO(mark_copy(output.getvalue(), MARK))).pages
    assert "mot" in first.extract_text()
    assert second.extract_text().strip() == "hai"


@given(st.text(min_size=1, max_size=200), st.integers(80, 2000), st.integers(80, 2000))
def test_any_agency_on_any_page(agency, width, height):
    content = mark_copy(page_of((width, height)), CopyMark("copy", agency, MOMENT))
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_what_cannot_be_marked(plain_pdf, authority):
    locked = PdfWriter(clone_from=PdfReader(io.BytesIO(plain_pdf)))
    locked.encrypt("secret")
    output = io.BytesIO()
    locked.write(output)
    with pytest.raises(EncryptedScan):
        mark_copy(output.getvalue(), MARK)
    with pytest.raises(SignedScan):
        mark_copy(authority.sign(plain_pdf), MARK)
    for broken in (b"", b"%PDF-1.7 nothing", plain_pdf[:200], b"%PDF-" + b"[" * 10_000):
        with pytest.raises(UnreadableScan):
            mark_copy(broken, MARK)
