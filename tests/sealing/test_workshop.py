import io
import random
import time

import pytest
from authority import pdf
from PIL import Image
from pypdf import PdfReader
from test_copy_mark import MARK, WORDS

from sealing import child
from sealing.faults import EncryptedScan, ScanTooMuch, SignedScan, UnreadableScan, WorkshopBroken, WorkshopBusy
from sealing.workshop import Limits, marked_copy


def large_image(side=6000):
    output = io.BytesIO()
    Image.new("RGB", (side, side), "white").save(output, "PNG")
    return output.getvalue()


def copy_question(scans):
    mark = {"kind": MARK.kind, "agency": MARK.agency, "moment": MARK.moment.isoformat()}
    return child.question("copy", scans, **mark, check_address=MARK.check_address)


def test_the_copy_is_made_in_the_child(plain_pdf):
    copy = marked_copy([plain_pdf, plain_pdf], MARK)
    assert len(PdfReader(io.BytesIO(copy)).pages) == 2
    assert WORDS in " ".join(PdfReader(io.BytesIO(copy)).pages[0].extract_text().split())


def test_what_cannot_be_copied_is_said_by_the_child(plain_pdf, authority):
    with pytest.raises(UnreadableScan):
        marked_copy([b"nothing"], MARK)
    with pytest.raises(SignedScan):
        marked_copy([authority.sign(plain_pdf)], MARK)


@pytest.mark.parametrize(
    "limits",
    [Limits(memory=400 * 1024**2), Limits(seconds=1)],
    ids=["memory", "time"],
)
def test_what_is_too_much_ends_the_child_alone(limits):
    with pytest.raises(ScanTooMuch):
        marked_copy([large_image()] * 20, MARK, limits)


def test_a_child_that_starts_too_slowly_is_too_much(plain_pdf):
    with pytest.raises(ScanTooMuch):
        marked_copy([plain_pdf], MARK, Limits(seconds=0))


def test_question_and_answer_fit_each_other(plain_pdf):
    assert child.answered(child.answer(copy_question([plain_pdf]))).startswith(b"%PDF-")
    locked = pdf("x", encrypt="secret")
    with pytest.raises(EncryptedScan):
        child.answered(child.answer(copy_question([plain_pdf, locked])))


def test_a_damaged_pdf_is_unreadable_and_nothing_else(plain_pdf):
    chance = random.Random(7)
    outcomes = set()
    for _time in range(150):
        damaged = bytearray(plain_pdf)
        for _byte in range(6):
            damaged[chance.randrange(9, len(damaged))] = chance.randrange(256)
        outcomes.add(child.answer(copy_question([bytes(damaged)])).partition(b"PDF")[0])
    assert outcomes == {b"+%", b"-UnreadableScan 0"}


def test_a_process_that_does_not_work_is_not_the_scans_fault(plain_pdf, monkeypatch):
    monkeypatch.setattr("sealing.workshop._START", "raise ImportError('No module named pypdf')")
    with pytest.raises(WorkshopBroken) as broken:
        marked_copy([plain_pdf], MARK)
    assert broken.value.kind == "ImportError"


def test_an_interpreter_that_is_not_there_is_not_the_scans_fault(plain_pdf):
    with pytest.raises(WorkshopBroken) as broken:
        marked_copy([plain_pdf], MARK, python="/nowhere/python")
    assert broken.value.kind == "FileNotFoundError"


def test_nothing_is_waited_for_longer_than_is_left():
    for left in (-1, 0.5):
        began = time.monotonic()
        with pytest.raises(WorkshopBusy):
            marked_copy([large_image()] * 20, MARK, until=began + left)
        assert time.monotonic() - began < 5
