import io
import json
from datetime import timedelta

import pytest
from authority import NOW, OFFICE, YEAR, Authority, pdf
from conftest import trust_of
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.pdfgen.canvas import Canvas

from inspection.reports import Change, SignatureReport, SignatureState, overall_state
from inspection.signatures import check_signatures
from inspection.trust import Trust


@pytest.fixture
def check(authority):
    def _check(content, trust=None, at=NOW):
        return check_signatures(io.BytesIO(content), trust or trust_of(authority), at)

    return _check


def test_an_unsigned_file_has_no_reports(check):
    reports = check(pdf())
    assert reports == ()
    assert overall_state(reports) == "unsigned"


def test_a_signature_of_a_known_office(check, authority):
    (report,) = check(authority.sign(pdf()))
    assert report.state is SignatureState.VALID
    assert (report.field_name, report.signer, report.issuer) == ("Ky1", OFFICE, "Test Issuing CA")
    assert report.is_intact and report.is_trusted and report.covers_whole_file
    assert report.changed_afterwards is Change.NO
    assert not report.is_time_proven and report.signed_on.endswith("+00:00")
    assert overall_state((report,)) == "valid"


def test_nothing_is_trusted_when_nobody_is(check, authority):
    (report,) = check(authority.sign(pdf()), trust=Trust())
    assert report.state is SignatureState.UNKNOWN_SIGNER
    assert report.is_intact and not report.is_trusted


def test_an_intermediate_alone_gives_no_trust(check, authority):
    (report,) = check(authority.sign(pdf()), trust=Trust((), (authority.root.der, authority.middle.der)))
    assert report.state is SignatureState.UNKNOWN_SIGNER


def test_the_same_names_of_another_authority_are_not_trusted(check, authority):
    (report,) = check(Authority().sign(pdf()))
    assert report.state is SignatureState.UNKNOWN_SIGNER


def test_a_certificate_that_is_not_for_signing_is_not_trusted(check, authority):
    (report,) = check(authority.sign(pdf(), authority.server))
    assert report.state is SignatureState.UNKNOWN_SIGNER


def test_an_expired_certificate(check, authority):
    (report,) = check(authority.sign(pdf(), authority.expired))
    assert report.state is SignatureState.EXPIRED
    assert report.is_intact and report.is_expired and not report.is_trusted and not report.is_revoked


def test_an_expired_certificate_of_an_unknown_authority_is_unknown(check, authority):
    (report,) = check(authority.sign(pdf(), authority.expired), trust=Trust())
    assert report.state is SignatureState.UNKNOWN_SIGNER
    assert report.is_expired


def test_a_proven_time_keeps_a_signature_good_after_the_certificate_expired(check, authority):
    when = NOW - YEAR
    (report,) = check(authority.sign(pdf(), authority.expired, stamped=when))
    assert report.state is SignatureState.VALID
    assert report.is_time_proven and not report.is_expired
    assert report.signed_on == when.isoformat()


def test_a_time_that_nobody_trusted_vouches_for_is_not_proven(check, authority):
    stranger = Authority("Test Other Root CA")
    signed = authority.sign(pdf(), authority.expired, stamped=NOW - YEAR)
    (report,) = check(signed, trust=trust_of(stranger))
    assert not report.is_time_proven
    assert report.signed_on == (NOW - YEAR).isoformat()
    assert report.state is SignatureState.UNKNOWN_SIGNER


def test_a_revoked_certificate_in_the_security_store(check, authority):
    signed = authority.with_crl(authority.sign(pdf(), authority.revoked), authority.crl(authority.revoked))
    (report,) = check(signed)
    assert report.state is SignatureState.REVOKED
    assert report.is_revoked and report.is_intact and not report.is_trusted
    assert report.changed_afterwards is Change.ALLOWED


def test_an_old_list_still_tells_who_is_revoked(check, authority):
    crl = authority.crl(authority.revoked, issued=NOW - YEAR, since=NOW - YEAR - timedelta(days=3))
    (report,) = check(authority.with_crl(authority.sign(pdf(), authority.revoked), crl))
    assert report.state is SignatureState.REVOKED


def test_a_list_that_names_others_changes_nothing(check, authority):
    signed = authority.with_crl(authority.sign(pdf()), authority.crl(authority.revoked))
    (report,) = check(signed)
    assert report.state is SignatureState.VALID


def test_a_list_of_another_authority_revokes_nobody(check, authority):
    stranger = Authority()
    (report,) = check(authority.with_crl(authority.sign(pdf()), stranger.crl(authority.office)))
    assert report.state is SignatureState.VALID


def test_revoked_after_a_proven_time_is_still_good(check, authority):
    signed = authority.sign(pdf(), authority.revoked, stamped=NOW - YEAR)
    (report,) = check(authority.with_crl(signed, authority.crl(authority.revoked)))
    assert report.state is SignatureState.VALID


def test_revoked_and_expired_is_revoked(check, authority):
    since = NOW - YEAR
    crl = authority.crl(authority.expired, issued=since, since=since)
    (report,) = check(authority.with_crl(authority.sign(pdf(), authority.expired), crl))
    assert report.state is SignatureState.REVOKED
    assert report.is_expired


def test_a_second_signature_is_an_allowed_change(check, authority):
    first, second = check(authority.sign(authority.sign(pdf()), field="Ky2"))
    assert (first.state, first.changed_afterwards) == (SignatureState.VALID, Change.ALLOWED)
    assert (second.state, second.changed_afterwards) == (SignatureState.VALID, Change.NO)
    assert not first.covers_whole_file and second.covers_whole_file


def test_a_time_stamp_over_the_file_signs_for_nobody(check, authority):
    (only,) = check(authority.stamp(pdf(), NOW - timedelta(days=1)))
    assert only.is_timestamp and only.is_time_proven and only.state is SignatureState.VALID
    assert overall_state((only,)) == "unsigned"
    signature, stamp = check(authority.stamp(authority.sign(pdf()), NOW - timedelta(days=1)))
    assert (signature.is_timestamp, stamp.is_timestamp) == (False, True)
    assert overall_state((signature, stamp)) == "valid"


def test_the_position_of_the_stream_does_not_matter(authority):
    stream = io.BytesIO(authority.sign(pdf()))
    stream.seek(500)
    (report,) = check_signatures(stream, trust_of(authority), NOW)
    assert report.state is SignatureState.VALID


def test_the_worst_state_wins():
    states = [SignatureState.VALID, SignatureState.EXPIRED, SignatureState.UNKNOWN_SIGNER]
    assert overall_state(SignatureReport("", state, "") for state in states) == "expired"
    states += [SignatureState.REVOKED]
    assert overall_state(SignatureReport("", state, "") for state in states) == "revoked"
    states += [SignatureState.BROKEN]
    assert overall_state(SignatureReport("", state, "") for state in states) == "broken"


def test_reports_survive_json(check, authority):
    (report,) = check(authority.sign(pdf()))
    assert {type(part) for part in report.as_json().values()} == {str, bool}
    assert SignatureReport.from_json(json.loads(json.dumps(report.as_json()))) == report


def form(value):
    """Return a PDF with a text field that shows `value`."""
    output = io.BytesIO()
    canvas = Canvas(output)
    canvas.drawString(20, 20, "x")
    canvas.acroForm.textfield(name="owner", value=value, x=100, y=700, width=200, height=20)
    canvas.save()
    return output.getvalue()


def filled(content, value):
    """Return `content` with its text field filled anew, as a signature allows."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[generic.pdf_name("/V")] = generic.pdf_string(value)
    writer.update_container(field)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_a_form_that_is_filled_after_signing_is_told_from_a_further_signature(check, authority):
    signed = authority.sign(form("NGUYEN VAN A"))
    (only,) = check(filled(signed, "TRAN VAN B"))
    assert (only.state, only.changed_afterwards) == (SignatureState.VALID, Change.FILLED)
    first, _second = check(authority.sign(signed, field="Ky2"))
    assert first.changed_afterwards is Change.ALLOWED


def test_the_name_of_a_field_is_no_longer_than_a_name(check, authority):
    (only,) = check(authority.sign(pdf(), field="K" * 5000))
    assert len(only.field_name) == 200
