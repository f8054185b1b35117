"""A receipt or slip on pages of A4: facts, then things under headings, each with lines of its own; it breaks anywhere."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from .copy_mark import FONT, register_font

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Paragraph

_MARGIN, _FOOT, _FOOT_SIZE = 25 * mm, 12 * mm, 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing, such as what was submitted, and lines about it."""

    name: str
    lines: Iterable[str]


def receipt_pdf(
    title: str, facts: Iterable[tuple[str, str]], sections: Iterable[tuple[str, Iterable[Entry]]], foot: str
) -> bytes:
    """Return the PDF; `facts` are pairs of what it is and what it says, `sections` of a heading and what stands under it;
    `foot` stands on each page before its number."""
    # Here and below alone: it takes long to load, and few processes make one.
    from reportlab.platypus import KeepTogether, SimpleDocTemplate

    register_font()
    styles = {
        name: ParagraphStyle(
            name,
            fontName=FONT,
            fontSize=size,
            leading=size * 1.35,
            spaceBefore=before,
            leftIndent=indent,
            splitLongWords=1,
        )
        for name, size, before, indent in (
            ("title", 17, 0, 0),
            ("fact", 11, 3, 0),
            ("heading", 14, 16, 0),
            ("entry", 12, 9, 0),
            ("line", 10, 1, 6 * mm),
        )
    }
    story = [_paragraph(title, styles["title"])]
    story += [_paragraph(f"{label}: {value}", styles["fact"]) for label, value in facts]
    for heading, entries in sections:
        above = [_paragraph(heading, styles["heading"])]
        for entry in entries:
            lines = [_paragraph(line, styles["line"]) for line in entry.lines]
            # A page ends neither behind a heading nor within what names a thing.
            story.append(KeepTogether([*above, _paragraph(entry.name, styles["entry"]), *lines[:1]]))
            story += lines[1:]
            above = []
        story += above
    output = io.BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
    )

    def draw_foot(canvas: Canvas, page: BaseDocTemplate) -> None:
        canvas.setFont(FONT, _FOOT_SIZE)
        canvas.drawString(_MARGIN, _FOOT, f"{foot} · {page.page}")

    document.build(story, onFirstPage=draw_foot, onLaterPages=draw_foot)
    return output.getvalue()


def _paragraph(words: str, style: ParagraphStyle) -> Paragraph:
    from reportlab.platypus import Paragraph

    # What people and other offices typed is no markup, and breaks where it has no spaces, too.
    return Paragraph(escape(words), style)
