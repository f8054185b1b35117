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


def test_a_page_ends_neither_behind_a_heading_nor_within_what_names_a_thing():
    name = "Bản sao có chứng thực văn bằng chuyên môn " * 4
    for count in range(14, 30):
        entries = [Entry(f"Begin {number} {name} End", ["line of it", "another"]) for number in range(count)]
        sections = [("Heading one", entries[: count // 2]), ("Heading two", entries[count // 2 :])]
        pages = PdfReader(io.BytesIO(receipt_pdf("Title", [], sections, "foot"))).pages
        for page in pages:
            text = " ".join(page.extract_text().split())
            assert text.count("End") == text.count("line of it") == text.count("Begin") > 0
            for heading in text.split("Heading ")[1:]:
                assert "Begin" in heading


def test_a_name_that_is_longer_than_a_page_breaks():
    content = receipt_pdf("Title", [], [("Heading", [Entry("Giấy tờ " * 3000, ["line"])]), ("None", [])], "foot")
    assert len(PdfReader(io.BytesIO(content)).pages) > 3
