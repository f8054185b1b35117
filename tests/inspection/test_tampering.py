import io

import attacks
import pytest
from authority import NOW, pdf
from conftest import trust_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from inspection.byte_ranges import fault_of, mentions_signature
from inspection.reports import Change, SignatureState, overall_state
from inspection.signatures import check_signatures

BROKEN = SignatureState.BROKEN


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(pdf("Ho ten: Nguyen Van Thu"))


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


def test_bytes_changed_inside(signed, check):
    (report,) = check(attacks.changed_byte(signed, signed.index(b"endstream") - 3))
    assert report.state is BROKEN
    assert not report.is_intact and not report.is_trusted


def test_the_signature_itself_changed(signed, check):
    _start, before, after, _rest = attacks.signed_range(signed)
    hole = signed[before:after]
    filled = len(hole.rstrip(b">").rstrip(b"0"))
    at = before + filled - 8
    digit = b"0" if signed[at : at + 1] != b"0" else b"1"
    (report,) = check(signed[:at] + digit + signed[at + 1 :])
    assert report.state is BROKEN


def test_content_added_after_signing(signed, check):
    (report,) = check(attacks.added_text(signed))
    assert report.state is BROKEN
    assert report.is_intact and not report.is_trusted
    assert report.changed_afterwards is Change.FORBIDDEN and not report.covers_whole_file


def test_content_added_between_two_signatures(signed, authority, check):
    first, second = check(authority.sign(attacks.added_text(signed), field="Ky2"))
    assert (first.state, second.state) == (BROKEN, SignatureState.VALID)
    assert overall_state((first, second)) == "broken"


def test_shadow_content(authority, check):
    prepared = authority.sign(attacks.with_hidden_pages(pdf("Nguyen Van Thu"), pdf("Nguoi khac")))
    assert [report.state for report in check(prepared)] == [SignatureState.VALID]
    (report,) = check(attacks.with_pages_swapped(prepared))
    assert report.state is BROKEN
    assert report.changed_afterwards is Change.FORBIDDEN


def test_signature_wrapping(signed, check):
    forged = attacks.wrapped(signed)
    _start, before, after, rest = attacks.signed_range(forged, which=0)
    assert forged[:before] + forged[after : after + rest] == _signed_bytes(signed), "the digest is still right"
    (report,) = check(forged)
    assert report.state is BROKEN
    assert report.reason == "the hole in the signed range is not the signature alone"


def test_the_first_of_two_signatures_is_broken(signed, authority, check):
    changed = attacks.changed_byte(signed, signed.index(b"endstream") - 3)
    first, second = check(authority.sign(changed, field="Ky2"))
    assert (first.field_name, first.state) == ("Ky1", BROKEN)
    assert (second.field_name, second.state) == ("Ky2", SignatureState.VALID)
    assert overall_state((first, second)) == "broken"


def test_a_signature_without_its_field(signed, check):
    assert [report.state for report in check(attacks.without_form(signed))] == [BROKEN]


def test_a_kind_of_signature_that_nobody_can_check(signed, check):
    forged = signed.replace(b"/adbe.pkcs7.detached", b"/adbe.x509.rsa_sha11")
    assert [report.state for report in check(forged)] == [BROKEN]


def test_a_file_cut_off(signed, check):
    for length in (len(signed) - 1, len(signed) - 40, attacks.signed_range(signed)[2] + 100):
        assert {report.state for report in check(signed[:length])} == {BROKEN}


def test_a_file_that_ends_within_its_signature(signed, authority, check):
    # Some write what is signed behind the signature.
    start = signed.index(b"/Contents <30") + len(b"/Contents ")
    for length in (20, 1001, 3000):
        for behind in (b"", b"\r\n", bytes(300)):
            (report,) = check(signed[: start + length] + behind)
            assert (report.state, report.reason) == (BROKEN, "bytes at the end are missing that were signed")
    twice = authority.sign(signed, field="Ky2")
    assert BROKEN in [report.state for report in check(twice[: twice.rindex(b"/Contents <30") + 3000])]


@pytest.mark.parametrize(
    "end", [b"", b"12345678", b"<1234567890abcdef", b"<30", b"<308", b"<30827f12>", b"<3082 stream"]
)
def test_what_ends_with_digits_is_no_signature(end, check):
    assert check(pdf() + end) == ()


@pytest.mark.parametrize("content", [b"/ByteRange", b"%PDF-1.7 /ByteRange [0 1 2 3]", b"\0" * 500 + b"/ByteRange"])
def test_garbage(content, check):
    assert [report.state for report in check(content)] == [SignatureState.UNVERIFIED]


def test_a_reason_holds_nothing_of_the_file(signed, check):
    (report,) = check(attacks.added_text(signed))
    assert report.reason and report.signer not in report.reason


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_signed_byte_can_change(signed, check, data):
    _start, before, after, _rest = attacks.signed_range(signed)
    at = data.draw(st.one_of(st.integers(0, before - 1), st.integers(after, len(signed) - 1)))
    state = overall_state(check(attacks.changed_byte(signed, at)))
    # Whoever spoils the words that tell which bytes are signed leaves nothing to prove.
    told = signed.rindex(b"/ByteRange"), signed.index(b"]", signed.rindex(b"/ByteRange"))
    assert state == "broken" or (told[0] <= at <= told[1] and state != "valid"), at


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.binary(min_size=1, max_size=60), data=st.data())
def test_nothing_put_in_front_between_or_behind_raises(signed, check, noise, data):
    at = data.draw(st.integers(0, len(signed) - 1))
    changed = signed[:at] + noise + signed[at:]
    # What begins with the file as it was signed has something behind its end: a line break before the last one, say.
    assume(not changed.startswith(signed))
    assert overall_state(check(changed)) in ("broken", "unverified", "unsigned")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.binary(min_size=1, max_size=60))
def test_noise_behind_the_end_may_be_nothing(signed, check, noise):
    assert overall_state(check(signed + noise)) in ("valid", "unverified", "broken")


def _signed_bytes(content):
    _start, before, after, _rest = attacks.signed_range(content)
    return content[:before] + content[after:]


class TestSignedRange:
    CONTENT = b"%PDF <abcd> %%EOF"

    def _fault(self, *numbers):
        return fault_of(io.BytesIO(self.CONTENT), numbers, b"\xab\xcd")

    def test_exactly_around_the_signature(self):
        assert self._fault(0, 5, 11, 6) == ""
        assert self._fault(0, 5, 11, 2) == "", "how far it reaches is judged elsewhere"

    @pytest.mark.parametrize(
        "numbers",
        [
            (),
            (0, 5, 11),
            (0, 5, 11, 6, 17, 0),
            (0, 5, 11, "6"),
            (0, 5, 11, True),
            (1, 4, 11, 6),
            (0, -5, 11, 6),
            (0, 5, 11, 7),
            (0, 5, 4, 6),
            (0, 5, 12, 5),
            (0, 4, 11, 6),
            (0, 6, 10, 6),
            (0, 0, 17, 0),
            (0, 5, 2**63, 6),
        ],
    )
    def test_anything_else(self, numbers):
        assert self._fault(*numbers)

    def test_another_signature_in_the_hole(self):
        assert fault_of(io.BytesIO(self.CONTENT), (0, 5, 11, 6), b"\xab\xce")
        assert fault_of(io.BytesIO(b"%PDF <wxyz> %%EOF"), (0, 5, 11, 6), b"\xab\xce")

    def test_the_mark_is_found_across_blocks(self):
        edge = 1024 * 1024
        for start in range(edge - 11, edge + 2):
            assert mentions_signature(io.BytesIO(b" " * start + b"/ByteRange"))
        assert not mentions_signature(io.BytesIO(b" " * edge + b"/ByteRang"))
