"""Pages as pictures, for whoever has to see a paper and must not open its file; in the child process alone."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from .faults import EncryptedScan, UnreadableScan
from .images import BROKEN_IMAGE, FONT_FILE, count_pages, is_pdf, opened, upright

# Sharp on a telephone of 360 points with 3 dots each; a page of A4 has 130 dpi then.
_WIDTH, _MOST_HEIGHT = 1080, 3240
_QUALITY = 70
_INK, _CLEAR = (160, 0, 0, 70), (0, 0, 0, 0)
_DEGREES = 45


def page_picture(content: bytes, page: int, word: str) -> tuple[bytes, int]:
    """Return page no. `page`, from 1, of a PDF or an image as a JPEG with `word` across it, and how many pages there are.

    No script in a PDF runs: the renderer has none to run it with. Raises UnreadableScan, EncryptedScan, ScanTooMuch.
    """
    image, page_count = _pdf_page(content, page) if is_pdf(content) else _image_page(content, page)
    output = io.BytesIO()
    _marked(image, word).save(output, "JPEG", quality=_QUALITY, optimize=True)
    return output.getvalue(), page_count


def _pdf_page(content: bytes, number: int) -> tuple[Image.Image, int]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise (EncryptedScan if "password" in str(error) else UnreadableScan)("not to be opened") from None
    # What is filled in belongs to what the paper says.
    document.init_forms()
    if not 1 <= number <= len(document):
        raise UnreadableScan("no such page")
    page = _seen(document, number - 1)
    width, height = page.get_size()
    scale = min(_WIDTH / max(width, 1), _MOST_HEIGHT / max(height, 1))
    return page.render(scale=scale).to_pil().convert("RGB"), len(document)


def _seen(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """Return a page as readers show it: as a whole where its box of what to show lies outside of it."""
    page = document[index]
    if not all(page.get_size()):
        page.set_cropbox(*page.get_mediabox())
        page = document[index]
    return page


def _image_page(content: bytes, number: int) -> tuple[Image.Image, int]:
    try:
        image = opened(content)
        page_count = count_pages(image)
        if not 1 <= number <= page_count:
            raise UnreadableScan("no such page")
        image.seek(number - 1)
        image = upright(image, _MOST_HEIGHT)
    except BROKEN_IMAGE as error:
        raise UnreadableScan(type(error).__name__) from None
    image.thumbnail((_WIDTH, _MOST_HEIGHT), Image.Resampling.LANCZOS)
    return image, page_count


def _marked(image: Image.Image, word: str) -> Image.Image:
    """Return `image` with `word` across it twice, which leaves legible what is below."""
    font = ImageFont.truetype(str(FONT_FILE), max(8, min(image.size) // 6))
    left, top, right, bottom = font.getbbox(word)
    layer = Image.new("RGBA", (right - left, bottom - top), _CLEAR)
    ImageDraw.Draw(layer).text((-left, -top), word, font=font, fill=_INK)
    layer = layer.rotate(_DEGREES, Image.Resampling.BICUBIC, expand=True)
    paper = image.convert("RGBA")
    for quarter in (1, 3):
        corner = ((image.width - layer.width) // 2, image.height * quarter // 4 - layer.height // 2)
        paper.alpha_composite(layer, tuple(max(0, place) for place in corner))
    return paper.convert("RGB")
