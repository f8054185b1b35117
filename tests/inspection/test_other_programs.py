"""Papers that another program signed, or filled in, behind the first signature: iText, PDFBox, poppler, LibreOffice."""

import io

import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from test_honest_files import _updated
from test_signing_tools import BROKEN, VALID, _dictionary, _drawn, _page

from inspection.reports import Change
from inspection.signatures import check_signatures

BOX = (300, 100, 450, 160)


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


class TestSharedNames:
    """As LibreOffice has it: the form has the resources of the page, and iText adds to them what its picture needs."""

    def base(self, drawn=b"", put=lambda writer, shared: None):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf("Diem: 5")))
        page = _page(writer)
        shared = writer.add_object(page["/Resources"])
        page[pdf_name("/Resources")] = shared
        page[pdf_name("/Contents")] = generic.ArrayObject(
            [page.raw_get("/Contents"), writer.add_object(generic.StreamObject(stream_data=drawn))]
        )
        form = _dictionary({"/Fields": generic.ArrayObject(), "/DR": shared})
        writer.root[pdf_name("/AcroForm")] = form
        put(writer, shared)
        writer.update_container(page)
        writer.update_root()
        output = io.BytesIO()
        writer.write(output)
        return output.getvalue()

    def again(self, authority, first, change):
        """Return `first` with a further signature, and what `change` did to the resources of the page."""
        writer = IncrementalPdfFileWriter(io.BytesIO(first))
        shared = _page(writer)["/Resources"]
        change(writer, shared)
        writer.update_container(shared)
        return authority.sign_with(writer, field="Ky2")

    def add(self, writer, shared, kind="/XObject", name="/FRM"):
        if kind not in shared:
            shared[pdf_name(kind)] = generic.DictionaryObject()
        shared[kind][pdf_name(name)] = _drawn(writer)
        writer.update_container(shared[kind])

    @pytest.mark.parametrize(("kind", "name"), [("/XObject", "/FRM"), ("/Font", "/popplerfont")])
    def test_a_name_that_nothing_draws_by_changes_nothing(self, authority, check, kind, name):
        first = authority.sign(self.base(b"/FRM1 gs (/Other) Tj"))
        second = self.again(authority, first, lambda *of: self.add(*of, kind, name))
        assert [each.state for each in check(second)] == [VALID, VALID]
        third = authority.sign_visibly(second, BOX, "Ky3")
        assert [each.state for each in check(third)] == [VALID] * 3

    @pytest.mark.parametrize("drawn", [b"/FRM Do", b"/F#52M Do", b"/FRM/FRM Do", b"[/FRM]0 Do", b"/FRM\0Do"])
    def test_what_the_signed_page_draws_by_is_told(self, authority, check, drawn):
        first = authority.sign(self.base(drawn))
        assert [each.state for each in check(first)] == [VALID]
        assert check(self.again(authority, first, self.add))[0].state is BROKEN

    def test_so_is_what_draws_with_the_resources_of_the_page(self, authority, check):
        # Some readers look there, too, for what the own ones do not have.
        for own in ({}, {"/Resources": generic.DictionaryObject()}):

            def put(writer, _shared, own=own):
                page = _page(writer)
                names = _dictionary({"/Subtype": pdf_name("/Form"), **own})
                inner = writer.add_object(generic.StreamObject(names, stream_data=b"/FRM Do"))
                held = page["/Resources"]
                held[pdf_name("/XObject")] = _dictionary({"/Inner": inner})

            first = authority.sign(self.base(b"/Inner Do", put))
            assert check(self.again(authority, first, self.add))[0].state is BROKEN

    def test_what_has_a_name_of_its_own_means_that(self, authority, check):
        def put(writer, _shared):
            drawn = _dictionary({"/XObject": _dictionary({"/FRM": _drawn(writer)})})
            names = _dictionary({"/Subtype": pdf_name("/Form"), "/Resources": drawn})
            inner = writer.add_object(generic.StreamObject(names, stream_data=b"/FRM Do"))
            writer.root[pdf_name("/Own")] = _dictionary({"/N": inner})

        first = authority.sign(self.base(b"", put))
        assert [each.state for each in check(self.again(authority, first, self.add))] == [VALID, VALID]

    def test_but_not_as_a_part_of_the_page(self, authority, check):
        def put(writer, _shared):
            drawn = _dictionary({"/XObject": _dictionary({"/FRM": _drawn(writer)})})
            names = _dictionary({"/Subtype": pdf_name("/Form"), "/Resources": drawn})
            _page(writer)["/Contents"].append(writer.add_object(generic.StreamObject(names, stream_data=b"/FRM Do")))

        first = authority.sign(self.base(b"", put))
        assert check(self.again(authority, first, self.add))[0].state is BROKEN

    @pytest.mark.parametrize("kind", ["/ExtGState", "/Pattern", "/ColorSpace", "/Properties"])
    def test_other_kinds_of_names_are_told(self, authority, check, kind):
        first = authority.sign(self.base())
        assert check(self.again(authority, first, lambda *of: self.add(*of, kind)))[0].state is BROKEN

    def test_another_picture_by_a_known_name_is_told(self, authority, check):
        def put(writer, _shared):
            _page(writer)["/Resources"][pdf_name("/XObject")] = _dictionary({"/FRM": _drawn(writer)})

        first = authority.sign(self.base(b"", put))
        assert check(self.again(authority, first, self.add))[0].state is BROKEN

    def test_resources_that_are_something_else_too_are_none(self, authority, check):
        def put(writer, shared):
            writer.root[pdf_name("/Other")] = shared

        first = authority.sign(self.base(b"", put))
        assert check(self.again(authority, first, self.add))[0].state is BROKEN
