"""Whom a paper names beside its owner."""

import unicodedata

import pytest

from inspection.naming import MOST_NAMES, others_named

AN, NUMBER = "Nguyễn Thị An", "000190000011"
BINH = "TRẦN VĂN BÌNH"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_another_holder_is_named_as_the_paper_writes_it(form):
    text = unicodedata.normalize(form, f"PHIẾU LÝ LỊCH TƯ PHÁP\nHọ và tên: {BINH}\nGiới tính: Nam")
    assert others_named(AN, NUMBER, [None, text]) == (BINH,)


def test_the_owner_is_nobody_else():
    for written in (AN, AN.upper(), "NGUYEN THI AN", "Nguyễn Thị Ann"):
        assert others_named(AN, NUMBER, [f"Họ và tên: {written}\n"]) == ()


def test_an_owner_in_a_longer_form_is_nobody_else():
    text = "Tên công ty: CÔNG TY TRÁCH NHIỆM HỮU HẠN HAI BA\n"
    assert others_named("Công ty TNHH Hai Ba", "0100000001", [text]) == ()


def test_family_beside_the_owner_is_named_and_officials_are_not():
    text = f"Họ và tên: {AN}\nHọ và tên cha: {BINH}\nNgười ký\nHọ và tên: LÊ VĂN KÝ\n"
    assert others_named(AN, NUMBER, [text]) == (BINH,)


def test_each_once_and_not_too_many():
    families = ["Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"]
    text = "\n".join(f"Họ và tên: {family} Quốc Khánh Số" for family in families * 2)
    found = others_named(AN, NUMBER, [text])
    assert len(found) == len(set(found)) == MOST_NAMES


def test_an_organisation_and_a_name_without_marks():
    assert others_named("Công ty TNHH Một", "0100000001", ["Tên công ty: CÔNG TY CỔ PHẦN HAI BA\n"]) == (
        "CÔNG TY CỔ PHẦN HAI BA",
    )
    assert others_named(AN, NUMBER, ["Ho va ten: TRAN VAN BINH\n"]) == ("TRAN VAN BINH",)


@pytest.mark.parametrize(
    "text", ["", "\x00" * 5000, "Họ và tên: ", "Họ và tên: " * 5000, "\ud800Họ và tên: \ud800\ud801 x"]
)
def test_odd_texts_are_no_fault(text):
    others_named(AN, NUMBER, [text])
    others_named("", "", [text])
