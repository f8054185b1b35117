import io
import json
import tracemalloc

import attacks
import pytest
from authority import NOW, pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from inspection import pdf as module
from inspection.pdf import UNCLEAR, look_at_pdf
from inspection.reports import PdfFacts
from inspection.sandbox import Sandbox
from inspection.trust import Trust


def _look(content):
    return look_at_pdf(io.BytesIO(content))


def _written(writer):
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _edited(edit, content=None):
    writer = PdfWriter(clone_from=io.BytesIO(content or pdf()))
    edit(writer)
    return _written(writer)


def _action(kind):
    return DictionaryObject({NameObject("/S"): NameObject(kind)})


def _field(*occasions, kind="/Widget"):
    acts = DictionaryObject({NameObject(each): _action("/JavaScript") for each in occasions})
    return DictionaryObject({NameObject("/Subtype"): NameObject(kind), NameObject("/AA"): acts})


def _add_script(writer):
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/Any"): DictionaryObject(script)})


def _set(name, value):
    return lambda writer: writer.root_object.__setitem__(NameObject(name), value)


def test_a_plain_file():
    facts = _look(pdf("Giay khai sinh", "So: 01/2026"))
    assert facts == PdfFacts(
        is_readable=True,
        page_count=1,
        title=facts.title,
        text="Giay khai sinh\nSo: 01/2026",
    )


def test_facts_survive_json_without_the_text():
    facts = _look(_edited(_add_script, pdf("Nguyen Van Thu")))
    fields = json.loads(json.dumps(facts.as_json()))
    assert "Nguyen" not in json.dumps(fields)
    assert PdfFacts.from_json(fields).active_content == ("javascript",)


@pytest.mark.parametrize(
    ("edit", "kinds"),
    [
        (_add_script, {"javascript"}),
        (lambda writer: writer.add_attachment("a.txt", b"text"), {"embedded_files"}),
        (_set("/OpenAction", _action("/Launch")), {"launch", "open_action"}),
        (_set("/OpenAction", _action("/JavaScript")), {"javascript", "open_action"}),
        (_set("/OpenAction", _action("/GoTo")), set()),
        (_set("/OpenAction", ArrayObject([NumberObject(0), NameObject("/Fit")])), set()),
        (_set("/AA", DictionaryObject()), {"additional_actions"}),
        # What makes a date of what is typed, or clears a form where a button is pressed, does nothing by itself; what a field
        # does as its page shows, does.
        (_set("/Field", _field("/F", "/K")), {"javascript"}),
        (_set("/Field", _field("/D", "/U")), {"javascript"}),
        (_set("/Field", _field("/F", "/PO")), {"additional_actions", "javascript"}),
        (_set("/Page", _field("/C", kind="/Page")), {"additional_actions", "javascript"}),
        (_set("/Any", ArrayObject([ArrayObject([_action("/SubmitForm")])])), {"submit_form"}),
        (_set("/AcroForm", DictionaryObject({NameObject("/XFA"): NullObject()})), {"xfa_form"}),
    ],
)
def test_active_content(edit, kinds):
    assert set(_look(_edited(edit)).active_content) == kinds


def test_active_content_on_a_page_behind_references():
    def edit(writer):
        note = {NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/A"): _action("/Launch")}
        note = writer._add_object(DictionaryObject(note))
        writer.pages[0][NameObject("/Annots")] = ArrayObject([note])

    assert _look(_edited(edit)).active_content == ("embedded_files", "launch")


def test_a_password_for_reading():
    facts = _look(_edited(lambda writer: writer.encrypt("secret-password", algorithm="AES-256")))
    assert facts.is_readable and facts.is_encrypted
    assert facts.text is None and facts.page_count is None


def test_restrictions_without_a_password_for_reading():
    facts = _look(_edited(lambda writer: writer.encrypt("", "owner-password", algorithm="AES-256")))
    assert facts.is_readable and not facts.is_encrypted and facts.has_restrictions
    assert facts.text == "Giay khai sinh"


def test_a_scan_has_no_text():
    def edit(writer):
        writer.add_blank_page(100, 100)
        writer.remove_page(0)

    assert _look(_edited(edit)).text is None


def test_few_pages_and_few_characters_are_read(monkeypatch):
    def edit(writer):
        for _number in range(9):
            writer.append(io.BytesIO(pdf("Trang")))

    content = _edited(edit)
    facts = _look(content)
    assert facts.page_count == 10
    assert facts.text.count("Trang") == module.MOST_PAGES_READ - 1
    monkeypatch.setattr(module, "MOST_CHARACTERS", 20)
    assert len(_look(content).text) == 20


def test_a_page_of_monstrous_content_is_not_read(monkeypatch):
    monkeypatch.setattr(module, "_LARGEST_PAGE", 10)
    assert _look(pdf()).text is None


def test_a_page_that_cannot_be_read_hides_no_other():
    def edit(writer):
        writer.append(io.BytesIO(pdf("Trang hai")))
        writer.pages[0][NameObject("/Contents")] = NumberObject(3)

    facts = _look(_edited(edit))
    assert facts.is_readable and facts.text == "Trang hai"


def test_a_title_is_one_bounded_line():
    facts = _look(_edited(lambda writer: writer.add_metadata({"/Title": "Giay\n khai sinh " + "x" * 500})))
    assert facts.title.startswith("Giay khai sinh x") and len(facts.title) == 200
    facts = _look(_edited(lambda writer: writer.add_metadata({"/Title": ArrayObject()})))
    assert facts.is_readable


def test_more_objects_than_anybody_looks_at(monkeypatch):
    monkeypatch.setattr(module, "MOST_OBJECTS", 3)
    assert _look(pdf()).active_content == ("unclear",)


def test_as_many_bookmarks_as_a_long_paper_has_hide_nothing_and_alarm_nobody():
    def edit(writer, last):
        # Each names the next.
        for _number in range(400):
            last = DictionaryObject({NameObject("/Next"): writer._add_object(last)})
        writer.root_object[NameObject("/Outlines")] = last

    assert _look(_edited(lambda writer: edit(writer, DictionaryObject()))).active_content == ()
    assert _look(_edited(lambda writer: edit(writer, _action("/Launch")))).active_content == ("launch",)


def test_a_table_of_many_cells_is_looked_at_like_any_paper(monkeypatch):
    monkeypatch.setattr(module, "MOST_OBJECTS", 300)

    def edit(writer):
        cells = ArrayObject(writer._add_object(DictionaryObject()) for _number in range(400))
        root = writer._add_object(DictionaryObject({NameObject("/K"): cells}))
        writer.root_object[NameObject("/StructTreeRoot")] = root
        _add_script(writer)

    assert _look(_edited(edit)).active_content == ("javascript",)


def test_a_thick_scan_is_not_held_in_memory(tmp_path):
    def edit(writer):
        pictures = ArrayObject()
        for number in range(20):
            picture = StreamObject()
            picture.set_data(bytes([number]) * 1024**2)
            pictures.append(writer._add_object(picture))
        writer.root_object[NameObject("/Pictures")] = pictures

    path = tmp_path / "scan.pdf"
    path.write_bytes(_edited(edit))
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            assert look_at_pdf(file).active_content == ()
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024**2
    finally:
        tracemalloc.stop()


def test_objects_in_a_circle_end():
    def edit(writer):
        circle = DictionaryObject()
        reference = writer._add_object(circle)
        circle[NameObject("/Next")] = ArrayObject([reference, TextStringObject("x")])
        writer.root_object[NameObject("/Circle")] = reference

    assert _look(_edited(edit)).is_readable


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"no pdf at all", b"%PDF-1.7\n%%EOF", b"%PDF-1.4\n" + b"[" * 9000]
)
def test_what_is_no_pdf(content):
    assert _look(content) == PdfFacts(is_readable=False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_spoilt_files_never_raise(data):
    content = pdf()
    for _change in range(data.draw(st.integers(1, 4))):
        content = attacks.changed_byte(content, data.draw(st.integers(0, len(content) - 1)))
    length = data.draw(st.integers(0, len(content)))
    assert isinstance(_look(content[:length]), PdfFacts)


def test_a_damaged_object_hides_nothing_of_the_others():
    def add(writer):
        script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer._root_object[NameObject("/OpenAction")] = DictionaryObject(script)
        writer._root_object[NameObject("/Odd")] = writer._add_object(TextStringObject("xyzzy"))

    whole = _edited(add, pdf("Ho va ten: TRAN VAN BINH"))
    # The object is there, and cannot be understood.
    facts = _look(whole.replace(b"(xyzzy)", b"<<[    ", 1))
    assert facts.is_readable
    assert {"javascript", UNCLEAR} <= set(facts.active_content)
    assert "BINH" in facts.text


def test_a_place_that_no_file_reaches_to_is_no_reason_to_give_up():
    # Without the end of its stream, readers take what comes before the next object that the list names.
    head = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/X 3 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    body = head + b"3 0 obj<</Length 3>>stream\nabcdefghi\nendobj\n"
    places = (body.index(b"1 0 obj"), body.index(b"2 0 obj"), body.index(b"3 0 obj"), 9_999_999_999)
    listing = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    sandbox = Sandbox()
    try:
        report = sandbox.inspect(io.BytesIO(body + listing + end), Trust(), NOW)
    finally:
        sandbox.close()
    assert report.is_examined and report.pdf.is_readable
