"""Forms that are filled, and fields that are signed, behind a signature, as iText, PDFBox and poppler do it."""

import io

import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field
from reportlab.pdfgen.canvas import Canvas
from test_honest_files import _updated
from test_signing_tools import BROKEN, VALID, _dictionary, _drawn, _page

from inspection.reports import Change
from inspection.signatures import check_signatures

BOX, ELSEWHERE = (300, 100, 450, 160), (72, 100, 200, 160)


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


def _form():
    """Return a form with a text and a box to tick."""
    output = io.BytesIO()
    canvas = Canvas(output, invariant=1)
    canvas.drawString(72, 700, "Phieu")
    canvas.acroForm.textfield(name="So", x=100, y=600, width=150, height=20)
    canvas.acroForm.checkbox(name="Chon", x=100, y=550, size=15)
    canvas.save()
    return output.getvalue()


def _field(writer, name):
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(each for each in (fields[at] for at in range(len(fields))) if each["/T"] == name)


def _ticked(writer):
    field = _field(writer, "Chon")
    field[pdf_name("/V")] = field[pdf_name("/AS")] = pdf_name("/Yes")
    writer.update_container(field)


def _numbered(writer):
    field = _field(writer, "So")
    field[pdf_name("/V")] = pdf_string("123/QD")
    field[pdf_name("/AP")] = _dictionary({"/N": _drawn(writer)})
    writer.update_container(field)


def _told(writer):
    """Say of the empty field for a signature what programs say of it, and readers do not show."""
    field = _field(writer, "Ky2")
    field[pdf_name("/P")] = generic.IndirectObject(_page(writer).container_ref.idnum, 0, writer)
    field[pdf_name("/M")] = pdf_string("D:20260530101500+07'00'")
    writer.update_container(field)


def _waiting(writer):
    append_signature_field(writer, SigFieldSpec("Ky2", box=BOX))
    field = _field(writer, "Ky2")
    field.pop("/P", None)
    writer.update_container(field)


def test_a_field_that_waited_is_signed(authority, check):
    first = authority.sign(_updated(pdf("Diem: 5"), _waiting))
    writer = IncrementalPdfFileWriter(io.BytesIO(first))
    _told(writer)
    again = authority.sign_with(writer, field="Ky2")
    assert [(each.state, each.changed_afterwards) for each in check(again)][0] == (VALID, Change.NO)
    assert {each.state for each in check(again)} == {VALID}


def test_a_field_that_waited_goes_nowhere_else(authority, check):
    def move(writer):
        field = _field(writer, "Ky2")
        field[pdf_name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (72, 690, 300, 720)))
        writer.update_container(field)

    writer = IncrementalPdfFileWriter(io.BytesIO(authority.sign(_updated(pdf("Diem: 5"), _waiting))))
    move(writer)
    assert BROKEN in {each.state for each in check(authority.sign_with(writer, field="Ky2"))}


def test_a_form_with_a_box_to_tick_is_compared(authority, check):
    first = authority.sign(_form())
    assert [(each.state, each.changed_afterwards) for each in check(authority.sign(first, field="Ky2"))] == [
        (VALID, Change.ALLOWED),
        (VALID, Change.NO),
    ]
    for fill in (_ticked, _numbered):
        filled = _updated(first, fill)
        assert [(each.state, each.changed_afterwards) for each in check(filled)] == [(VALID, Change.FILLED)]
        assert [each.state for each in check(authority.sign(filled, field="Ky2"))] == [VALID, VALID]


def test_a_box_whose_looks_are_drawn_over_is_told(authority, check):
    def draw(writer):
        looks = _field(writer, "Chon")["/AP"]["/N"]
        one = next(looks[key] for key in looks)
        one._data = b"BT /F1 40 Tf (Diem: 9) Tj ET"
        one._encoded_data = None
        writer.update_container(one)

    assert [each.state for each in check(_updated(authority.sign(_form()), draw))] == [BROKEN]


@pytest.mark.parametrize("name", ["So", "Chon"])
def test_a_locked_field_is_one_that_was_changed(authority, check, name):
    # An update before the signature: what a field looks like is older than what was signed last.
    once = authority.sign(_updated(_form(), lambda writer: append_signature_field(writer, _locking(name))))
    later = authority.sign_visibly(once, ELSEWHERE, "Ky3")
    assert [(each.state, each.changed_afterwards) for each in check(later)] == [
        (VALID, Change.LAID_OVER),
        (VALID, Change.NO),
    ]
    states = {change: check(_updated(once, change))[0].state for change in (_numbered, _ticked)}
    assert states == {_numbered: BROKEN if name == "So" else VALID, _ticked: BROKEN if name == "Chon" else VALID}


def _locking(name):
    return SigFieldSpec("Ky1", field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, fields=[name]))


def test_who_signs_behind_others_may_say_that_they_certify(authority, check):
    # It is the first signature's to do, says the standard; some tools do so with each.
    first = authority.sign(pdf("Diem: 5"))
    later = _updated(authority.sign(first, field="Ky2"), _certified)
    assert check(later)[0].state is VALID
    certified = authority.sign(pdf("Diem: 5"), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    assert check(_updated(authority.sign(certified, field="Ky2"), _certified))[0].state is BROKEN
    assert check(_updated(first, lambda writer: _certified(writer, "/UR3")))[0].state is BROKEN


def _certified(writer, by="/DocMDP"):
    fields = writer.root["/AcroForm"]["/Fields"]
    writer.root[pdf_name("/Perms")] = _dictionary({by: fields[len(fields) - 1].raw_get("/V")})
    writer.update_root()
