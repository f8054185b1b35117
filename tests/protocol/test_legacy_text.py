import unicodedata
from urllib.parse import quote

import pytest

from protocol.legacy_text import decoded, repaired

NAMES = [
    "Giấy khai sinh.pdf",
    "Quyết định số 12.pdf",
    "CCCD mặt trước.jpg",
    "Hộ khẩu - Đặng Thị Thuỳ Dương.pdf",
    "Đơn.pdf",
]
# As fonts of the time showed them.
TCVN3 = {
    "Céng hßa x· héi chñ nghÜa ViÖt Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
    "GiÊy khai sinh.pdf": "Giấy khai sinh.pdf",
    "ch÷ ký.pdf": "chữ ký.pdf",
    "®¬n xin cÊp phÐp.pdf": "đơn xin cấp phép.pdf",
}


def in_windows_1258(text):
    # Letters with a tone are two signs there, except those that Latin has too.
    marks = "\u0300\u0301\u0303\u0309\u0323"
    encoded = b""
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in marks)
        letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in marks))
        encoded += (letter + tones).encode("cp1258")
    return encoded


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_and_windows_1258_are_read(name, form):
    assert decoded(unicodedata.normalize(form, name).encode()) == name
    assert decoded(in_windows_1258(name)) == name


# Proves W.4-4.
@pytest.mark.parametrize(("as_latin", "meant"), TCVN3.items())
def test_the_old_fonts_are_read(as_latin, meant):
    assert decoded(as_latin.encode("latin-1")) == meant
    assert repaired(as_latin) == meant


@pytest.mark.parametrize(
    "raw",
    [
        b"b\xe9.pdf",
        "Straße.pdf".encode("latin-1"),
        "Müller.pdf".encode("latin-1"),
        "документ".encode("cp1251"),
        b"\xff\xfe\x00",
    ],
)
def test_what_cannot_be_told_is_refused(raw):
    assert decoded(raw) == ""


@pytest.mark.parametrize("name", NAMES)
def test_letters_that_were_encoded_are_read(name):
    assert repaired(quote(name)) == name
    assert repaired("".join(char if char.isascii() else f"&#{ord(char)};" for char in name)) == name
    assert repaired("".join(char if char.isascii() else f"&#x{ord(char):x};" for char in name)) == name


@pytest.mark.parametrize("text", ["Gi\ufffdy khai sinh.pdf", "%E1%BA%A5%E1.pdf"])
def test_letters_that_are_lost_are_not_kept(text):
    assert repaired(text) == ""


@pytest.mark.parametrize("name", NAMES)
def test_utf_8_that_was_read_as_latin_is_repaired(name):
    assert repaired(name.encode().decode("latin-1")) == name


@pytest.mark.parametrize(
    "text",
    [
        *NAMES,
        "a.pdf",
        "",
        "Müller.pdf",
        "bé.pdf",
        "100%25 of 5%.pdf",
        "A&B;#1.pdf",
        "a+b%20c.pdf",
        "Microsoft® Word.pdf",
        "10×20 cm.pdf",
        "A×B.pdf",
        "документ.pdf",
        "出生証明書.pdf",
        "Peña ©2024.pdf",
    ],
)
def test_text_without_a_trace_of_it_stays(text):
    assert repaired(text) == text
