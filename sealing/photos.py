"""Photos of a telephone made into one PDF: upright, and as large as somebody needs to read them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageOps

from .faults import BROKEN, PhotoKindUnknown, ScanTooMuch, SealingError, UnreadableScan
from .pages import BROKEN_IMAGE, drawn, plain

# A page of A4 at some 190 dpi: small print can be read, and a page is half a megabyte.
_LONGEST_SIDE = 2200
_QUALITY = 75
# What the largest sensors give. A JPEG is decoded at a fraction of that; of other kinds all of it comes into memory.
_MOST_PIXELS, _MOST_PIXELS_AT_ONCE = 210_000_000, 60_000_000
_FORMATS = ("JPEG", "PNG", "TIFF")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def is_photo(content: bytes) -> bool:
    """Tell a JPEG, PNG or HEIC file by its first bytes."""
    return content.startswith(_STARTS) or _is_heic(content)


def photos_as_pdf(photos: Sequence[bytes]) -> bytes:
    """Return one PDF with a page of A4 for each of `photos`, JPEG, PNG or HEIC files, in their order.

    Nothing of what a telephone writes into a photo (place, time, device) is kept. Raises UnreadableScan, ScanTooMuch,
    PhotoKindUnknown, with the `number` of the photo.
    """
    return drawn(_jpegs(photos))


def _jpegs(photos: Sequence[bytes]) -> Iterator[io.BytesIO]:
    for number, photo in enumerate(photos, 1):
        output = io.BytesIO()
        try:
            upright(opened(photo), _LONGEST_SIDE).save(output, "JPEG", quality=_QUALITY, optimize=True)
        except (SealingError, *BROKEN, *BROKEN_IMAGE) as error:
            fault = error if isinstance(error, SealingError) else UnreadableScan(type(error).__name__)
            fault.number = number
            raise fault from None
        output.seek(0)
        yield output


def opened(content: bytes) -> Image.Image:
    """Return the JPEG, PNG, TIFF or HEIC image in `content`, not decoded yet.

    Raises ScanTooMuch for too many pixels, PhotoKindUnknown, and what Pillow raises (`pages.BROKEN_IMAGE`).
    """
    formats = _FORMATS
    if _is_heic(content):
        try:
            import pi_heif
        except ImportError:
            raise PhotoKindUnknown("pi-heif is not installed") from None
        pi_heif.register_heif_opener()
        formats = ("HEIF",)
    # It is asked for its pixels here.
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(io.BytesIO(content), formats=formats)
    _check_pixels(image, _MOST_PIXELS)
    return image


def upright(image: Image.Image, side: int) -> Image.Image:
    """Return `image`, as `opened`, upright, without transparency, neither wider nor higher than `side` pixels.

    Raises as `opened`.
    """
    # Of a JPEG only as much is decoded as is wanted.
    image.draft("RGB", (side, side))
    _check_pixels(image, _MOST_PIXELS_AT_ONCE)
    image = plain(ImageOps.exif_transpose(image))
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _check_pixels(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise ScanTooMuch("an image of too many pixels")


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS
