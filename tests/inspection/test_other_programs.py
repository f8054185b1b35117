"""Papers that another program signed, or filled in, behind the first signature: iText, PDFBox, poppler, LibreOffice."""

import io
import re

import attacks
import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
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


class TestUnlisted:
    """As poppler has it: the second signature stands on the page, and not in the list of the form."""

    def resigned(self, authority, content, change):
        """Return `content` with `change` done to its last update, and its last signature made anew."""
        start = content[: content.rindex(b"%%EOF")].rindex(b"%%EOF")
        content = content[:start] + change(content[start:])
        _zero, before, after, _rest = attacks.signed_range(content)
        made = authority.enclose(content[:before] + content[after:], detached=True).hex().encode()
        return content[: before + 1] + made.ljust(after - before - 2, b"0") + content[after - 1 :]

    def unlisted(self, authority, first):
        def take_out(update):
            return re.sub(rb"(/Fields \[ \d+ 0 R)( \d+ 0 R)", lambda found: found[1] + b" " * len(found[2]), update)

        # With a time stamp, there is room for the signature that is made anew.
        return self.resigned(authority, authority.sign(first, field="Ky2", stamped=NOW), take_out)

    def test_it_is_a_signature_as_any_other(self, authority, signed, check):
        found = check(self.unlisted(authority, signed))
        assert [each.field_name for each in found] == ["Ky1", "Ky2"]
        assert [(each.state, each.changed_afterwards) for each in found] == [
            (VALID, Change.ALLOWED),
            (VALID, Change.NO),
        ]

    def test_it_is_looked_at_as_any_other(self, authority, signed, check):
        unlisted = self.unlisted(authority, signed)
        assert [each.state for each in check(attacks.added_text(unlisted))] == [BROKEN, BROKEN]
        assert [each.state for each in check(attacks.changed_byte(unlisted, 900))] == [BROKEN, BROKEN]

    @pytest.mark.parametrize("signed_range", [(0, 10, 20, 30), (0, 9, 12, 9), ()])
    def test_what_nobody_signed_is_none(self, authority, signed, check, signed_range):
        def put(writer):
            numbers = generic.ArrayObject(map(generic.NumberObject, signed_range))
            contents = generic.ByteStringObject(b"\x30\x03")
            value = _dictionary({"/Type": pdf_name("/Sig"), "/ByteRange": numbers, "/Contents": contents})
            rectangle = generic.ArrayObject(map(generic.NumberObject, BOX))
            field = {"/Subtype": pdf_name("/Widget"), "/FT": pdf_name("/Sig"), "/T": pdf_string("Ky9")}
            field |= {"/Rect": rectangle, "/AP": _dictionary({"/N": _drawn(writer)}), "/V": writer.add_object(value)}
            page = _page(writer)
            page["/Annots"].append(writer.add_object(_dictionary(field)))
            writer.update_container(page["/Annots"])

        later = _updated(signed, put)
        assert [each.state for each in check(later)] == [BROKEN]
        assert check(authority.sign(later, field="Ky2"))[0].state is BROKEN

    @pytest.mark.parametrize("is_new", [False, True], ids=["before", "beside"])
    def test_no_picture_borrows_a_signature(self, authority, signed, check, is_new):
        writer = IncrementalPdfFileWriter(io.BytesIO(signed))
        append_signature_field(writer, SigFieldSpec("Ky2", box=BOX))
        fields = writer.root["/AcroForm"]["/Fields"]
        value = generic.IndirectObject(999, 0, writer) if is_new else fields[0].raw_get("/V")
        rectangle = generic.ArrayObject(map(generic.NumberObject, BOX))
        field = {"/Subtype": pdf_name("/Widget"), "/FT": pdf_name("/Sig"), "/T": pdf_string("Ky9"), "/V": value}
        field |= {"/Rect": rectangle, "/AP": _dictionary({"/N": _drawn(writer)})}
        page = _page(writer)
        page["/Annots"].append(writer.add_object(_dictionary(field)))
        writer.update_container(page["/Annots"])

        def borrow(update):
            (number,) = set(re.findall(rb"/V (\d+) 0 R", update)) - {b"999", b"%d" % fields[0].raw_get("/V").idnum}
            return update.replace(b"/V 999 0 R", b"/V %s 0 R" % number.rjust(3, b"0"))

        again = authority.sign_with(writer, field="Ky2", stamped=NOW)
        assert BROKEN in {each.state for each in check(self.resigned(authority, again, borrow))}

    def test_what_was_taken_out_of_the_list_later_is_told(self, authority, signed, check):
        def take_out(writer):
            form = writer.root["/AcroForm"]
            del form["/Fields"][1]
            writer.update_container(form["/Fields"])

        assert BROKEN in {each.state for each in check(_updated(authority.sign(signed, field="Ky2"), take_out))}

    @pytest.mark.parametrize(("difference", "state"), [(0.0001, VALID), (1, BROKEN)])
    def test_the_size_of_a_page_may_be_written_with_fewer_digits(self, authority, signed, check, difference, state):
        def write(writer):
            page = _page(writer)
            sides = [float(page["/MediaBox"][at]) + difference for at in range(4)]
            page[pdf_name("/MediaBox")] = generic.ArrayObject(map(generic.FloatObject, sides))
            writer.update_container(page)

        later = _updated(signed, write)
        assert [each.state for each in check(later)] == [state]
        twice = authority.sign_visibly(authority.sign_visibly(later, BOX), (72, 100, 200, 160), "Ky3")
        assert check(twice)[0].state is state
