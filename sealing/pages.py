"""Scans made into one PDF: a PDF as it is, images on pages of A4."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator

from PIL import Image, ImageOps, ImageSequence
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from .faults import EncryptedScan, PhotoKindUnknown, ScanTooMuch, SignedScan, UnreadableScan, broken
from .images import BROKEN_IMAGE, check_decoded, count_pages, is_pdf, opened, plain

MOST_PAGES = 2000
_ORIENTATION = 0x0112


def as_pdf(scans: Iterable[bytes]) -> bytes:
    """Return one PDF with the pages of `scans`, contents of PDF, JPEG, PNG, TIFF, WebP or HEIC files, in their order.

    Raises UnreadableScan, EncryptedScan, SignedScan, ScanTooMuch.
    """
    writer = PdfWriter()
    for scan in scans:
        reader = read_pdf(scan if is_pdf(scan) else _image_as_pdf(scan))
        if len(writer.pages) + len(reader.pages) > MOST_PAGES:
            raise ScanTooMuch(f"more than {MOST_PAGES} pages")
        writer.append(reader, import_outline=False)
    if not writer.pages:
        raise UnreadableScan("no page at all")
    return written(writer)


def read_pdf(content: bytes) -> PdfReader:
    """Return a reader of the PDF `content` that nobody has signed. Raises UnreadableScan, EncryptedScan, SignedScan."""
    try:
        reader = PdfReader(io.BytesIO(content))
        # Many scanners and writers only forbid something to programs that let themselves be forbidden: no password opens it.
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedScan("the PDF wants a password")
        if _is_signed(reader):
            raise SignedScan("the PDF is signed")
        reader.pages[0]
    except broken() as error:
        raise UnreadableScan(type(error).__name__) from None
    return reader


def written(writer: PdfWriter) -> bytes:
    """Return the bytes of `writer`."""
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _is_signed(reader: PdfReader) -> bool:
    fields = reader.get_fields() or {}
    return any(field.get("/FT") == "/Sig" and field.get("/V") is not None for field in fields.values())


def _image_as_pdf(content: bytes) -> bytes:
    try:
        return drawn(_pages(content))
    except (PhotoKindUnknown, *BROKEN_IMAGE) as error:
        raise UnreadableScan(type(error).__name__) from None


def drawn(pages: Iterable[Image.Image | io.BytesIO]) -> bytes:
    """Return a PDF with each of `pages`, images or contents of JPEG files, on a page of A4.

    Raises ScanTooMuch for more than MOST_PAGES, and what reading an image raises.
    """
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=A4, pageCompression=1)
    for number, page in enumerate(pages):
        if number == MOST_PAGES:
            raise ScanTooMuch(f"more than {MOST_PAGES} pages")
        _draw(canvas, page)
    canvas.save()
    return output.getvalue()


def _pages(content: bytes) -> Iterator[Image.Image]:
    """Yield the pages of an image; of a JPEG that stands upright its own bytes are kept."""
    image = opened(content)
    for frame in itertools.islice(ImageSequence.Iterator(image), count_pages(image)):
        if image.format == "JPEG" and frame.getexif().get(_ORIENTATION, 1) == 1:
            yield io.BytesIO(content)
        else:
            check_decoded(frame)
            yield plain(ImageOps.exif_transpose(frame))


def _draw(canvas: Canvas, page: Image.Image | io.BytesIO) -> None:
    image = ImageReader(page)
    width, height = image.getSize()
    paper = landscape(A4) if width > height else A4
    scale = min(paper[0] / width, paper[1] / height)
    canvas.setPageSize(paper)
    left, bottom = (paper[0] - width * scale) / 2, (paper[1] - height * scale) / 2
    canvas.drawImage(image, left, bottom, width * scale, height * scale)
    canvas.showPage()
