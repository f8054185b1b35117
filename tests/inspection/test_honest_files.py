"""Honest files that are written unusually are not called broken, and forgers gain nothing by writing so."""

import asyncio
import csv
import functools
import hashlib
import io
import os

import attacks
import office_pdfs
import pytest
from asn1crypto import cms
from authority import NOW, pdf
from conftest import ROOT, trust_of
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from inspection import reports
from inspection.reports import Change, SignatureState, overall_state
from inspection.signatures import check_signatures
from inspection.trust import Trust

# The shared corpus lies beside the checkout; tests that need it are skipped where it is not there.
CORPUS = os.environ.get("KHO_DL_CORPUS") or str(ROOT.parent / "shared" / "corpus")
SOUND = {"valid", "unknown_signer", "expired"}
VERDICTS = {"sound": SOUND, "unverified": {"unverified"}, "broken": {"broken", "revoked"}}
HYBRID = office_pdfs.hybrid()


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


def _sloppily(authority, content, **options):
    return authority.sign_with(IncrementalPdfFileWriter(io.BytesIO(content), strict=False), **options)


def _updated(content, change):
    """Return `content` with an update in which `change(writer)` did something."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _expected():
    listing = os.path.join(CORPUS, "signatures", "expected.csv")
    if not os.path.exists(listing):
        return [pytest.param("", "", marks=pytest.mark.skip(reason=f"the shared corpus is not at {CORPUS}"))]
    with open(listing, newline="") as rows:
        return [pytest.param(row["file"], row["expected"], id=row["file"]) for row in csv.DictReader(rows)]


@pytest.mark.parametrize(("name", "expected"), _expected())
def test_the_shared_corpus(name, expected):
    with open(os.path.join(CORPUS, "signatures", name), "rb") as file:
        found = check_signatures(file, Trust(), NOW)
    assert overall_state(found) in VERDICTS[expected], found


class TestHybrid:
    def test_signed_as_word_writes_it(self, authority, check):
        (report,) = check(_sloppily(authority, HYBRID))
        assert (report.state, report.changed_afterwards) == (SignatureState.VALID, Change.NO)

    def test_with_validation_data_and_a_time_stamp_afterwards(self, authority, check):
        signed = _sloppily(authority, HYBRID)
        stamper = signers.PdfTimeStamper(authority.stamper(NOW))
        stored = _updated(signed, _store)
        stamped = stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(stored), strict=False), "sha256").getvalue()
        first, stamp = check(stamped)
        assert (first.state, first.changed_afterwards) == (SignatureState.VALID, Change.ALLOWED)
        assert stamp.is_timestamp and stamp.is_intact

    def test_a_second_signature(self, authority, check):
        states = [each.state for each in check(_sloppily(authority, _sloppily(authority, HYBRID), field="Ky2"))]
        assert states == [SignatureState.VALID, SignatureState.VALID]

    def test_other_words_over_the_page_break_it(self, authority, check):
        def put(writer):
            stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 400 Td (Nguoi khac) Tj ET")
            writer.add_stream_to_page(0, writer.add_object(stream))

        (report,) = check(_updated(_sloppily(authority, HYBRID), put))
        assert report.state is SignatureState.BROKEN

    def test_two_ways_of_reading_are_the_signers_own_affair_while_nothing_is_added(self, authority, check):
        (report,) = check(_sloppily(authority, office_pdfs.hybrid(other=b"Nguoi khac")))
        assert report.state is SignatureState.VALID

    def test_two_ways_of_reading_and_something_added_is_not_passed(self, authority, check):
        signed = _sloppily(authority, office_pdfs.hybrid(other=b"Nguoi khac"))
        (report,) = check(_updated(signed, _store))
        assert (report.state, report.reason) == (SignatureState.UNVERIFIED, reports.TWO_READINGS)

    def test_an_update_that_hides_something_from_some_readers_is_not_passed(self, authority, check):
        signed = _sloppily(authority, pdf())
        content = attacks.hybrid_update(signed)
        (report,) = check(content)
        assert report.state in (SignatureState.UNVERIFIED, SignatureState.BROKEN)


def _store(writer, extra=b"x"):
    """Put a new security store in place of the one that is there."""
    certificate = writer.add_object(generic.StreamObject(stream_data=extra))
    key = pdf_name("/" + "A" * 40)
    entry = generic.DictionaryObject({pdf_name("/Cert"): generic.ArrayObject([certificate])})
    store = generic.DictionaryObject(
        {
            pdf_name("/Certs"): generic.ArrayObject([certificate]),
            pdf_name("/VRI"): generic.DictionaryObject({key: entry, pdf_name("/Type"): pdf_name("/VRI")}),
        }
    )
    if "/DSS" in writer.root:
        held = writer.root["/DSS"]
        held.update(store)
        writer.update_container(held)
    else:
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()


class TestAddedAfterwards:
    def test_validation_data_may_be_renewed(self, authority, check):
        signed = authority.sign(pdf())
        once = _updated(signed, _store)
        again = _updated(authority.sign(once, field="Ky2"), lambda writer: _store(writer, b"y"))
        first, second = check(again)
        assert first.state is second.state is SignatureState.VALID
        assert first.changed_afterwards is second.changed_afterwards is Change.ALLOWED

    def test_a_store_that_holds_the_page_does_not_let_it_change(self, authority, check):
        def put(writer):
            page = writer.root["/Pages"]["/Kids"].raw_get(0)
            shown = page.get_object()
            shown[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT (Khac) Tj ET"))
            writer.mark_update(page.reference)
            writer.root[pdf_name("/DSS")] = writer.add_object(
                generic.DictionaryObject({pdf_name("/Certs"): generic.ArrayObject([page])})
            )
            writer.update_root()

        (report,) = check(_updated(authority.sign(pdf()), put))
        assert report.state is SignatureState.BROKEN

    def test_a_page_that_points_at_what_is_not_there_may_not_get_it_later(self, authority, check):
        signed = authority.sign(office_pdfs.dangling())
        assert [each.state for each in check(signed)] == [SignatureState.VALID]
        drawn = b"BT /F1 30 Tf 72 400 Td (Nguoi khac) Tj ET"
        body = b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn)
        (report,) = check(office_pdfs.appended(signed, {90: body}))
        assert report.state is SignatureState.BROKEN

    def test_objects_that_nothing_reaches_change_nothing(self, authority, check):
        (report,) = check(office_pdfs.appended(authority.sign(pdf()), {90: b"<</Nothing true>>"}))
        assert (report.state, report.changed_afterwards) == (SignatureState.VALID, Change.ALLOWED)

    def test_white_space_at_the_end_is_nothing_added(self, authority, check):
        (report,) = check(authority.sign(pdf()) + b"\r\n\r\n")
        assert (report.state, report.changed_afterwards) == (SignatureState.VALID, Change.NO)


class TestCannotBeTold:
    def test_no_certificate_inside(self, authority, check):
        signed = _resigned(authority.sign(pdf()), _without_certificates)
        (report,) = check(signed)
        assert (report.state, report.reason) == (SignatureState.UNVERIFIED, reports.NO_CERTIFICATE)

    def test_an_algorithm_that_is_not_known(self, authority, check):
        (report,) = check(_resigned(authority.sign(pdf()), _with_unknown_algorithm))
        assert report.state is SignatureState.UNVERIFIED

    def test_no_certificate_inside_and_other_bytes_is_broken(self, authority, check):
        signed = _resigned(authority.sign(pdf()), _without_certificates)
        (report,) = check(attacks.changed_byte(signed, signed.index(b"endstream") - 3))
        assert report.state is SignatureState.BROKEN

    def test_an_empty_signature(self, authority, check):
        signed = authority.sign(pdf())
        _start, before, after, _rest = attacks.signed_range(signed)
        empty = signed[:before] + b"<" + b"0" * (after - before - 2) + b">" + signed[after:]
        assert [each.state for each in check(empty)] == [SignatureState.UNVERIFIED]

    def test_a_word_alone_is_no_signature(self, check):
        content = pdf("x")
        at = content.rindex(b"startxref")
        assert check(content[:at] + b"% /ByteRange [1 2 3 4]\n" + content[at:]) == ()

    def test_what_cannot_be_told_is_worse_than_what_passed_and_better_than_what_failed(self):
        ranked = [SignatureState.EXPIRED, SignatureState.UNVERIFIED, SignatureState.REVOKED, SignatureState.BROKEN]
        assert [each for each in SignatureState if each in ranked] == ranked


@functools.cache
def _resigned(content, change):
    """Return `content` with its signature (CMS) changed by `change`."""
    _start, before, after, _rest = attacks.signed_range(content)
    info = cms.ContentInfo.load(bytes.fromhex(content[before + 1 : after - 1].decode()))
    change(info["content"])
    written = info.dump(force=True).hex().encode()
    return content[: before + 1] + written.ljust(after - before - 2, b"0") + content[after - 1 :]


def _without_certificates(signed):
    signed["certificates"] = cms.CertificateSet([])


def _with_unknown_algorithm(signed):
    signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "1.2.3.4.5"}


class TestOldKinds:
    def test_a_signature_of_the_sha1_of_the_file(self, authority, check):
        (report,) = check(_with_sha1_inside(authority))
        # Whole, and of a signer who is trusted: but anybody may have made SHA-1 fit.
        assert (report.state, report.is_intact) == (SignatureState.UNVERIFIED, True)
        assert report.reason == reports.WEAK_ALGORITHM

    def test_the_sha1_of_another_file_is_broken(self, authority, check):
        signed = _with_sha1_inside(authority)
        (report,) = check(attacks.changed_byte(signed, signed.index(b"endstream") - 3))
        assert report.state is SignatureState.BROKEN

    def test_ecdsa_under_the_name_of_its_key(self, authority, check):
        # As iText 5 writes it.
        signed = _resigned(_signed_plainly(authority), _named_by_its_key)
        assert [each.state for each in check(signed)] == [SignatureState.VALID]
        forged = _resigned(signed, _of_another_digest)
        for changed in (forged, attacks.changed_byte(signed, signed.index(b"endstream") - 3)):
            assert [each.state for each in check(changed)] == [SignatureState.BROKEN]


def _signed_plainly(authority):
    """Return a signed PDF whose signature does not say over again what its algorithm is."""
    plain = authority.sign(pdf(), subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    _start, before, after, rest = attacks.signed_range(plain)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(plain[:before] + plain[after : after + rest])
    builder = builder.add_signer(authority.office.certificate, authority.office.key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    signature = builder.sign(serialization.Encoding.DER, options).hex().encode()
    return plain[: before + 1] + signature.ljust(after - before - 2, b"0") + plain[after - 1 :]


def _named_by_its_key(signed):
    signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "1.2.840.10045.2.1"}


def _of_another_digest(signed):
    signature = signed["signer_infos"][0]["signature"].native
    signed["signer_infos"][0]["signature"] = signature[:-1] + bytes([signature[-1] ^ 1])


def _with_sha1_inside(authority):
    """Return a PDF that was signed as `/adbe.pkcs7.sha1` has it."""
    plain = authority.sign(pdf(), subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    plain = plain.replace(b"/adbe.pkcs7.detached", b"/adbe.pkcs7.sha1    ")
    _start, before, after, rest = attacks.signed_range(plain)
    digest = hashlib.sha1(plain[:before] + plain[after : after + rest]).digest()
    signer = signers.SimpleSigner(authority.office.asn1, authority.office.asn1_key, authority._store())
    info = asyncio.run(signer.async_sign(hashlib.sha1(digest).digest(), "sha1"))
    info["content"]["encap_content_info"] = {"content_type": "data", "content": digest}
    signature = info.dump(force=True).hex().encode()
    return plain[: before + 1] + signature.ljust(after - before - 2, b"0") + plain[after - 1 :]


class TestDates:
    @pytest.mark.parametrize(
        ("date", "told"),
        [
            # LibreOffice where the computer's time is UTC, older signing tools, Java.
            ("D:20260530031500Z'", "2026-05-30T03:15:00+00:00"),
            ("D:20260530031500Z00'00'", "2026-05-30T03:15:00+00:00"),
            ("D:20260530101500+07:00", "2026-05-30T03:15:00+00:00"),
            ("D:20260530101500+0700", "2026-05-30T03:15:00+00:00"),
            ("D:20260530101500+07'00'", "2026-05-30T03:15:00+00:00"),
            ("30/05/2026 10:15", None),
            ("D:20261399999999Z", None),
            # No such time in the readers' time zone, or in UTC.
            ("D:99991231235959Z", None),
            ("D:00010101000000+23'00'", None),
        ],
    )
    def test_a_date_that_is_written_unusually_takes_nothing_from_a_signature(self, authority, check, date, told):
        signed = _dated(authority, date)
        (report,) = check(signed)
        assert (report.state, report.signed_on) == (SignatureState.VALID, told)
        (report,) = check(attacks.changed_byte(signed, signed.index(b"endstream") - 3))
        assert report.state is SignatureState.BROKEN


def _dated(authority, date):
    """Return a signed PDF that tells its time beside the signature only, as `date`."""
    room = "x" * 30
    plain = authority.sign(pdf(), subfilter=SigSeedSubFilter.PADES, reason=room).replace(b"/M (", b"/O (")
    kept = b"/Reason (%s)" % room.encode()
    plain = plain.replace(kept, (b"/M (%s)" % date.encode()).ljust(len(kept)))
    return _made_anew(authority, plain)


def _made_anew(authority, content):
    """Return `content` with another signature over what is signed there now."""
    _start, before, after, rest = attacks.signed_range(content)
    digest = hashlib.sha256(content[:before] + content[after : after + rest]).digest()
    signer = signers.SimpleSigner(authority.office.asn1, authority.office.asn1_key, authority._store())
    info = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True))
    return content[: before + 1] + info.dump().hex().encode().ljust(after - before - 2, b"0") + content[after - 1 :]
