"""What clerks get on paper."""

import io

from documents import ROOT
from lib.browser import browser
from pypdf import PdfReader


# Proves J.6-1.
def test_the_clerks_guide_is_two_sheets_of_paper(tmp_path):
    with browser(tmp_path) as new_page:
        page = new_page(1000, 1400)
        page.open((ROOT / "docs/clerk.vi.html").as_uri())
        printed = PdfReader(io.BytesIO(page.print(preferCSSPageSize=True)))
        broken = page.evaluate("[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)")
    assert not broken
    first, second = printed.pages
    assert [round(float(side)) for side in first.mediabox[2:]] == [595, 842]
    keys = second.extract_text()
    # What a key does elsewhere than in its own title is named on this page alone.
    assert all(key in keys for key in ("Alt+Q", "Alt+S", "Alt+X", "Alt+R", "Page Up, Page Down", "Esc"))
