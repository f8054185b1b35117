"""Images as they come, opened within limits; what a picture of a page needs, and nothing that PDFs are made with."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from .faults import PhotoKindUnknown, ScanTooMuch

FONT_FILE = Path(__file__).parent / "fonts" / "LiberationSerif-Regular.ttf"
# What Pillow raises on broken images.
BROKEN_IMAGE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
_PDF_WITHIN = 1024
_IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*")
# What the largest sensors give. A JPEG is decoded at a fraction of that; of other kinds all of it comes into memory.
_MOST_PIXELS, _MOST_PIXELS_AT_ONCE = 210_000_000, 60_000_000
_GREYS = 1 << 16
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def is_pdf(scan: bytes) -> bool:
    """Tell a PDF; what begins as an image is one, whatever stands further on: the gate has looked at it as such."""
    return b"%PDF-" in scan[:_PDF_WITHIN] and not scan.startswith(_IMAGE_STARTS)


def plain(image: Image.Image) -> Image.Image:
    """Return `image` in black, greys or colours of 8 bits and without transparency: what shows through on a page is paper.

    Raises ValueError for shades of which nobody knows which is white.
    """
    if image.mode.startswith(("I", "F")):
        image = _greys(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")


def _greys(image: Image.Image) -> Image.Image:
    """Return greys of 16 bits as such of 8. Pillow has all that are beyond the 8 white: a page of it would be empty."""
    greys = image.convert("I")
    low, high = greys.getextrema()
    if image.mode == "F" or low < 0 or high >= _GREYS:
        raise ValueError("more shades than scanners have")
    return greys.point(lambda grey: grey * (1 / 256)).convert("L")


def opened(content: bytes) -> Image.Image:
    """Return the JPEG, PNG, TIFF, WebP or HEIC image in `content`, not decoded yet.

    Raises ScanTooMuch for too many pixels, PhotoKindUnknown, and what Pillow raises (`BROKEN_IMAGE`).
    """
    formats = _FORMATS
    if is_heic(content):
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
    check_decoded(image)
    image = plain(ImageOps.exif_transpose(image))
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def check_decoded(image: Image.Image) -> None:
    """Raise ScanTooMuch for `image`, one page of a file, where it is too much to be in memory as a whole."""
    _check_pixels(image, _MOST_PIXELS_AT_ONCE)


def _check_pixels(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise ScanTooMuch("an image of too many pixels")


def is_heic(content: bytes) -> bool:
    """Tell a HEIC file by its first bytes."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS


def is_webp(content: bytes) -> bool:
    """Tell a WebP file by its first bytes: what messengers make of photos."""
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def count_pages(image: Image.Image) -> int:
    """Return how many pages `image` has: behind other pictures than a TIFF stands what moves, or what a phone needs itself."""
    return image.n_frames if image.format == "TIFF" else 1
