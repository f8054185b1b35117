"""Papers made so that what is overlooked elsewhere would change what they show, once they are signed."""

import io

import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from test_honest_files import _updated
from test_signing_tools import BROKEN, VALID, _dictionary, _drawn, _page

from inspection.reports import Change
from inspection.signatures import check_signatures


@pytest.fixture
def broken_by(authority):
    """Return what tells whether `change` of the paper that `prepare` made is told, with and without a later signature."""

    def tell(prepare, change):
        def check(content):
            return check_signatures(io.BytesIO(content), trust_of(authority), NOW)[0].state

        signed = authority.sign(_updated(pdf("Diem: 5"), prepare))
        assert check(signed) is VALID
        changed = _updated(signed, change)
        return {check(changed), check(authority.sign(changed, field="Ky2"))} == {BROKEN}

    return tell


def _resources(writer):
    return _page(writer)["/Resources"]


def _as_resource(kind, name, make):
    """Return what puts an object by `name` among the resources of `kind` of the page."""

    def prepare(writer):
        resources = _resources(writer)
        if kind not in resources:
            resources[pdf_name(kind)] = generic.DictionaryObject()
        resources[kind][pdf_name(name)] = writer.add_object(make(writer))
        for each in (resources[kind], resources, _page(writer)):
            writer.update_container(each)

    return prepare


def _add(kind, name, key, value):
    def change(writer):
        held = _resources(writer)[kind][name]
        held[pdf_name(key)] = value(writer)
        writer.update_container(held)

    return change


def _font(_writer):
    return _dictionary(
        {"/Type": pdf_name("/Font"), "/Subtype": pdf_name("/Type1"), "/BaseFont": pdf_name("/Times-Roman")}
    )


def _other_letters(_writer):
    differences = generic.ArrayObject([generic.NumberObject(53), pdf_name("/nine")])
    return _dictionary({"/Type": pdf_name("/Encoding"), "/Differences": differences})


def _mask(writer):
    return _dictionary({"/S": pdf_name("/Luminosity"), "/G": _drawn(writer)})


@pytest.mark.parametrize("name", ["/Font", "/XObject", "/Resources", "/DR"])
@pytest.mark.parametrize(
    ("kind", "make", "key", "value"),
    [
        ("/Font", _font, "/Encoding", _other_letters),
        ("/ExtGState", lambda _writer: _dictionary({"/Type": pdf_name("/ExtGState")}), "/SMask", _mask),
    ],
)
def test_what_is_only_called_like_a_list_of_names_is_none(broken_by, name, kind, make, key, value):
    assert broken_by(_as_resource(kind, name, make), _add(kind, name, key, value))


@pytest.mark.parametrize("before", [{}, {"/FitWindow": pdf_name("/DeviceGray")}])
def test_what_looks_like_a_window_and_gives_colours_is_none(broken_by, before):
    def prepare(writer):
        held = writer.add_object(_dictionary(before))
        _resources(writer)[pdf_name("/ColorSpace")] = held
        writer.root[pdf_name("/ViewerPreferences")] = held
        writer.update_root()
        writer.update_container(_resources(writer))

    def change(writer):
        held = _resources(writer)["/ColorSpace"]
        held[pdf_name("/FitWindow")] = pdf_name("/Pattern")
        writer.update_container(held)

    assert broken_by(prepare, change)


def test_a_page_as_small_as_a_point_has_no_digits_to_spare(broken_by):
    def sized(side):
        def put(writer):
            page = _page(writer)
            page[pdf_name("/MediaBox")] = generic.ArrayObject(map(generic.FloatObject, ("0", "0", side, side)))
            writer.update_container(page)

        return put

    assert broken_by(sized("0.0018"), sized("0.0009"))


@pytest.mark.parametrize(("is_drawn", "change"), [(False, Change.FILLED), (True, Change.ALLOWED)])
def test_a_font_by_which_readers_write_the_words_of_a_note_is_told(authority, is_drawn, change):
    def prepare(writer):
        words = {"/Subtype": pdf_name("/FreeText"), "/DA": generic.pdf_string("/FRM 20 Tf")}
        if is_drawn:
            words["/AP"] = _dictionary({"/N": _drawn(writer)})
        page = _page(writer)
        page[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(_dictionary(words))])
        fonts = writer.add_object(_dictionary({"/Font": _dictionary({})}))
        writer.root[pdf_name("/AcroForm")] = _dictionary({"/Fields": generic.ArrayObject(), "/DR": fonts})
        writer.update_container(page)
        writer.update_root()

    def add(writer):
        fonts = writer.root["/AcroForm"]["/DR"]["/Font"]
        fonts[pdf_name("/FRM")] = writer.add_object(_font(writer))
        writer.update_container(fonts)

    changed = _updated(authority.sign(_updated(pdf("Diem: 5"), prepare)), add)
    (report,) = check_signatures(io.BytesIO(changed), trust_of(authority), NOW)
    assert (report.state, report.changed_afterwards) == (VALID, change)
