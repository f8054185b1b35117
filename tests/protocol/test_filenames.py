import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.filenames import (
    ASICE,
    ASICS,
    DOCX,
    PDF,
    PNG,
    XLSX,
    ZIP,
    disposed_name,
    fitting,
    mimetype_of,
    name_in_link,
    safe_name,
    upload_stamp,
    with_extension,
)

BIRTH = "Giấy khai sinh.pdf"
IN_BASE64 = "=?UTF-8?B?R2nhuqV5IGtoYWkgc2luaC5wZGY=?="
PERCENT = "Gi%E1%BA%A5y%20khai%20sinh.pdf"


def bare(text):
    """Return the header as HTTP engines hand on bytes that stand in it bare."""
    return text.encode().decode("latin-1")


# Proves W.4-4.
@pytest.mark.parametrize(
    ("header", "name"),
    [
        (bare(f'attachment; filename="{BIRTH}"'), BIRTH),
        (bare(f"attachment;filename={BIRTH}"), BIRTH),
        ('attachment; filename="1+2 (50%).pdf"', "1+2 (50%).pdf"),
        (f"inline; filename*=UTF-8''{PERCENT}", BIRTH),
        (f"attachment; filename=\"giay.pdf\"; filename*=utf-8'vi'{PERCENT}", BIRTH),
        (f'ATTACHMENT; FileName="{IN_BASE64}"', BIRTH),
        (f'attachment; filename="{PERCENT}"', BIRTH),
        (bare(unicodedata.normalize("NFD", f'attachment; filename="{BIRTH}"')), BIRTH),
        ('attachment; filename="Gi\xcay khai sinh.pdf"', BIRTH),
        (bare(f"attachment; filename='{BIRTH}'"), BIRTH),
        (bare(f'attachment; filename="{BIRTH}", attachment; filename="x.pdf"'), BIRTH),
        ('attachment; filename="Gi%E1%BA%A5y+khai+sinh.pdf"', BIRTH),
        ("attachment; filename*=UTF-8''Gi%E1%BA%A5y+khai+sinh.pdf", BIRTH),
        ("attachment; filename*=UTF-8''a%2Bb.pdf", "a+b.pdf"),
        ('attachment; filename="a+b.pdf"', "a+b.pdf"),
        # Encoded twice; letters as numbers of HTML; letters that are lost.
        (bare(bare(f'attachment; filename="{BIRTH}"')), BIRTH),
        ('attachment; filename="Gi&#7845;y khai sinh.pdf"', BIRTH),
        (bare('attachment; filename="Gi\ufffdy khai sinh.pdf"'), ""),
        ('attachment; filename="a;b \\"c\\".pdf"', 'a;b "c".pdf'),
        ('attachment; filename="../../etc/passwd"', "_.._etc_passwd"),
        ('attachment; filename="\xff\xfe"', ""),
        ("attachment; filename*=no-such-charset''a.pdf", ""),
        ("attachment; filename*=UTF-8''%FF%FE", ""),
        ('attachment; filename="=?no-such?B?!!!?="', ""),
        ('attachment; filename=""', ""),
        ("attachment", ""),
        ("", ""),
        (";;==;", ""),
        ("attachment; filename*=UTF-8''a.pdf; filename*0=b", ""),
        ('attachment; filename="=?utf-8?b?A?="', ""),
        ("attachment; filename=" + "a" * 9999, "a" * 150),
    ],
)
def test_the_name_that_comes_with_a_file(header, name):
    assert disposed_name(header) == name


@given(st.text(max_size=200))
def test_every_header_is_survived(header):
    disposed_name("attachment; filename=" + header)
    disposed_name(header)


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://a.vn/download/124.pdf", "124"),
        ("https://a.vn/download/124.2026", "124.2026"),
        (
            f"http://IP-SS:8080/VXPAdapter/RestService/forward/d/{PERCENT}?dstcode=a&providerurl=https://b.vn",
            "Giấy khai sinh",
        ),
        (
            "https://a.vn/x/0f8fad5b-d9cb-469f-a165-70867728950e?t=1&download=true",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ),
        ("https://a.vn/x/%2e%2e%2fa.pdf", "_a"),
        ("https://a.vn/x/%ff%fe", "document"),
        ("https://a.vn/", "document"),
        ("https://a.vn", "document"),
        ("no link", "document"),
        ("https://x/\ud800.pdf", "document"),
    ],
)
def test_the_name_in_a_link(link, name):
    assert name_in_link(link) == name


@pytest.mark.parametrize(
    ("name", "fitted"),
    [("a.pdf", "a.png"), ("a.zip", "a.png"), ("a", "a.png"), ("a.PNG", "a.PNG"), ("a.2024", "a.2024.png")],
)
def test_an_extension_that_claims_another_kind_is_replaced(name, fitted):
    assert fitting(name, PNG) == fitted


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("1662977948612_QĐXP Lê Thành Bắc_signed.pdf", "1662977948612_QĐXP Lê Thành Bắc_signed.pdf"),
        (unicodedata.normalize("NFD", "Giấy tờ.pdf"), "Giấy tờ.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\a.pdf", "C:_Users_a.pdf"),
        ("...hidden.pdf", "hidden.pdf"),
        (" . .a.pdf. ", "a.pdf"),
        ("a\r\n\tb\x00\x7f.pdf", "a b.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe"),
        ("a\u200b\ud800\u2028b", "ab"),
        ("", "document"),
        (" ./\\ ", "document"),
        ("\u202e", "document"),
        (None, "document"),
        (7, "document"),
        ("a" * 200 + ".pdf", "a" * 146 + ".pdf"),
        ("a" * 200, "a" * 150),
        ("a." + "b" * 200, "a." + "b" * 148),
        ("đ" * 145 + "   .jpeg", "đ" * 145 + ".jpeg"),
    ],
)
def test_safe_name(raw, name):
    assert safe_name(raw) == name


def test_the_fallback_is_the_callers():
    assert safe_name("///", "giấy tờ") == "giấy tờ"


@given(st.text(max_size=300))
def test_every_name_is_safe(raw):
    name = safe_name(raw)
    assert 0 < len(name) <= 150
    assert not set(name) & set("/\\")
    assert all(char.isprintable() for char in name)
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("a.PDF", PDF),
        ("a.b.png", PNG),
        ("a.asice", ASICE),
        ("a.sce", ASICE),
        ("a.asics", ASICS),
        ("a.scs", ASICS),
        ("a.txt", None),
        ("pdf", None),
        (".pdf", None),
        ("a.", None),
    ],
)
def test_what_a_name_claims(name, mimetype):
    assert mimetype_of(name) == mimetype


@pytest.mark.parametrize(
    ("name", "mimetype", "full"),
    [
        ("a.pdf", PDF, "a.pdf"),
        ("a", PDF, "a.pdf"),
        ("Quyết định 12.2024", PDF, "Quyết định 12.2024.pdf"),
        ("a.zip", PDF, "a.zip"),
        # They are zips, and documents, which no program opens under another name.
        ("Tờ trình.odt", ZIP, "Tờ trình.odt"),
        ("Tờ trình.ODS", ZIP, "Tờ trình.ODS"),
        ("Tờ trình.docm", DOCX, "Tờ trình.docm"),
        ("Bảng kê.xlsb", XLSX, "Bảng kê.xlsb"),
        # Templates, shows, and what has macros, too.
        ("Mẫu.ott", ZIP, "Mẫu.ott"),
        ("Trình chiếu.pptm", ZIP, "Trình chiếu.pptm"),
        ("Mẫu.dotm", DOCX, "Mẫu.dotm"),
        ("Mẫu.xltm", XLSX, "Mẫu.xltm"),
        ("Tờ trình.odt", PNG, "Tờ trình.odt.png"),
        ("Bảng kê.xlsb", ZIP, "Bảng kê.xlsb.zip"),
        ("a", "text/plain", "a"),
        ("a" * 150, PNG, "a" * 146 + ".png"),
    ],
)
def test_an_extension_is_added_where_none_says_anything(name, mimetype, full):
    assert with_extension(name, mimetype) == full


@pytest.mark.parametrize(
    ("name", "stamp"),
    [
        ("1662977948612_QĐXP.pdf", 1662977948612),
        ("1662977948612-a.pdf", 1662977948612),
        ("166297794861_a.pdf", None),
        ("16629779486120_a.pdf", None),
        ("a_1662977948612_.pdf", None),
        ("1662977948612.pdf", None),
    ],
)
def test_when_a_file_was_uploaded(name, stamp):
    assert upload_stamp(name) == stamp


def test_a_container_may_be_called_a_zip():
    assert fitting("hoso.zip", ASICE) == "hoso.zip"
