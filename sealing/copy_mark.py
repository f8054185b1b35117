"""The mark of a certified copy in electronic form, as Decree 30/2020/NĐ-CP lays it down (Appendix I, copies).

At the top right of the first page: kind of copy, name of the agency, date and time with the zone of Vietnam; 10 pt,
upright, black, in a serif face of the measures of Times New Roman; no image. The code under which the copy is checked is
no part of the mark: it stands apart from it, in the margin at the bottom left.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .faults import UnreadableScan
from .images import FONT_FILE
from .pages import read_pdf, written

KINDS = {"copy": "Sao y", "excerpt": "Trích sao", "forwarded": "Sao lục"}
FONT, _SIZE, _LEADING = "LiberationSerif", 10, 12
_MARGIN = 8 * mm
# The mark takes at most this part of the page's width.
_WIDEST = 0.5
# In the left margin, which the decree wants 30 mm wide at the least: nothing of the paper is covered there.
_CODE_SIZE = 20 * mm
_CODE_WORDS, _CODE_WORDS_SIZE = "Quét để kiểm tra", 6
# On a smaller page, such as a card, it would stand on what is written.
_SMALLEST_WITH_CODE = 140 * mm
# Left, bottom, right and top, in units of 1/72 inch.
_Box = tuple[float, float, float, float]
_VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class CopyMark:
    """What the mark says: `kind` is a key of KINDS, `moment` an aware datetime.

    `check_address` is where whoever scans the code checks the copy; "" for a copy without a code.
    """

    kind: str
    agency: str
    moment: datetime
    check_address: str = ""

    def text(self) -> str:
        """Return the words of the mark. Raises KeyError for an unknown kind, ValueError for a naive moment."""
        if self.moment.tzinfo is None:
            raise ValueError("a time without a zone")
        local = self.moment.astimezone(_VIETNAM)
        return f"{KINDS[self.kind]}; {' '.join(self.agency.split())}; {local:%d/%m/%Y %H:%M:%S} +07:00"


def mark_copy(content: bytes, mark: CopyMark) -> bytes:
    """Return the PDF `content` with `mark` on its first page. Raises UnreadableScan, EncryptedScan, SignedScan."""
    writer = PdfWriter(clone_from=read_pdf(content))
    page = writer.pages[0]
    box, rotation = _seen(page), page.rotation % 360
    left, bottom, right, top = box
    sides = (right - left, top - bottom) if rotation in (0, 180) else (top - bottom, right - left)
    page.merge_transformed_page(_overlay(mark, *sides), _onto(box, rotation))
    return written(writer)


def _seen(page: PageObject) -> _Box:
    """Return which part of the page readers show (ISO 32000-1, 14.11.2). Raises UnreadableScan for a page without a size."""
    medium, crop = _sorted(page.mediabox), _sorted(page.cropbox)
    common = (*map(max, medium[:2], crop[:2]), *map(min, medium[2:], crop[2:]))
    seen = common if _has_size(common) else medium
    if not _has_size(seen):
        raise UnreadableScan("a page without a size")
    return seen


def _sorted(box: RectangleObject) -> _Box:
    # Some programs name other corners than the lower left and the upper right one.
    one, two, three, four = map(float, box)
    return min(one, three), min(two, four), max(one, three), max(two, four)


def _has_size(box: _Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]


def _overlay(mark: CopyMark, width: float, height: float) -> PageObject:
    """Return a page of the size that a reader sees, with nothing but the mark and the code on it."""
    register_font()
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=(width, height))
    canvas.setFont(FONT, _SIZE)
    canvas.setFillColorRGB(0, 0, 0)
    baseline = height - _MARGIN - _SIZE
    for line in simpleSplit(mark.text(), FONT, _SIZE, max(width * _WIDEST, 1)):
        canvas.drawRightString(width - _MARGIN, baseline, line)
        baseline -= _LEADING
    if mark.check_address and min(width, height) >= _SMALLEST_WITH_CODE:
        _draw_code(canvas, mark.check_address)
    canvas.save()
    return PdfReader(output).pages[0]


def _draw_code(canvas: Canvas, check_address: str) -> None:
    # Here alone: codes take longer to load than all else that copies need, and Odoo itself draws none.
    from reportlab.graphics.barcode.qr import QrCode

    QrCode(check_address, qrLevel="M", width=_CODE_SIZE, height=_CODE_SIZE).drawOn(canvas, _MARGIN, _MARGIN)
    canvas.setFont(FONT, _CODE_WORDS_SIZE)
    canvas.drawCentredString(_MARGIN + _CODE_SIZE / 2, _MARGIN - _CODE_WORDS_SIZE / 2, _CODE_WORDS)


def _onto(box: _Box, rotation: int) -> Transformation:
    """Return what brings the page as a reader sees it onto the page as it is stored, in `box` and `rotation` degrees."""
    left, bottom, right, top = box
    return Transformation(
        {
            0: (1, 0, 0, 1, left, bottom),
            90: (0, 1, -1, 0, right, bottom),
            180: (-1, 0, 0, -1, right, top),
            270: (0, -1, 1, 0, left, top),
        }[rotation]
    )


def register_font() -> None:
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, FONT_FILE))
