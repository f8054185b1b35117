import io
import subprocess
import sys

import pytest
from authority import pdf
from PIL import Image, ImageChops
from test_pages import image, tiff_of_three_pages

from sealing import workshop
from sealing.faults import EncryptedScan, UnreadableScan, WorkshopBroken, WorkshopBusy
from sealing.pictures import page_picture
from sealing.workshop import Limits

WORD = "Xem trước"


def opened(picture):
    return Image.open(io.BytesIO(picture))


def test_a_page_as_a_picture_for_a_telephone(plain_pdf):
    picture = workshop.page_picture(plain_pdf, 1, WORD)
    shown = opened(picture.content)
    assert (shown.format, shown.width, picture.page_count) == ("JPEG", 1080, 1)
    assert len(picture.content) < 300_000


def test_the_word_stands_across_it(plain_pdf):
    marked, plain = (opened(page_picture(plain_pdf, 1, word)[0]).convert("L") for word in (WORD, " "))
    where = ImageChops.difference(marked, plain).point(lambda dot: 255 * (dot > 30)).getbbox()
    assert where[2] - where[0] > marked.width / 3 and where[3] - where[1] > marked.height / 2
    # What is below can be read.
    assert min(marked.crop(where).getextrema()) < 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_image(kind):
    picture, page_count = page_picture(image(kind, (3000, 2000)), 1, WORD)
    assert (opened(picture).size, page_count) == ((1080, 720), 1)


def test_pages_of_a_tiff():
    assert page_picture(tiff_of_three_pages(), 3, WORD)[1] == 3


def test_a_page_that_is_no_paper():
    for size in ("[0 0 10 100000]", "[0 0 100000 10]", "[0 0 0 0]"):
        content = pdf("x").replace(b"[0 0 595 842]", size.encode())
        shown = opened(page_picture(content, 1, WORD)[0])
        assert shown.width <= 1080 and shown.height <= 3240


def test_what_cannot_be_shown_is_said(plain_pdf, authority):
    for content, page in (
        (plain_pdf, 2),
        (plain_pdf, 0),
        (b"%PDF-1.7 nothing", 1),
        (tiff_of_three_pages(), 4),
        (b"PK", 1),
    ):
        with pytest.raises(UnreadableScan):
            workshop.page_picture(content, page, WORD)
    with pytest.raises(EncryptedScan):
        workshop.page_picture(pdf("x", encrypt="secret"), 1, WORD)
    assert workshop.page_picture(authority.sign(plain_pdf), 1, WORD).page_count == 1


def test_the_renderer_is_in_the_child_alone():
    code = "import sys, sealing.workshop, sealing.photos; sys.exit('pypdfium2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=workshop.Path(workshop.__file__).parents[1], check=True)


def test_without_the_renderer_it_is_not_the_papers_fault(plain_pdf, monkeypatch):
    hidden = "import sys; sys.modules['pypdfium2'] = None\n"
    monkeypatch.setattr(workshop, "_START", hidden + workshop._START)
    with pytest.raises(WorkshopBroken) as broken:
        workshop.page_picture(plain_pdf, 1, WORD)
    assert broken.value.kind == "ModuleNotFoundError"


def test_no_more_children_than_there_is_room_for(plain_pdf, monkeypatch):
    monkeypatch.setattr(workshop, "_AT_ONCE", workshop.threading.BoundedSemaphore(1))
    with workshop._AT_ONCE, pytest.raises(WorkshopBusy):
        workshop.page_picture(plain_pdf, 1, WORD, Limits(seconds=1))
    assert workshop.page_picture(plain_pdf, 1, WORD).content


def test_a_picture_needs_nothing_that_pdfs_are_made_with():
    code = "import sys, sealing.child, sealing.pictures; sys.exit(bool({'pypdf', 'reportlab'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=workshop.Path(workshop.__file__).parents[1], check=True)
