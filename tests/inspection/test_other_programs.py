"""Papers that another program signed, or filled in, behind the first signature: iText, PDFBox, poppler, LibreOffice."""

import io

import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from test_honest_files import _updated
from test_signing_tools import BROKEN, VALID, _dictionary

from inspection.reports import Change
from inspection.signatures import check_signatures


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(pdf("Diem: 5"))


class TestWindow:
    """How a program lays out its own window."""

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("/Lang", pdf_string("vi-VN")),
            ("/PageMode", pdf_name("/UseOC")),
            ("/PageLayout", pdf_name("/OneColumn")),
            ("/ViewerPreferences", _dictionary({"/DisplayDocTitle": generic.BooleanObject(True)})),
        ],
    )
    @pytest.mark.parametrize("as_reference", [False, True], ids=["itself", "reference"])
    def test_it_shows_nothing_of_the_paper(self, authority, signed, check, key, value, as_reference):
        def put(writer):
            writer.root[pdf_name(key)] = writer.add_object(value) if as_reference else value
            writer.update_root()

        later = _updated(signed, put)
        assert [(each.state, each.changed_afterwards) for each in check(later)] == [(VALID, Change.ALLOWED)]
        assert [each.state for each in check(authority.sign(later, field="Ky2"))] == [VALID, VALID]
        # Nor does its end, nor what else is written in its place.
        before = authority.sign(_updated(pdf("Diem: 5"), put))
        assert [each.state for each in check(_updated(before, lambda writer: _without(writer, key)))] == [VALID]

    def test_it_is_written_again_in_its_place(self, authority, check):
        def put(writer):
            kept = _dictionary({"/DisplayDocTitle": generic.BooleanObject(False)})
            writer.root[pdf_name("/ViewerPreferences")] = writer.add_object(kept)
            writer.update_root()

        def change(writer):
            kept = writer.root["/ViewerPreferences"]
            kept[pdf_name("/DisplayDocTitle")] = generic.BooleanObject(True)
            writer.update_container(kept)

        before = authority.sign(_updated(pdf("Diem: 5"), put))
        assert [each.state for each in check(_updated(before, change))] == [VALID]

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("/ViewerPreferences", _dictionary({"/PrintArea": pdf_name("/TrimBox")})),
            ("/ViewerPreferences", _dictionary({"/ViewClip": pdf_name("/TrimBox")})),
            ("/ViewerPreferences", _dictionary({"/PrintScaling": pdf_name("/None")})),
            (
                "/ViewerPreferences",
                _dictionary({"/PrintPageRange": generic.ArrayObject([generic.NumberObject(0)] * 2)}),
            ),
            ("/PageMode", _dictionary({})),
            ("/PageLayout", pdf_name("/Khac")),
            ("/PageLabels", _dictionary({"/Nums": generic.ArrayObject()})),
            ("/OCProperties", _dictionary({"/OCGs": generic.ArrayObject(), "/D": _dictionary({})})),
            ("/OpenAction", _dictionary({"/S": pdf_name("/JavaScript"), "/JS": pdf_string("this.print()")})),
            ("/AA", _dictionary({"/WP": _dictionary({"/S": pdf_name("/JavaScript"), "/JS": pdf_string("x")})})),
            ("/NeedsRendering", generic.BooleanObject(True)),
            ("/Collection", _dictionary({})),
        ],
    )
    def test_what_prints_shows_or_does_otherwise_is_told(self, authority, signed, check, key, value):
        def put(writer):
            writer.root[pdf_name(key)] = value
            writer.update_root()

        later = _updated(signed, put)
        assert [each.state for each in check(later)] == [BROKEN]
        assert check(authority.sign(later, field="Ky2"))[0].state is BROKEN


def _without(writer, key):
    del writer.root[key]
    writer.update_root()
