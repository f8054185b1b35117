"""Names of files that people read, and the order of the sides of a card."""

import itertools

import pytest

from protocol.filenames import JPEG, PDF, ZIP
from protocol.readable_names import (
    BACK,
    FRONT,
    MOST_BYTES,
    numbered_name,
    readable_name,
    side_of,
    sides_and_places,
)


def test_the_paper_and_who_issued_it():
    name = readable_name("Phiếu lý lịch tư pháp số 1", "UBND tỉnh Hà Giang", PDF, "1762977948612_x_signed.pdf")
    assert name == "Phiếu lý lịch tư pháp số 1 – UBND tỉnh Hà Giang.pdf"


def test_what_no_file_may_have_in_its_name_goes():
    assert readable_name("Giấy phép 12/GP-UBND\n", "Sở\\X: <a>", PDF) == "Giấy phép 12-GP-UBND – Sở-X- -a.pdf"
    assert readable_name("../../etc", "", PDF) == "etc.pdf"
    assert readable_name("Giấy\u202efdp.exe", "A", PDF) == "Giấyfdp.exe – A.pdf"
    assert readable_name("Quyết định.pdf", "A", PDF) == "Quyết định – A.pdf"
    assert readable_name("", "", PDF) == "document.pdf"
    assert readable_name("///", "", JPEG, "a.JPEG") == "document.jpeg"


def test_the_kind_is_that_of_the_content():
    assert readable_name("Thẻ", "A", JPEG, "the.pdf") == "Thẻ – A.jpg"
    # A zip as well, which opens under its own name only.
    assert readable_name("Tờ trình", "A", ZIP, "to-trinh.ODT") == "Tờ trình – A.odt"
    assert readable_name("Tờ trình", "A", JPEG, "to-trinh.odt") == "Tờ trình – A.jpg"
    assert readable_name("Thẻ", "A", "application/x-unheard-of", "the.bin") == "Thẻ – A"


@pytest.mark.parametrize("letter", ["a", "ế", "𝔛", "/"])
def test_no_name_is_longer_than_a_disk_takes(letter):
    name = readable_name(letter * 3000, letter * 3000, PDF, "a.pdf", " – mặt trước")
    assert len(name.encode()) <= MOST_BYTES
    assert name.endswith(" – mặt trước.pdf") or letter == "/"
    assert "\ufffd" not in name


def test_a_name_that_is_taken_gets_a_number():
    assert numbered_name("Thẻ – A.jpg", 2) == "Thẻ – A (2).jpg"
    assert numbered_name("Thẻ", 3) == "Thẻ (3)"


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("CCCD mặt trước.jpg", "CCCD mặt sau.jpg"),
        ("mat_truoc.jpg", "mat_sau.jpg"),
        ("MATTRUOC.JPG", "MATSAU.JPG"),
        ("card-front.png", "card-back.png"),
        ("1662977948612_cccd_truoc.jpg", "1662977948613_cccd_sau.jpg"),
    ],
)
def test_the_front_stands_first(front, back):
    assert (side_of(front), side_of(back)) == (FRONT, BACK)
    assert sides_and_places([back, front]) == [(BACK, 1), (FRONT, 0)]
    assert sides_and_places([front, back]) == [(FRONT, 0), (BACK, 1)]


def test_numbers_at_the_end_tell_the_order_of_what_is_named_alike():
    assert sides_and_places(["the_2.jpg", "the_1.jpg"]) == [("", 1), ("", 0)]
    assert sides_and_places(["Thẻ – A (2).jpg", "Thẻ – A.jpg"]) == [("", 1), ("", 0)]
    for names in itertools.permutations(["scan 10.jpg", "scan 9.jpg", "scan 11.jpg"]):
        order = sorted(range(3), key=lambda at, names=names: sides_and_places(names)[at][1])
        assert [names[at] for at in order] == ["scan 9.jpg", "scan 10.jpg", "scan 11.jpg"]


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["a.pdf"],
        ["don 2.pdf", "phieu 1.pdf"],
        ["same.jpg", "same.jpg"],
        ["mặt trước.jpg", "mặt trước.jpg"],
        ["trước và sau.jpg", "x.jpg"],
        ["", "\x00"],
    ],
)
def test_else_the_order_of_the_answer_stays(names):
    assert sides_and_places(names) == [("", place) for place in range(len(names))]
