import base64
import io
import sys

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader
from test_pages import image, sizes

from sealing import child, images
from sealing.faults import PhotoKindUnknown, ScanTooMuch, UnreadableScan
from sealing.pages import as_pdf
from sealing.photos import is_photo, photos_as_pdf
from sealing.workshop import Limits, bound_photos

# 96 by 64 dots, white, red in its upper left.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVRtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA"
    "AAEAAQAAAAABeAABAAAAAAAAAFoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1GlwcnAAAAC1aXBjbwAA"
    "AHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbq"
    "SSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAAA5waXhpAAAAAAEIAAAA"
    "F2lwbWEAAAAAAAAAAQABBIECAwQAAABibWRhdAAAAFYoAa9Yh6gdJL//5zu//yo9IfYledG4t+dBmL0/if7hsoDIYcHqFND58YGa9Gt4dLJ1+AMGNoCo"
    "JlfACsROTGTVBFDH/TI08hf/4d0HHlClf62i+3tqmA=="
)


def photo(orientation=1, size=(4032, 3024), kind="JPEG"):
    """Return a photo whose upper left is red when it is seen as `orientation` says, with a place in its EXIF."""
    upright = Image.new("RGB", size if orientation < 5 else size[::-1], "white")
    ImageDraw.Draw(upright).rectangle((0, 0, upright.width // 2, upright.height // 2), fill="red")
    turned = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = upright.transpose(turned[orientation]) if turned[orientation] is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker of phones"
    output = io.BytesIO()
    stored.save(output, kind, exif=exif, quality=90)
    return output.getvalue()


def pages(content):
    return [page.images[0].image for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_photos_stand_upright_in_their_order_and_are_no_larger_than_needed(orientation):
    content = photos_as_pdf([photo(orientation), image("PNG", (300, 200), colour="blue")])
    first, second = pages(content)
    assert max(first.size) == 2200
    is_red = [
        first.getpixel((first.width * x // 4, first.height * y // 4))[1] < 90 for x, y in ((1, 1), (3, 1), (1, 3))
    ]
    assert is_red == [True, False, False]
    assert second.getpixel((5, 5))[2] > 200
    assert sizes(content) == [(595, 842) if orientation > 4 else (842, 595), (842, 595)]
    assert len(content) < 1_000_000
    # Place and device stay with the photographer.
    assert b"Maker of phones" not in content and b"Exif" not in content


def test_a_photo_of_an_iphone():
    pytest.importorskip("pi_heif")
    assert is_photo(HEIC)
    [page] = pages(photos_as_pdf([HEIC]))
    assert page.size == (96, 64)
    assert page.getpixel((10, 10))[1] < 90 < page.getpixel((80, 50))[1]


@pytest.mark.parametrize("kind", ["WEBP", "MPO"])
def test_a_photo_that_came_through_a_messenger_or_with_another_behind_it(kind):
    content = photo(6, size=(400, 300), kind=kind)
    assert is_photo(content)
    [page] = pages(photos_as_pdf([content]))
    assert page.size == (300, 400)
    assert page.getpixel((50, 50))[1] < 90 < page.getpixel((250, 350))[1]


def test_a_scan_may_be_a_photo_of_an_iphone(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnreadableScan):
        as_pdf([HEIC])
    monkeypatch.undo()
    pytest.importorskip("pi_heif")
    assert sizes(as_pdf([HEIC])) == [(842, 595)]


def test_what_is_no_photo():
    assert not is_photo(b"%PDF-1.7") and not is_photo(b"") and not is_photo(b"\0\0\0\x18ftypisom")
    # Sound, which begins alike.
    assert not is_photo(b"RIFF\0\0\0\0WAVEfmt ")


def test_without_the_library_the_kind_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(PhotoKindUnknown) as unknown:
        photos_as_pdf([photo(size=(40, 30)), HEIC])
    assert unknown.value.number == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", HEIC[:200], photo(size=(400, 300))[:900]])
def test_which_photo_cannot_be_read_is_said(content):
    if content == HEIC[:200]:
        pytest.importorskip("pi_heif")
    with pytest.raises(UnreadableScan) as unreadable:
        child.answered(child.answer(child.question("photos", [photo(size=(40, 30)), content])))
    assert unreadable.value.number == 2


def test_more_pixels_than_any_sensor_has(monkeypatch):
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(ScanTooMuch):
        photos_as_pdf([bomb.getvalue()])
    monkeypatch.setattr(images, "_MOST_PIXELS", 100)
    with pytest.raises(ScanTooMuch):
        photos_as_pdf([photo(size=(40, 30))])


def test_a_photo_of_the_largest_sensor_fits_into_the_memory_of_the_child():
    large = photo(size=(16320, 12240))
    assert max(pages(bound_photos([large]))[0].size) == 2200


def test_many_photos_are_made_in_the_child():
    large = [photo(6)] * 6
    assert sizes(bound_photos(large)) == [(595, 842)] * 6
    with pytest.raises(ScanTooMuch):
        bound_photos(large * 2, Limits(seconds=1))
