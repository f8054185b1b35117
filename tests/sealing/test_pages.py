import io
import struct

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from sealing import images, pages
from sealing.faults import ScanTooMuch, UnreadableScan
from sealing.pages import as_pdf, written


def image(kind="JPEG", size=(300, 400), mode="RGB", colour="red", **options):
    output = io.BytesIO()
    Image.new(mode, size, colour).save(output, kind, **options)
    return output.getvalue()


def sizes(content):
    return [(round(page.mediabox.width), round(page.mediabox.height)) for page in PdfReader(io.BytesIO(content)).pages]


def test_images_stand_on_pages_of_a4():
    assert sizes(as_pdf([image(), image("PNG", (400, 300))])) == [(595, 842), (842, 595)]


def test_a_pdf_keeps_its_pages_among_images(plain_pdf):
    content = as_pdf([image(), plain_pdf])
    assert len(sizes(content)) == 2
    assert "Phieu" in PdfReader(io.BytesIO(content)).pages[1].extract_text()


def tiff_of_three_pages():
    frames = [Image.new("1", (200, 300), 1) for _number in range(3)]
    output = io.BytesIO()
    frames[0].save(output, "TIFF", save_all=True, append_images=frames[1:])
    return output.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_anybody_may_read_is_a_scan_as_any(plain_pdf, algorithm):
    locked = PdfWriter(clone_from=PdfReader(io.BytesIO(plain_pdf)))
    locked.encrypt("", "owner-password", algorithm=algorithm)
    made = PdfReader(io.BytesIO(as_pdf([written(locked)])))
    assert not made.is_encrypted and "Phieu ly lich tu phap" in made.pages[0].extract_text()


def test_a_tiff_of_several_pages():
    assert len(sizes(as_pdf([tiff_of_three_pages()]))) == 3


def test_a_tiff_of_more_pages_than_anybody_has(monkeypatch):
    monkeypatch.setattr(pages, "MOST_PAGES", 2)
    with pytest.raises(ScanTooMuch, match="more than 2 pages"):
        as_pdf([tiff_of_three_pages()])


def test_a_photo_that_lies_on_its_side_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert sizes(as_pdf([image(size=(400, 300), exif=exif)])) == [(595, 842)]


@pytest.mark.parametrize(("kind", "more"), [("MPO", {}), ("PNG", {}), ("WEBP", {"duration": 100})])
def test_a_picture_is_one_page_whatever_a_phone_puts_behind_it(kind, more):
    # The same once more in grey, as phones have it for bright screens; a picture that moves.
    behind = Image.new("RGB", (300, 400), "gray")
    content = image(kind, save_all=True, append_images=[behind], **more)
    assert Image.open(io.BytesIO(content)).n_frames == 2
    [page] = PdfReader(io.BytesIO(as_pdf([content]))).pages
    red, green, _blue = page.images[0].image.convert("RGB").getpixel((5, 5))
    assert red > 200 and green < 60


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_modes_of_images(mode):
    content = as_pdf([image("PNG", mode=mode, colour=0)])
    [found] = PdfReader(io.BytesIO(content)).pages[0].images
    # What shows through is paper.
    assert found.image.convert("L").getpixel((0, 0)) == (255 if mode in ("RGBA", "LA") else 0)


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_greys_of_sixteen_bits_are_not_all_white(kind):
    # Those of one column each: black, dark, light, white.
    row = struct.pack("<4H", 0, 0x4000, 0xC000, 0xFFFF)
    output = io.BytesIO()
    Image.frombytes("I;16", (4, 4), row * 4).save(output, kind)
    [found] = PdfReader(io.BytesIO(as_pdf([output.getvalue()]))).pages[0].images
    grey = found.image.convert("L")
    assert [grey.getpixel((column, 0)) for column in range(4)] == [0, 0x40, 0xC0, 0xFF]


@pytest.mark.parametrize(
    ("mode", "values"), [("F", struct.pack("<4f", 0, 0.3, 0.6, 1)), ("I", struct.pack("<4i", 0, 9, 90, 2**30))]
)
def test_shades_of_which_nobody_knows_what_is_white_are_no_scan(mode, values):
    output = io.BytesIO()
    Image.frombytes(mode, (4, 1), values).save(output, "TIFF")
    with pytest.raises(UnreadableScan):
        as_pdf([output.getvalue()])


def test_a_jpeg_is_kept_byte_for_byte():
    scan = image()
    [found] = PdfReader(io.BytesIO(as_pdf([scan]))).pages[0].images
    assert found.image.size == (300, 400)


@pytest.mark.parametrize("scans", [[], [b""], [b"GIF89a"], [b"<html>"], [image()[:100]]])
def test_what_is_no_scan(scans):
    with pytest.raises(UnreadableScan):
        as_pdf(scans)


def test_more_pages_or_pixels_than_anybody_has(monkeypatch, plain_pdf):
    monkeypatch.setattr(pages, "MOST_PAGES", 1)
    with pytest.raises(ScanTooMuch):
        as_pdf([plain_pdf, plain_pdf])
    monkeypatch.setattr(images, "_MOST_PIXELS_AT_ONCE", 100)
    with pytest.raises(ScanTooMuch):
        as_pdf([image("PNG")])
    # What is kept as it is needs no memory.
    assert len(sizes(as_pdf([image()]))) == 1
    monkeypatch.setattr(images, "_MOST_PIXELS", 100)
    with pytest.raises(ScanTooMuch):
        as_pdf([image()])
