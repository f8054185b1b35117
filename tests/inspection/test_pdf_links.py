"""Where the links of a PDF lead: to a page of the web, or to a file or a program of who clicks on them."""

import pytest
from office_pdfs import Writer
from test_pdf_hidden import _file, _found

LINK = b"<</Type/Annot/Subtype/Link/A<</S/URI/URI%s>>>>"


def _linked(address):
    return _file(page=b"/Annots[8 0 R]", others={8: LINK % address})


@pytest.mark.parametrize(
    "address",
    [
        b"(file:///C:/Windows/System32/calc.exe)",
        b"(FILE:a.exe)",
        b"(smb://server/a.pdf)",
        b"(\\\\\\\\server\\\\share\\\\a.exe)",
        b"(//server/share/a.exe)",
        b"(\\\\/server/a.exe)",
        b"(C:\\\\a.exe)",
        b"(c:/a.exe)",
        # Programs that registered a kind of address.
        b"(ms-msdt:/id PCWDiagnostic)",
        b"(search-ms: query=a)",
        b"(microsoft.windows.camera:)",
        b"(file:1.exe)",
        b"(C:1.exe)",
        # As browsers understand it.
        b"( \\tfi\\nle:///a.exe)",
        b"(\\146ile:///a.exe)",
        b"<66696C653A2F2F2F61>",
        b"<FEFF00660069006C0065003A0061>",
        b"<FEFF00660069006C0065003AD800>",
        b" 9 0 R",
    ],
)
def test_links_that_open_files_or_start_programs_are_marked(address):
    content = _file(page=b"/Annots[8 0 R]", others={8: LINK % address, 9: b"(file:///a.exe)"})
    assert _found(content) == ("launch",)


@pytest.mark.parametrize(
    "address",
    [
        b"(https://dichvucong.gov.vn/a?b=file:///c)",
        b"(http://a.vn)",
        b"(HTTP://A.VN)",
        b"(mailto:a@b.vn)",
        b"(tel:+84241234567)",
        b"(ftp://a.vn/a.pdf)",
        b"(www.a.vn)",
        b"(a.gov.vn:8080/a)",
        b"(localhost:8080/a)",
        b"(phu-luc.pdf)",
        b"(#trang-2)",
        b"(/thu-tuc/1)",
        # What a browser prints of a button.
        b"(javascript:void\\(0\\))",
        b"(Email: a@b.vn)",
        b"(Email:a@b.vn)",
        b"(Website:www.gov.vn)",
        b"(htttps://a.vn)",
        b"(zalo://0912)",
        b"()",
        b" 77 0 R",
        b" 5",
        b"[(file:a)]",
    ],
)
def test_other_links_alarm_nobody(address):
    assert _found(_linked(address)) == ()


def test_all_links_of_a_document_may_begin_alike():
    assert _found(_file(b"/URI<</Base(file:///C:/)>>")) == ("launch",)
    assert _found(_file(b"/URI<</Base(https://a.vn/)>>")) == ()


@pytest.mark.parametrize("address", [b"(file:///a.exe)", b" (  file:///a.exe)", b"(\\\\\\\\server\\\\a)"])
def test_a_link_that_only_other_readers_see_is_searched_for(address):
    assert _found(_file(others={8: LINK % address})) == ("launch",)
    assert _found(_file(others={8: LINK % b"(https://a.vn/)"})) == ()


def test_a_link_in_a_file_whose_objects_are_many_is_found_in_its_bytes():
    writer = Writer()
    writer.add(1, b"<</Type/Catalog/Pages 2 0 R>>")
    writer.add(2, b"<</Type/Pages/Count 0/Kids[]>>")
    writer.add(8, LINK % b"(file:a)" + LINK % b"(mailto:a@b.vn)")
    assert _found(writer.end(writer.table(b"/Size 500/Root 1 0 R"))) == ("launch",)


@pytest.mark.parametrize(
    ("action", "kind"), [(b"/S/GoToR/F(a.exe)", "remote_link"), (b"/S/GoToE/F(a.exe)", "embedded_files")]
)
def test_links_into_other_documents_are_marked_already(action, kind):
    assert _found(_file(page=b"/Annots[8 0 R]", others={8: b"<</A<<%s>>>>" % action})) == (kind,)
