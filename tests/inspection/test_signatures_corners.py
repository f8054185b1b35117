"""Signed files that are rare, but right, and some that are wrong in a rare way."""

import io
from datetime import datetime

import attacks
import pytest
from authority import NOW, Authority, certified, pdf
from conftest import trust_of
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfWriter

from inspection import judging, signatures
from inspection.reports import WEAK_ALGORITHM, SignatureState, overall_state
from inspection.signatures import check_signatures


@pytest.fixture
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


def _encrypted(content, password):
    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt(user_password=password, owner_password="owner-password", algorithm="AES-256")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _signed_encrypted(authority, password):
    writer = IncrementalPdfFileWriter(io.BytesIO(_encrypted(pdf(), password)))
    writer.encrypt(password)
    return authority.sign_with(writer)


def test_a_file_that_anybody_may_read_but_not_change(authority, check):
    (report,) = check(_signed_encrypted(authority, ""))
    assert report.state is SignatureState.VALID


def test_a_file_that_wants_a_password_cannot_be_checked(authority, check):
    assert overall_state(check(_signed_encrypted(authority, "secret-password"))) == "unverified"


def test_revocation_data_inside_the_signature(authority, check):
    knows = ValidationContext(
        trust_roots=[authority.root.asn1], other_certs=[authority.middle.asn1], crls=[authority.crl(authority.revoked)]
    )
    adobe = {
        "subfilter": SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        "embed_validation_info": True,
        "validation_context": knows,
    }
    assert [report.state for report in check(authority.sign(pdf(), **adobe))] == [SignatureState.VALID]
    revoked = authority.sign(pdf(), authority.revoked, **adobe)
    assert [report.state for report in check(revoked)] == [SignatureState.REVOKED]


def test_spoilt_revocation_data_takes_nothing_from_the_signature(authority, check):
    signed = attacks.with_spoilt_store(authority.sign(pdf()))
    (report,) = check(signed)
    assert report.is_intact
    assert report.state is SignatureState.VALID


def test_two_fields_that_claim_one_signature(authority, check):
    states = [report.state for report in check(attacks.second_field(authority.sign(pdf())))]
    assert len(states) == 2
    assert SignatureState.BROKEN in states


def test_more_signatures_than_anybody_needs(authority, check, monkeypatch):
    monkeypatch.setattr(signatures, "_MOST_SIGNATURES", 1)
    reports = check(authority.sign(authority.sign(pdf()), field="Ky2"))
    assert [report.state for report in reports] == [SignatureState.VALID, SignatureState.UNVERIFIED]


def test_a_field_without_a_signature_object_is_broken(authority, check):
    forged = attacks.signature_without_range(authority.sign(pdf()))
    assert overall_state(check(forged)) == "broken"


def test_a_time_without_zone_is_taken_as_utc():
    assert judging._iso(datetime(2026, 1, 2)) == "2026-01-02T00:00:00+00:00"
    assert judging._iso(None) is None


def test_a_name_is_common_or_that_of_the_organisation(authority):
    name = type("Name", (), {"native": {"common_name": ["Mot", "Hai"], "user_id": "012345678901"}})
    assert judging._name(name) == "Mot"
    name.native = {"organization_name": "So Thu nghiem", "user_id": "012345678901"}
    assert judging._name(name) == "So Thu nghiem"
    name.native = {"user_id": "012345678901"}
    assert judging._name(name) == ""


class TestWeakAlgorithms:
    """As offices signed for years: with SHA-1, and with keys of 1,024 bits."""

    SHA1 = {"md_algorithm": "sha1"}

    def test_they_are_named_and_not_the_issuer(self, authority, check):
        long_ago = certified("Can bo Ngay truoc", authority.middle, key=rsa.generate_private_key(65537, 1024))
        weak = (
            authority.sign(pdf(), **self.SHA1),
            authority.sign(pdf(), long_ago),
            authority.sign(pdf(), authority.expired, **self.SHA1),
        )
        for signed in weak:
            (report,) = check(signed)
            assert (report.state, report.reason) == (SignatureState.UNVERIFIED, WEAK_ALGORITHM)
            assert report.is_intact and not report.is_trusted

    def test_what_is_worse_is_said_instead(self, authority, check):
        revoked = authority.with_crl(
            authority.sign(pdf(), authority.revoked, **self.SHA1), authority.crl(authority.revoked)
        )
        spoilt = authority.sign(pdf(), **self.SHA1)
        spoilt = attacks.changed_byte(spoilt, spoilt.index(b"endstream") - 3)
        found = [check(each)[0].state for each in (revoked, spoilt, Authority("Another").sign(pdf(), **self.SHA1))]
        assert found == [SignatureState.REVOKED, SignatureState.BROKEN, SignatureState.UNKNOWN_SIGNER]

    def test_a_time_stamp(self, authority, check):
        (stamp,) = check(authority.stamp(pdf(), NOW, digest="sha1"))
        assert (stamp.state, stamp.reason, stamp.is_time_proven) == (SignatureState.UNVERIFIED, WEAK_ALGORITHM, False)
