"""Photos of a telephone made into one PDF: upright, and as large as somebody needs to read them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from .faults import SealingError, UnreadableScan, broken
from .images import BROKEN_IMAGE, is_heic, is_webp, opened, upright
from .pages import drawn

# A page of A4 at some 190 dpi: small print can be read, and a page is half a megabyte.
_LONGEST_SIDE = 2200
_QUALITY = 75
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def is_photo(content: bytes) -> bool:
    """Tell a JPEG, PNG, WebP or HEIC file by its first bytes."""
    return content.startswith(_STARTS) or is_webp(content) or is_heic(content)


def photos_as_pdf(photos: Sequence[bytes]) -> bytes:
    """Return one PDF with a page of A4 for each of `photos`, JPEG, PNG, WebP or HEIC files, in their order.

    Nothing of what a telephone writes into a photo (place, time, device) is kept. Raises UnreadableScan, ScanTooMuch,
    PhotoKindUnknown, with the `number` of the photo.
    """
    return drawn(_jpegs(photos))


def _jpegs(photos: Sequence[bytes]) -> Iterator[io.BytesIO]:
    for number, photo in enumerate(photos, 1):
        output = io.BytesIO()
        try:
            upright(opened(photo), _LONGEST_SIDE).save(output, "JPEG", quality=_QUALITY, optimize=True)
        except (SealingError, *broken(), *BROKEN_IMAGE) as error:
            fault = error if isinstance(error, SealingError) else UnreadableScan(type(error).__name__)
            fault.number = number
            raise fault from None
        output.seek(0)
        yield output
