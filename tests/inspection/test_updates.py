"""What an update may not do to a signed file, however it is written: each forgery in each way of listing objects."""

import io

import office_pdfs
import pytest
from authority import NOW, pdf
from conftest import trust_of
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from raw_updates import EVIL, FREE, WAYS, beside, body_of, contents_of, put, stream, table

from inspection.reports import SignatureState
from inspection.signatures import check_signatures

BROKEN, UNVERIFIED, VALID = SignatureState.BROKEN, SignatureState.UNVERIFIED, SignatureState.VALID
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(pdf("Diem: 5"))


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


@pytest.fixture(scope="module")
def verdict(check):
    return lambda content: {report.state for report in check(content)}


class TestNumbers:
    @ways
    @pytest.mark.parametrize("generation", [0, 1, 2, 65535])
    def test_nothing_is_taken_out(self, signed, verdict, way, generation):
        assert verdict(way(signed, {contents_of(signed): (FREE, 0, generation)})) == {BROKEN}

    @ways
    @pytest.mark.parametrize("generation", [0, 1, 7, 65535])
    @pytest.mark.parametrize("is_headed_alike", [True, False])
    def test_no_number_gets_another_object(self, signed, verdict, way, generation, is_headed_alike):
        number = contents_of(signed)
        header = None if is_headed_alike else b"%d 0 obj" % number
        assert verdict(put(signed, number, stream(EVIL), way, generation, header)) == {BROKEN}

    @ways
    def test_what_never_was_may_be_freed_and_used(self, signed, verdict, way):
        # Not all readers look beside a table.
        expected = UNVERIFIED if way is beside else VALID
        assert verdict(way(signed, {150: (FREE, 0, 65535)})) == {expected}
        assert verdict(put(signed, 150, b"<</Nothing true>>", table)) == {VALID}

    def test_no_number_is_below_zero(self, signed, verdict):
        number = contents_of(signed)
        content = put(signed, number, stream(EVIL)).replace(b"\n%d 1\n" % number, b"\n-%d 1\n" % number)
        assert verdict(content) == {BROKEN}


@pytest.mark.parametrize("name", [b"/BaseFont/Helvetica", b"/Subtype/Type1"])
def test_a_text_is_not_the_name_that_is_written_alike(authority, verdict, name):
    written = authority.sign_with(IncrementalPdfFileWriter(io.BytesIO(office_pdfs.hybrid()), strict=False))
    font = body_of(written, 5)
    _nothing, key, value = name.split(b"/")
    changed = font.replace(name, b"/%s(/%s)" % (key, value))
    assert changed != font
    assert verdict(put(written, 5, changed)) == {BROKEN}
    assert verdict(put(written, 5, font[:-2] + b"/ITXT(7)>>")) == {VALID}
