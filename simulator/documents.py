"""Real small documents, made on the fly; the same title always gives the same bytes."""

import io
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# Fonts with Vietnamese letters as Debian installs them; without any, accents are dropped.
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
)


@lru_cache(maxsize=256)
def pdf(title: str, *lines: str) -> bytes:
    """Return a one-page PDF with `title` and `lines`."""
    buffer = io.BytesIO()
    font = _font()
    canvas = Canvas(buffer, pagesize=A5, invariant=1)
    canvas.setTitle(title)
    canvas.setFont(font, 13)
    canvas.drawString(40, A5[1] - 60, _printable(title, font))
    canvas.setFont(font, 10)
    for number, line in enumerate((*lines, "Bản mô phỏng, không có giá trị pháp lý")):
        canvas.drawString(40, A5[1] - 95 - 18 * number, _printable(line, font))
    canvas.save()
    return buffer.getvalue()


@lru_cache(maxsize=256)
def jpeg(title: str) -> bytes:
    """Return a small JPEG that looks like a scanned card."""
    image = Image.new("RGB", (480, 300), "#f4efe1")
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 8, 471, 291), outline="#b03030", width=3)
    draw.text((30, 40), _without_accents(title), fill="#303030")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@lru_cache(maxsize=64)
def bulk_pdf(seed: str, size: int) -> bytes:
    """Return `size` bytes that begin and end as a PDF; different for each `seed`, cheap to make."""
    head, tail = f"%PDF-1.4\n% {seed}\n".encode(), b"\n%%EOF\n"
    return head + b"0" * max(0, size - len(head) - len(tail)) + tail


@lru_cache(maxsize=1)
def _font() -> str:
    for path in _FONTS:
        if Path(path).exists():
            pdfmetrics.registerFont(TTFont("Vietnamese", path))
            return "Vietnamese"
    return "Helvetica"


def _printable(text: str, font: str) -> str:
    return text if font == "Vietnamese" else _without_accents(text)


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in plain if not unicodedata.combining(char))
