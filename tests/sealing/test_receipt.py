"""The receipt of an application, drawn for whatever people and other offices wrote."""

import io

import pytest
from pypdf import PdfReader

from sealing.receipt import Entry, receipt_pdf


def _pages(facts=(), entries=()):
    content = receipt_pdf("Giấy xác nhận", facts, [("Giấy tờ đã nộp", entries)], "H46-261128-00001")
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_it_says_who_and_what():
    [page] = _pages(
        [("Chủ hồ sơ", "Nguyễn Thị An")], [Entry("Phiếu lý lịch tư pháp", ["Từ kho quốc gia", "Phiếu.pdf"])]
    )
    for words in ("Giấy xác nhận", "Chủ hồ sơ: Nguyễn Thị An", "Phiếu lý lịch tư pháp", "Từ kho quốc gia", "Phiếu.pdf"):
        assert words in page
    assert page.startswith("H46-261128-00001 · 1")


@pytest.mark.parametrize(
    "words", ["<b>Đơn</b> & <para>", "&#0; <img src='http://127.0.0.1:1/x'/>", "a\u202eb\u0007c", "😀"]
)
def test_what_others_wrote_is_no_markup(words):
    [page] = _pages([("Thủ tục", words)], [Entry(words, [words])])
    assert "Giấy tờ đã nộp" in page
    if words.isprintable() and words.isascii():
        assert page.count(" ".join(words.split())) == 3


def test_it_breaks_anywhere():
    pages = _pages([("Thủ tục", "x" * 20_000)], [Entry(f"Giấy tờ {number}", ["y" * 3000] * 3) for number in range(30)])
    assert len(pages) > 20
    assert "Giấy tờ 29" in " ".join(pages)
    assert pages[-1].startswith(f"H46-261128-00001 · {len(pages)}")
