import io
from datetime import datetime, timedelta, timezone

import office_pdfs
import pytest
from authority import NOW, OFFICE
from conftest import PASSWORD, key_file
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from inspection.sandbox import inspect_file
from inspection.trust import Trust
from sealing.copy_mark import CopyMark, mark_copy
from sealing.faults import (
    CertificateNotForSigning,
    CertificateOver,
    KeyUnusable,
    PasswordWrong,
    SignedScan,
    UnreadableScan,
)
from sealing.seal import SealKey

MOMENT = datetime(2026, 11, 25, 7, 5, 9, tzinfo=timezone.utc)


@pytest.fixture
def key(authority):
    return SealKey(key_file(authority.office, [authority.middle]), PASSWORD)


@pytest.fixture
def sealed(key, plain_pdf):
    marked = mark_copy(plain_pdf, CopyMark("copy", "Sở Tư pháp", MOMENT))
    return key.seal(marked, NOW, reason="Sao y", location="Hà Nội")


def test_the_seal_is_whole_and_names_the_agency(sealed, authority):
    [signature] = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    context = ValidationContext(trust_roots=[authority.root.asn1], moment=NOW, best_signature_time=NOW)
    status = validate_pdf_signature(signature, context)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage.name == "ENTIRE_FILE"
    assert signature.sig_object["/Reason"] == "Sao y"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert OFFICE in status.signing_cert.subject.human_friendly


def test_our_own_look_at_it_says_the_same(sealed, authority):
    report = inspect_file(io.BytesIO(sealed), "application/pdf", Trust((authority.root.der,), ()), NOW)
    [found] = report.signatures
    assert found.is_intact and found.covers_whole_file and found.is_trusted


def _found(content, authority):
    trust = Trust((authority.root.der,), (authority.middle.der,))
    return inspect_file(io.BytesIO(content), "application/pdf", trust, NOW).signatures


def test_the_signature_of_an_issuer_stays_right(key, authority, plain_pdf):
    signed = authority.sign(plain_pdf)
    sealed = key.seal(signed, NOW, reason="Sao y")
    assert sealed.startswith(signed), "nothing that was signed is written anew"
    issuer, seal = _found(sealed, authority)
    assert (issuer.field_name, issuer.state.value, issuer.changed_afterwards.value) == ("Ky1", "valid", "allowed")
    assert (seal.field_name, seal.state.value, seal.covers_whole_file) == ("Seal", "valid", True)


def test_a_seal_beside_a_seal(key, authority, plain_pdf):
    twice = key.seal(key.seal(plain_pdf, NOW, reason="Sao y"), NOW, reason="Sao y")
    assert [(each.field_name, each.state.value) for each in _found(twice, authority)] == [
        ("Seal", "valid"),
        ("Seal2", "valid"),
    ]


def test_what_word_wrote_is_sealed(key, authority):
    [seal] = _found(key.seal(office_pdfs.hybrid(), NOW, reason="Sao y"), authority)
    assert (seal.state.value, seal.covers_whole_file) == ("valid", True)


def test_what_word_wrote_and_the_issuer_signed_is_sealed(key, authority):
    writer = IncrementalPdfFileWriter(io.BytesIO(office_pdfs.hybrid()), strict=False)
    sealed = key.seal(authority.sign_with(writer), NOW, reason="Sao y")
    assert [each.state.value for each in _found(sealed, authority)] == ["valid", "valid"]


def test_a_signature_that_forbids_any_other(key, authority, plain_pdf):
    final = authority.sign(plain_pdf, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    with pytest.raises(SignedScan):
        key.seal(final, NOW, reason="Sao y")


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_tampering_breaks_it(sealed, authority, place):
    spot = int(len(sealed) * place)
    tampered = sealed[:spot] + bytes([sealed[spot] ^ 1]) + sealed[spot + 1 :]
    try:
        [signature] = PdfFileReader(io.BytesIO(tampered), strict=False).embedded_signatures
        context = ValidationContext(trust_roots=[authority.root.asn1], moment=NOW)
        assert not validate_pdf_signature(signature, context).bottom_line
    except Exception as error:  # noqa: BLE001 - unreadable is broken, too
        assert error is not None


def test_nothing_of_the_seal_shows_on_the_page(sealed):
    page = PdfReader(io.BytesIO(sealed)).pages[0]
    widgets = [note.get_object() for note in page.get("/Annots", ())]
    assert all(list(widget["/Rect"]) == [0, 0, 0, 0] for widget in widgets)


def test_whom_the_key_names(key, authority):
    assert key.subject == OFFICE
    assert key.valid_until == authority.office.certificate.not_valid_after_utc


def test_keys_that_cannot_be_opened(authority):
    content = key_file(authority.office)
    with pytest.raises(PasswordWrong):
        SealKey(content, "other")
    for broken in (b"", b"nothing", content[:50]):
        with pytest.raises(KeyUnusable):
            SealKey(broken, PASSWORD)


def test_a_file_without_a_key(authority):
    content = pkcs12.serialize_key_and_certificates(b"x", None, authority.office.certificate, None, NoEncryption())
    with pytest.raises(KeyUnusable):
        SealKey(content, "")


def test_certificates_that_must_not_seal(authority, plain_pdf):
    with pytest.raises(CertificateOver) as caught:
        SealKey(key_file(authority.expired), PASSWORD).seal(plain_pdf, NOW, "x")
    assert caught.value.until == authority.expired.certificate.not_valid_after_utc
    with pytest.raises(CertificateOver):
        SealKey(key_file(authority.office), PASSWORD).check(NOW - timedelta(days=36500))
    with pytest.raises(CertificateNotForSigning):
        SealKey(key_file(authority.server), PASSWORD).check(NOW)


def test_what_is_no_pdf_cannot_be_sealed(key):
    with pytest.raises(UnreadableScan):
        key.seal(b"nothing", NOW, "x")
