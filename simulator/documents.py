"""Real small documents, made on the fly; the same words always give the same bytes."""

import io
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# reportlab brings no font with all Vietnamese letters; DejaVu is free and on most systems.
_FONT_FILE = "DejaVuSans.ttf"
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
_EMBEDDED = "DejaVuSans"
_WITHOUT_ACCENTS = "Helvetica"
_FOOTER = "Bản mô phỏng, không có giá trị pháp lý"
_BULK_OBJECTS = (
    b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
    b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n",
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]>>\nendobj\n",
)
_BULK_STREAM = b"4 0 obj\n<</Length %010d>>\nstream\n"
# reportlab keeps fonts and their subsets in globals; and two requests for one document make it once.
_making = threading.RLock()


def pdf(title: str, *lines: str) -> bytes:
    """Return a PDF of one A5 page with `title` and `lines`."""
    with _making:
        return _pdf(title, lines)


def jpeg(title: str, *lines: str) -> bytes:
    """Return a JPEG that looks like one side of a scanned card."""
    with _making:
        return _jpeg(title, lines)


def bulk_pdf(seed: str, size: int) -> bytes:
    """Return a PDF of `size` bytes with one empty page, other bytes for each `seed`; too few bytes only look like one.

    Not cached: it costs less than the copy into the socket.
    """
    head, end = f"%PDF-1.4\n% {seed}\n".encode(), b"\n%%EOF\n"
    # What fills it up is last, and belongs to no page; numbers have a fixed width, so that places can be told at once.
    objects = b"".join(_BULK_OBJECTS)
    room = size - len(head) - len(objects) - len(_BULK_STREAM % 0) - len(_bulk_end(head, 0))
    if room < 0:
        return b"".join((head, b"0" * max(0, size - len(head) - len(end)), end))
    return b"".join((head, objects, _BULK_STREAM % room, b"0" * room, _bulk_end(head, room)))


def _bulk_end(head: bytes, room: int) -> bytes:
    """Return what follows on the `room` bytes of the stream: the table of the objects' places, and its own."""
    stream_end = b"\nendstream\nendobj\n"
    sizes = [len(head), *map(len, _BULK_OBJECTS)]
    places = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    table_place = places[-1] + len(_BULK_STREAM % 0) + room + len(stream_end)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, rows)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (len(places) + 1, table_place)
    return stream_end + table + trailer


@lru_cache(maxsize=256)
def _pdf(title: str, lines: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    font = _pdf_font()
    # invariant: no time and no random id in the file.
    canvas = Canvas(buffer, pagesize=A5, invariant=1)
    canvas.setTitle(title)
    canvas.setFont(font, 13)
    canvas.drawString(40, A5[1] - 60, _printable(title))
    canvas.setFont(font, 10)
    for number, line in enumerate((*lines, _FOOTER)):
        canvas.drawString(40, A5[1] - 95 - 18 * number, _printable(line))
    canvas.save()
    return buffer.getvalue()


@lru_cache(maxsize=256)
def _jpeg(title: str, lines: tuple[str, ...]) -> bytes:
    image = Image.new("RGB", (640, 400), "#f4efe1")
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 8, 631, 391), outline="#b03030", width=3)
    path = _font_path()
    font = ImageFont.truetype(str(path), 20) if path else ImageFont.load_default()
    for number, line in enumerate((title, *lines, _FOOTER)):
        draw.text((30, 40 + 40 * number), _printable(line), fill="#303030", font=font)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def _font_path() -> Path | None:
    return next((path for folder in _FONT_FOLDERS for path in sorted(folder.rglob(_FONT_FILE))), None)


@lru_cache(maxsize=1)
def _pdf_font() -> str:
    path = _font_path()
    if path is None:
        return _WITHOUT_ACCENTS
    pdfmetrics.registerFont(TTFont(_EMBEDDED, str(path)))
    return _EMBEDDED


def _printable(text: str) -> str:
    if _font_path():
        return text
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in plain if not unicodedata.combining(char))
