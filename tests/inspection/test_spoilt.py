"""Whoever spoils what tells of a change, and changes something, is found out all the same."""

import io
import re

import attacks
import office_pdfs
import pytest
from authority import NOW, pdf
from conftest import trust_of
from raw_updates import EVIL, USED, body_of, contents_of, last_table, put, root_of, stream, table, xref_stream
from test_updates import NOT_TOLD

from inspection.byte_ranges import whole_ranges
from inspection.reports import SignatureState, overall_state
from inspection.signatures import check_signatures

BROKEN, UNVERIFIED, VALID = "broken", "unverified", "valid"
NESTED = 80


@pytest.fixture(scope="module")
def signed(authority):
    return authority.sign(pdf("Diem: 5"))


@pytest.fixture(scope="module")
def changed(signed):
    return attacks.changed_byte(signed, signed.index(b"endstream") - 3)


@pytest.fixture(scope="module")
def state(authority):
    return lambda content: overall_state(check_signatures(io.BytesIO(content), trust_of(authority), NOW))


UNPRINTABLE = {
    "deep": lambda page: page[:-2] + b"/X" + b"[" * NESTED + b"]" * NESTED + b">>",
    "far too deep": lambda page: page[:-2] + b"/X" + b"[" * 2000 + b"]" * 2000 + b">>",
    "no number": lambda page: page[:-2] + b"/Rotate/0 1.2.3>>",
    "no dictionary": lambda page: page[:-2] + b"/Rotate 1/0>>",
    "no page": lambda page: b"}{",
    "picture": lambda page: page.replace(b"/Type /Page", b"/Type /Page /Thumb 95 0 R"),
}


class TestUnprintable:
    @pytest.mark.parametrize("cause", NOT_TOLD.values(), ids=NOT_TOLD)
    @pytest.mark.parametrize("spoil", UNPRINTABLE.values(), ids=UNPRINTABLE)
    def test_a_page_that_nobody_can_compare_any_more(self, signed, state, cause, spoil):
        page = spoil(body_of(signed, 3))
        objects = {**cause(signed), 3: page, contents_of(signed): stream(EVIL), 95: b"<</Length 9>>\nstream\nx"}
        assert state(office_pdfs.appended(signed, objects, size=400)) == BROKEN

    @pytest.mark.parametrize("cause", NOT_TOLD.values(), ids=NOT_TOLD)
    def test_words_of_the_page_that_the_library_cannot_read(self, signed, state, cause):
        body = b"<</Length 99999>>\nstream\n" + EVIL
        objects = {**cause(signed), contents_of(signed): body}
        assert state(office_pdfs.appended(signed, objects, size=400)) == BROKEN

    @pytest.mark.parametrize("cause", NOT_TOLD.values(), ids=NOT_TOLD)
    def test_an_honest_update_beside_what_cannot_be_told_is_not_broken_by_it(self, authority, signed, state, cause):
        if cause(signed):
            content = office_pdfs.appended(signed, cause(signed), size=400)
            assert state(content) == state(office_pdfs.appended(content, {150: b"<</Nothing true>>"}, size=400))


WIPED = {
    "null": b"/ByteRange null",
    "nothing": b"/ByteRange",
    "name": b"/Byte",
    "other name": b"/ByteRang\0 [0 1 2 3]",
    "escaped": b"/Byte#52ange",
    "gone": b"",
    "numbers": b"/ByteRange []",
    "zeros": b"/ByteRange [0 0 0 0]",
    "words": b"/ByteRange [/a /b]",
}


def _with_range(content, words):
    """Return `content` in which `words` stand where the signed range was told; an escaped name keeps its numbers."""
    found = list(re.finditer(rb"/ByteRange( \[[^\]]*\] *)", content))[-1]
    words += found[1] if b"#" in words else b""
    return content[: found.start()] + words.ljust(len(found[0]))[: len(found[0])] + content[found.end() :]


class TestLostRange:
    @pytest.mark.parametrize("words", WIPED.values(), ids=WIPED)
    def test_the_words_that_tell_what_is_signed(self, signed, changed, state, words):
        assert state(_with_range(changed, words)) == BROKEN
        assert state(_with_range(signed, words)) == BROKEN, "they are signed themselves"

    @pytest.mark.parametrize("words", WIPED.values(), ids=WIPED)
    def test_in_a_file_that_cannot_be_read(self, changed, state, words):
        content = _with_range(changed, words)
        assert state(table(content, {}, prev=b"7")) == BROKEN

    def test_each_byte_of_them(self, signed, state):
        start = signed.rindex(b"/ByteRange")
        stop = signed.index(b"]", start)
        assert {state(attacks.changed_byte(signed, at)) for at in range(start, stop + 1)} == {BROKEN}

    def test_a_time_stamp(self, authority, state):
        stamped = authority.stamp(pdf(), NOW)
        assert state(stamped) == "unsigned"
        assert state(_with_range(stamped, b"/ByteRange")) == BROKEN

    def test_a_range_that_stands_elsewhere_is_not_lost(self, signed):
        content = office_pdfs.appended(signed, {90: b"[0 1 2 3]"})
        assert len(whole_ranges(io.BytesIO(content))) == 1

    def test_a_text_that_is_no_signature(self, state):
        content = pdf()
        for text in (b"<3082>", b"<3082" + b"00" * 500 + b">", b"<3082zz>", b"<3082"):
            assert state(office_pdfs.appended(content, {90: text})) == "unsigned"

    def test_a_field_that_still_waits(self, signed, state):
        """Nobody has signed yet: the place for the signature is empty."""
        assert state(_emptied(signed)) == UNVERIFIED


def _emptied(content, count=None):
    _start, before, after, _rest = attacks.signed_range(content)
    count = after - before - 2 if count is None else count
    return content[: before + 1] + b"0" * count + content[before + 1 + count :]


class TestSpoiltSignature:
    @pytest.mark.parametrize("count", [2, 10, 40])
    def test_the_digest_that_is_left_tells_of_a_change(self, signed, changed, state, count):
        assert state(_emptied(changed, count)) == BROKEN
        assert state(_emptied(signed, count)) == UNVERIFIED

    def test_that_of_a_time_stamp_beside_it_tells_nothing(self, authority, state):
        stamped = authority.stamp(pdf(), NOW)
        changed = attacks.changed_byte(stamped, stamped.index(b"endstream") - 3)
        assert overall_state([]) == state(_emptied(stamped, 10)) == state(_emptied(changed, 10))

    def test_an_emptied_one_does_not_hide_the_change_from_the_next(self, authority, changed, signed, state):
        for first in (_emptied(changed), _emptied(signed)):
            assert state(authority.sign(first, field="Ky2")) == UNVERIFIED
        twice = authority.sign(signed, field="Ky2")
        start, before, after, _rest = attacks.signed_range(twice, which=0)
        assert state(twice[: before + 1] + b"0" * (after - before - 2) + twice[after - 1 :]) == BROKEN


class TestHeader:
    @pytest.mark.parametrize("count", [3, 5, 8])
    def test_a_wiped_header_hides_no_change(self, signed, changed, state, count):
        spoilt = b" " * count
        assert state(spoilt + changed[count:]) == BROKEN
        page = office_pdfs.appended(signed, {contents_of(signed): stream(EVIL)})
        assert state(spoilt + page[count:]) == BROKEN
        assert state(spoilt + signed[count:]) == UNVERIFIED, "nothing else was changed"

    def test_nor_does_one_that_is_wiped_with_more(self, signed, state):
        assert state(b" " * 12 + signed[12:]) == BROKEN

    def test_nor_one_without_its_range(self, changed, state):
        assert state(b" " * 8 + _with_range(changed, b"/ByteRange")[8:]) == BROKEN


def _other_pages(content):
    """Return (objects, their rows in a list, catalogue) of other pages behind `content`."""
    page = body_of(content, 3).replace(b"/Contents %d 0 R" % contents_of(content), b"/Contents 91 0 R")
    bodies = {90: page, 91: stream(EVIL), 92: b"<</Type/Pages/Count 1/Kids[90 0 R]>>"}
    written, rows = b"", {}
    for number, body in bodies.items():
        rows[number] = (USED, len(content) + len(written), 0)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return written, rows, re.sub(rb"/Pages \d+ 0 R", b"/Pages 92 0 R", body_of(content, root_of(content)))


class TestRoot:
    @pytest.mark.parametrize("key", [b"/Root", b"/R#6fot", b"/#52#6F#6f#74", b"/Root%x\n", b"/Root\0\f"])
    def test_a_catalogue_in_the_list_itself(self, signed, state, key):
        written, rows, root = _other_pages(signed)
        content = table(signed, rows, written)
        for catalogue in (root, b"<</Pages 92 0 R>>", b"<</Type/Catalog/Pages<</Count 1/Kids[90 0 R]>>>>"):
            assert state(content.replace(b"/Root %d 0 R/Prev" % root_of(signed), key + catalogue + b"/Prev")) == BROKEN

    def test_one_that_shows_the_same_is_only_not_passed(self, signed, state):
        content = table(signed, {}).replace(b"/Root 4 0 R/Prev", b"/Root" + body_of(signed, 4) + b"/Prev")
        assert state(content) == UNVERIFIED

    def test_one_that_was_signed_but_hidden(self, authority, state):
        content = pdf("Diem: 5")
        written, rows, root = _other_pages(content)
        rows[93] = (USED, len(content + written), 0)
        prepared = authority.sign(table(content, rows, written + b"93 0 obj\n%s\nendobj\n" % root))
        assert state(prepared) == VALID
        for prev in (None, b"7"):
            shown = table(prepared, {}, prev=prev)
            at = shown.rindex(b"/Root ")
            assert state(shown[:at] + re.sub(rb"/Root \d+", b"/Root 93", shown[at:])) == BROKEN


class TestLists:
    MORE = [
        b"/R#6fot 90 0 R",
        b"/Pre#76 17",
        b"/#50rev 17",
        b"/Root 90 0 R",
        b"/Size 7",
        b"/Foo 1/Foo 2",
        b"/In#66o 5 0 R",
    ]

    @pytest.mark.parametrize("more", MORE)
    def test_keys_that_are_read_in_two_ways(self, signed, state, more):
        assert state(table(signed, {}, trailer=more)) == UNVERIFIED
        assert state(xref_stream(signed, {}, trailer=more)) == UNVERIFIED

    def test_other_keys_are_read_in_one(self, signed, state):
        more = b"/DocChecksum /1A2B/ID[(a#b/c#d)<00>]/X<</A#42 1/A 2/A 3>>"
        assert state(table(signed, {}, trailer=more)) == state(xref_stream(signed, {}, trailer=more)) == VALID

    def test_a_list_beside_a_list_that_is_a_stream(self, signed, state):
        assert state(xref_stream(signed, {}, trailer=b"/XRefStm 17")) == UNVERIFIED
        beside = xref_stream(signed, {150: (USED, len(signed), 0)}, b"150 0 obj\n<</Nothing true>>\nendobj\n")
        assert state(xref_stream(beside, {}, trailer=b"/XRefStm %d" % last_table(beside))) == UNVERIFIED

    def test_one_that_was_signed_is_the_signers_own_affair_while_nothing_is_added(self, authority, state):
        content = authority.sign(xref_stream(pdf(), {}, trailer=b"/XRefStm 17"))
        assert state(content) == VALID
        assert state(put(content, 150, b"<</Nothing true>>")) == UNVERIFIED


class TestFilledUp:
    FILLINGS = [b"\n" * 1100, b"\0" * 4096, b"\r\n" * 30_000, b" \t\f\0" * 5000]

    @pytest.mark.parametrize("filling", FILLINGS, ids=["lines", "zeros", "more", "mixed"])
    def test_white_space_is_nothing_added(self, authority, signed, state, filling):
        for content in (signed, authority.sign(office_pdfs.dangling()), authority.sign(signed, field="Ky2")):
            assert state(content + filling) == VALID
        (report,) = check_signatures(io.BytesIO(signed + filling), trust_of(authority), NOW)
        assert (report.state, report.covers_whole_file) == (SignatureState.VALID, False)

    def test_white_space_may_lie_in_what_is_signed(self, authority, state):
        content = authority.sign(office_pdfs.appended(pdf() + b"\n" * 1100, {90: b"<</Nothing true>>"}))
        assert state(content) == state(content + b"\n" * 1100) == VALID

    def test_as_far_as_anybody_fills_up_a_file(self, signed, state):
        assert state(signed + b"\0" * 3 * 1024 * 1024) == UNVERIFIED

    def test_what_only_readers_that_find_no_end_see_is_not_passed(self, authority, signed, state):
        hidden = b"7 0 obj\n" + stream(EVIL) + b"\nendobj\n"
        content = pdf("Diem: 5")
        at = content.rindex(b"startxref")
        prepared = authority.sign(content[:at] + hidden + content[at:])
        assert state(prepared) == state(prepared + b"\n" * 900) == VALID
        assert state(prepared + b"\n" * 1100) == UNVERIFIED

    def test_words_behind_it_are_something(self, signed, state):
        assert state(signed + b"\n" * 2000 + b"7 0 obj\n" + stream(EVIL) + b"\nendobj\n") == BROKEN
        assert state(signed[:-40] + b"\n" * 2000) == BROKEN
