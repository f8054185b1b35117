"""Papers as the signing tools of Vietnamese offices leave them: what came after a signature and takes nothing from it."""

import io

import pytest
from asn1crypto import cms
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field
from reportlab.pdfgen.canvas import Canvas
from test_honest_files import _resigned, _store, _updated, _without_certificates
from test_updates import _two_pages

from inspection.reports import NO_CERTIFICATE, Change, SignatureState
from inspection.signatures import check_signatures
from inspection.trust import Trust

MOMENT = pdf_string("D:20260530101500+07'00'")
BROKEN, VALID, UNKNOWN = SignatureState.BROKEN, SignatureState.VALID, SignatureState.UNKNOWN_SIGNER
CMS, CADES = SigSeedSubFilter.ADOBE_PKCS7_DETACHED, SigSeedSubFilter.PADES


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


@pytest.fixture(scope="module", params=[CMS, CADES], ids=["pkcs7", "cades"])
def signed(request, authority):
    return authority.sign(pdf("Diem: 5"), subfilter=request.param)


def _page(writer):
    return writer.root["/Pages"]["/Kids"].raw_get(0).get_object()


def _drawn(writer, more=()):
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 90, 90)))
    names = {"/Type": pdf_name("/XObject"), "/Subtype": pdf_name("/Form"), "/BBox": box, **dict(more)}
    return writer.add_object(generic.StreamObject(_dictionary(names), stream_data=b"1 0 0 RG 5 5 80 80 re S"))


def _stamped(writer, kind="/Stamp"):
    """Put the picture of a stamp on the page, as a note."""
    note = {
        "/Type": pdf_name("/Annot"),
        "/Subtype": pdf_name(kind),
        "/Rect": generic.ArrayObject(map(generic.NumberObject, (300, 300, 390, 390))),
        "/F": generic.NumberObject(4),
        "/Contents": pdf_string("Da dong dau"),
        "/AP": _dictionary({"/N": _drawn(writer)}),
    }
    page, reference = _page(writer), writer.add_object(_dictionary(note))
    if "/Annots" in page:
        page["/Annots"].append(reference)
        writer.update_container(page["/Annots"])
    else:
        page[pdf_name("/Annots")] = generic.ArrayObject([reference])
        writer.update_container(page)


def _with_list(writer):
    """Give the page a list of notes that is an object of its own, as many programs write it."""
    page = _page(writer)
    page[pdf_name("/Annots")] = writer.add_object(generic.ArrayObject())
    writer.update_container(page)


def _dictionary(named):
    return generic.DictionaryObject({pdf_name(name): value for name, value in named.items()})


def _noted(writer):
    """Note in the page when it was last changed, and what the program keeps there for itself."""
    page = _page(writer)
    page[pdf_name("/LastModified")] = MOMENT
    own = writer.add_object(_dictionary({"/LastModified": MOMENT, "/Private": pdf_string("x")}))
    page[pdf_name("/PieceInfo")] = writer.add_object(_dictionary({"/VGCA": own}))
    writer.update_container(page)


def _ordered(writer):
    page = _page(writer)
    page[pdf_name("/Tabs")] = pdf_name("/S")
    writer.update_container(page)


def _flagged(writer):
    """Say of the signatures in the form what another tool says."""
    form = writer.root["/AcroForm"]
    assert form[pdf_name("/SigFlags")] == 3
    form[pdf_name("/SigFlags")] = generic.NumberObject(1)
    writer.update_container(form)


def _described(writer):
    """Say in the document's own data that another program wrote it."""
    writer.set_info(_dictionary({"/ModDate": MOMENT, "/Producer": pdf_string("VNPT")}))
    names = _dictionary({"/Type": pdf_name("/Metadata"), "/Subtype": pdf_name("/XML")})
    said = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    writer.root[pdf_name("/Metadata")] = writer.add_object(generic.StreamObject(names, stream_data=said))
    writer.update_root()


@pytest.mark.parametrize("change", [_noted, _ordered, _flagged, _described, _store])
def test_what_shows_nothing_takes_nothing_from_a_signature(authority, signed, check, change):
    later = _updated(signed, change)
    (report,) = check(later)
    assert (report.state, report.changed_afterwards) == (VALID, Change.ALLOWED)
    (report,) = check(_updated(later, _store))
    assert (report.state, report.changed_afterwards) == (VALID, Change.ALLOWED)
    # Together with the next signature, as tools write both at once.
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    change(writer)
    for again in (authority.sign(later, field="Ky2"), authority.sign_with(writer, field="Ky2")):
        assert [(each.state, each.changed_afterwards) for each in check(again)] == [
            (VALID, Change.ALLOWED),
            (VALID, Change.NO),
        ]


@pytest.mark.parametrize("key", ["/LastModified", "/PieceInfo"])
def test_what_shows_nothing_hides_nothing(authority, signed, check, key):
    def put(writer):
        page = _page(writer)
        contents = page.raw_get("/Contents")
        page[pdf_name(key)] = contents
        writer.update_container(page)
        drawn = generic.StreamObject(stream_data=b"BT /F1 40 Tf 72 400 Td (Diem: 9) Tj ET")
        writer.objects[(contents.generation, contents.idnum)] = drawn

    assert BROKEN in {each.state for each in check(authority.sign(_updated(signed, put), field="Ky2"))}


def _in_resources(writer, first, second, key):
    first["/Resources"][pdf_name("/XObject")] = second
    first[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=f"{key} Do".encode()))


def _by_a_parent(writer, first, second, key):
    _in_resources(writer, first, second, key)
    first[pdf_name("/Parent")] = writer.add_object(_dictionary({"/Resources": first["/Resources"]}))
    del first["/Resources"]


def _in_a_note(writer, first, second, key):
    note = {"/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Stamp"), "/AS": pdf_name(key)}
    note |= {"/Rect": generic.ArrayObject(map(generic.NumberObject, (72, 600, 390, 790)))}
    note |= {"/AP": _dictionary({"/N": second})}
    first[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(_dictionary(note))])


def _in_a_form(writer, _first, second, _key):
    resources = _dictionary({"/XObject": second})
    writer.root[pdf_name("/AcroForm")] = _dictionary({"/Fields": generic.ArrayObject(), "/DR": resources})
    writer.update_root()


def _state(_writer):
    masked = _dictionary({"/S": pdf_name("/Luminosity"), "/LastModified": MOMENT})
    return _dictionary({"/SMask": masked})


@pytest.mark.parametrize("use", [_in_resources, _by_a_parent, _in_a_note, _in_a_form])
@pytest.mark.parametrize(
    ("key", "then", "now"),
    [
        *((key, _drawn, _drawn) for key in ("/PieceInfo", "/Tabs", "/LastModified", "/ITXT", "/Annots")),
        ("/PieceInfo", _state, lambda writer: _dictionary({})),
        ("/Tabs", lambda _writer: pdf_name("/DeviceGray"), lambda _writer: pdf_name("/DeviceCMYK")),
    ],
)
def test_a_page_that_draws_another_one_by_these_names_is_none(authority, check, use, key, then, now):
    writer = IncrementalPdfFileWriter(io.BytesIO(_two_pages()))
    first, second = (writer.root["/Pages"]["/Kids"].raw_get(number) for number in (0, 1))
    second.get_object()[pdf_name(key)] = then(writer)
    use(writer, first.get_object(), second, key)
    for each in (first.get_object(), second.get_object()):
        writer.update_container(each)
    output = io.BytesIO()
    writer.write(output)

    def put(writer):
        second = writer.root["/Pages"]["/Kids"].raw_get(1).get_object()
        second[pdf_name(key)] = now(writer)
        writer.update_container(second)

    signed = authority.sign(output.getvalue())
    assert check(signed)[0].state is VALID
    assert check(authority.sign(_updated(signed, put), field="Ky2"))[0].state is BROKEN


def test_what_a_form_says_of_its_signatures_is_no_picture(authority, check):
    def put(writer):
        form = writer.root["/AcroForm"]
        form[pdf_name("/SigFlags")] = _drawn(writer)
        writer.update_container(form)

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf("Diem: 5")))
    writer.root[pdf_name("/AcroForm")] = form = writer.add_object(_dictionary({"/Fields": generic.ArrayObject()}))
    _in_a_note(writer, _page(writer), form, "/SigFlags")
    writer.update_container(_page(writer))
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    assert check(_updated(authority.sign(output.getvalue()), put))[0].state is BROKEN


def test_what_points_at_nothing_hides_nothing(authority, signed, check):
    def put(writer):
        page = _page(writer)
        drawn = generic.StreamObject(stream_data=b"BT /F1 40 Tf 72 400 Td (Diem: 9) Tj ET")
        page[pdf_name("/Contents")] = writer.add_object(drawn)
        page[pdf_name("/PieceInfo")] = generic.IndirectObject(900, 0, writer)
        page[pdf_name("/Tabs")] = generic.IndirectObject(901, 0, writer)
        writer.update_container(page)

    assert check(authority.sign(_updated(signed, put), field="Ky2"))[0].state is BROKEN


@pytest.mark.parametrize("kind", ["/Stamp", "/FreeText", "/Text"])
@pytest.mark.parametrize("base", [pdf("Diem: 5"), _updated(pdf("Diem: 5"), _with_list)], ids=["page", "list"])
def test_a_stamp_that_is_a_note_is_marked_where_somebody_signed_for_it(authority, check, kind, base):
    signed = authority.sign(base)
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    _stamped(writer, kind)
    later = _updated(signed, lambda writer: _stamped(writer, kind))
    for again in (authority.sign(later, field="Ky2"), authority.sign_with(writer, field="Ky2")):
        first, second = check(again)
        assert (first.state, first.changed_afterwards) == (VALID, Change.FILLED)
        assert (second.state, second.changed_afterwards) == (VALID, Change.NO)
        # Nor does it matter what comes behind, and leaves the page as it is.
        later_still = authority.stamp(_updated(again, _store), NOW)
        assert [each.state for each in check(later_still)] == [VALID] * 3
        # Whoever signed last did not sign for what comes then.
        assert [each.state for each in check(_updated(again, lambda writer: _stamped(writer, kind)))] == [BROKEN] * 2


def test_a_stamp_for_which_nobody_signed_breaks_it(authority, signed, check):
    stamped = _updated(signed, _stamped)
    assert [each.state for each in check(stamped)] == [BROKEN]
    # A time stamp vouches for nothing.
    assert check(authority.stamp(stamped, NOW))[0].state is BROKEN


@pytest.mark.parametrize("kind", ["/Link", "/FileAttachment", "/Redact", "/Widget"])
def test_other_kinds_of_notes_are_none(authority, signed, check, kind):
    later = _updated(signed, lambda writer: _stamped(writer, kind))
    assert check(authority.sign(later, field="Ky2"))[0].state is BROKEN


def test_a_note_is_no_cloak_for_another_page(authority, signed, check):
    def put(writer):
        _stamped(writer)
        drawn = generic.StreamObject(stream_data=b"BT /F1 40 Tf 72 400 Td (Diem: 9) Tj ET")
        _page(writer)[pdf_name("/Contents")] = writer.add_object(drawn)

    assert check(authority.sign(_updated(signed, put), field="Ky2"))[0].state is BROKEN


@pytest.mark.parametrize("reference_kind", ["/Stamp", "/XObject"])
def test_no_picture_becomes_part_of_the_page_as_a_note(authority, signed, check, reference_kind):
    def put(writer):
        rectangle = generic.ArrayObject(map(generic.NumberObject, (0, 0, 9, 9)))
        drawn = _drawn(writer, {"/Subtype": pdf_name(reference_kind), "/Rect": rectangle})
        page = _page(writer)
        page[pdf_name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), drawn])
        writer.update_container(page)

    assert check(authority.sign(_updated(signed, put), field="Ky2"))[0].state is BROKEN


@pytest.mark.parametrize(
    ("allowed", "states"), [(MDPPerm.FILL_FORMS, [BROKEN, VALID]), (MDPPerm.ANNOTATE, [VALID, VALID])]
)
def test_who_signed_first_may_forbid_it(authority, check, allowed, states):
    first = authority.sign(pdf("Diem: 5"), certify=True, docmdp_permissions=allowed)
    stamped = _updated(first, _stamped)
    assert [each.state for each in check(authority.sign(stamped, field="Ky2"))] == states


def test_number_date_and_seal_are_signatures_of_their_own(authority, check):
    # As VGCA Sign Service has it: the head signs, then the clerk of the office gives number and date, and seals.
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf("Diem: 5")))
    for number, box in enumerate([(300, 100, 420, 160), (72, 760, 170, 780), (290, 90, 380, 180)], 1):
        append_signature_field(writer, SigFieldSpec(f"Ky{number}", box=box))
    output = io.BytesIO()
    writer.write(output)
    content = output.getvalue()
    for number in (1, 2, 3):
        content = authority.sign_visibly(content, field=f"Ky{number}")
    assert {each.state for each in check(content)} == {VALID}
    assert [each.changed_afterwards for each in check(content)] == [Change.ALLOWED, Change.ALLOWED, Change.NO]


def test_the_time_stands_in_the_file_only(authority, check):
    (report,) = check(authority.sign(pdf(), subfilter=CADES))
    assert report.signed_on and not report.is_time_proven


def test_a_chain_that_is_not_whole_is_of_an_unknown_signer(authority):
    signed = authority.sign(pdf())
    bare = _resigned(signed, _with_own_certificate)
    (report,) = check_signatures(io.BytesIO(bare), Trust((authority.root.der,)), NOW)
    assert (report.state, report.is_intact) == (UNKNOWN, True)
    assert check_signatures(io.BytesIO(bare), trust_of(authority), NOW)[0].state is VALID
    (none,) = check_signatures(io.BytesIO(_resigned(signed, _without_certificates)), trust_of(authority), NOW)
    assert none.reason == NO_CERTIFICATE


def test_a_paper_of_very_many_pages_is_compared_like_any_other(authority, check):
    output = io.BytesIO()
    canvas = Canvas(output, invariant=1)
    for _page_number in range(3100):
        canvas.showPage()
    canvas.save()
    once = authority.sign_visibly(output.getvalue(), (72, 100, 200, 160), "Ky1")
    found = check(authority.sign_visibly(once, (272, 100, 400, 160), "Ky2", page=3099))
    assert [(each.state, each.changed_afterwards) for each in found] == [(VALID, Change.LAID_OVER), (VALID, Change.NO)]


def _with_own_certificate(info):
    number = info["signer_infos"][0]["sid"].chosen["serial_number"].native
    own = next(each for each in info["certificates"] if each.chosen.serial_number == number)
    info["certificates"] = cms.CertificateSet([own])
