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
    """Return `size` bytes that begin and end as a PDF, others for each `seed`.

    Not cached: it costs less than the copy into the socket.
    """
    head, tail = f"%PDF-1.4\n% {seed}\n".encode(), b"\n%%EOF\n"
    return b"".join((head, b"0" * max(0, size - len(head) - len(tail)), tail))


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
