"""Pages whose boxes are not where a page is: what is drawn stands where readers show it, and takes no time."""

import io

import pypdfium2
import pytest
from authority import pdf
from PIL import ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NumberObject
from test_copy_mark import CODED, MARK

from sealing.copy_mark import mark_copy
from sealing.faults import UnreadableScan
from sealing.pictures import page_picture

A4 = (0, 0, 595, 842)


def boxed(medium=A4, crop=None, rotation=0):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("noi dung"))))
    page = writer.pages[0]
    for name, box in (("/MediaBox", medium), ("/CropBox", crop)):
        if box:
            page[NameObject(name)] = ArrayObject(map(FloatObject, box))
    page[NameObject("/Rotate")] = NumberObject(rotation)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def rendered(content):
    """Return the first page as the readers show it that go by the whole page where a box of it shows nothing."""
    document = pypdfium2.PdfDocument(content)
    page = document[0]
    if not all(page.get_size()):
        page.set_cropbox(*page.get_mediabox())
        page = document[0]
    return page.render().to_pil().convert("L")


ODD = {
    "outside": {"crop": (2000, 2000, 2500, 2500)},
    "beside": {"crop": (-100, -100, -50, -50)},
    "larger": {"crop": (-500, -500, 2000, 2000)},
    "empty": {"crop": (10, 10, 10, 10)},
    "a line": {"crop": (0, 0, 595, 0)},
    "other corners": {"crop": (595, 842, 0, 0)},
    "other corners of the page": {"medium": (595, 842, 0, 0)},
    "partly": {"crop": (300, 400, 900, 1200)},
    "turned": {"crop": (300, 400, 900, 1200), "rotation": 90},
    "turned often": {"crop": (-50, -50, 900, 1200), "rotation": -450},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_mark_stands_at_the_top_right_of_what_readers_show(odd):
    content = boxed(**odd)
    before, after = rendered(content), rendered(mark_copy(content, MARK))
    assert before.size == after.size
    left, top, right, bottom = ImageChops.difference(before, after).point(lambda dot: 255 * (dot > 30)).getbbox()
    assert after.width * 0.45 < left < right < after.width - 10
    assert 10 < top < bottom < 80


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_its_picture_is_there(odd):
    assert page_picture(boxed(**odd), 1, "Xem trước")[1] == 1


@pytest.mark.parametrize("medium", [(0, 0, 0, 0), (0, 0, 595, 0), (7, 7, 7, 900)])
def test_what_no_reader_shows_is_not_marked(medium):
    with pytest.raises(UnreadableScan):
        mark_copy(boxed(medium), CODED)


@pytest.mark.parametrize("medium", [(0, 0, 1e9, 1e9), (0, 0, 0.01, 0.01), (0, 0, 100_000, 200), (0, 0, 200, 100_000)])
def test_pages_of_any_size_are_drawn(medium):
    assert mark_copy(boxed(medium), CODED)
    assert page_picture(boxed(medium), 1, "Xem trước")[1] == 1
