"""Ways to a verdict that few files take: rights of a reader, packed objects, rare keys, and more than can be compared."""

import asyncio
import hashlib
import io

import attacks
import office_pdfs
import pytest
from authority import NOW, YEAR, Holder, pdf
from conftest import trust_of
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign import signers
from raw_updates import EVIL, body_of, contents_of, put, root_of, stream, unlisted
from test_honest_files import _resigned, _with_sha1_inside
from test_integrity import _cms
from test_signatures import filled, form
from test_signatures_corners import _signed_encrypted
from test_updates import _changes

from inspection import afterwards
from inspection.comparing import differs
from inspection.integrity import is_another_files, is_forged, is_forged_by_itself
from inspection.rebuilding import shows_another_file
from inspection.reports import Change, SignatureState
from inspection.signatures import check_signatures

BROKEN, UNVERIFIED, VALID = SignatureState.BROKEN, SignatureState.UNVERIFIED, SignatureState.VALID


@pytest.fixture(scope="module")
def check(authority):
    return lambda content: check_signatures(io.BytesIO(content), trust_of(authority), NOW)


def _with_rights(authority, content):
    """Return `content` with Adobe's own signature, which lets its free reader save what is filled in."""
    hole, root = 4000, root_of(content)
    rights = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange [0 %s]/Contents<%s>" % (
        b" " * 40,
        b"0" * hole,
    )
    rights += b"/Reference[<</Type/SigRef/TransformMethod/UR3/TransformParams<</Type/TransformParams/V/2.2>>>>]>>"
    catalogue = body_of(content, root)[:-2] + b"/Perms<</UR3 80 0 R>>>>"
    written = office_pdfs.appended(content, {80: rights, root: catalogue})
    before = written.rindex(b"/Contents<0") + len(b"/Contents")
    after = before + hole + 2
    numbers = b"/ByteRange [0 %d %d %d" % (before, after, len(written) - after)
    at = written.rindex(b"/ByteRange [0 ")
    written = written[:at] + numbers + written[at + len(numbers) :]
    signer = signers.SimpleSigner(authority.office.asn1, authority.office.asn1_key, authority._store())
    digest = hashlib.sha256(written[:before] + written[after:]).digest()
    found = asyncio.run(signer.async_sign(digest, "sha256")).dump().hex().encode()
    return written[: before + 1] + found.ljust(hole, b"0") + written[after - 1 :]


@pytest.fixture(scope="module")
def free(authority):
    return _with_rights(authority, form("NGUYEN VAN A"))


class TestUsageRights:
    def test_they_sign_for_nobody(self, check, free):
        assert check(free) == check(filled(free, "TRAN VAN B")) == ()
        assert check(free + b"\n" * 1100) == ()

    def test_a_file_with_them_is_signed_like_any_other(self, authority, check, free):
        once = authority.sign(filled(free, "TRAN VAN B"))
        assert _changes(check(once)) == [Change.NO]
        assert _changes(check(authority.sign(once, field="Ky2"))) == [Change.ALLOWED, Change.NO]

    def test_nor_do_they_vouch_for_what_was_changed(self, authority, check, free):
        signed = authority.sign(free)
        at = signed.index(b"endstream") - 3
        assert BROKEN in {report.state for report in check(attacks.changed_byte(signed, at))}
        evil = office_pdfs.appended(signed, {contents_of(signed): stream(EVIL)})
        assert BROKEN in {report.state for report in check(evil)}

    def test_a_signature_in_a_field_is_none_of_them(self, authority, check):
        signed = authority.sign(pdf())
        root = body_of(signed, root_of(signed))[:-2] + b"/Perms<</UR3 11 0 R>>>>"
        assert {report.state for report in check(put(signed, root_of(signed), root))} <= {BROKEN, UNVERIFIED}


class TestPacked:
    @pytest.mark.parametrize("is_packed", [True, False])
    def test_a_page_in_a_stream_of_objects_that_no_list_names(self, authority, check, is_packed):
        signed = authority.sign(pdf("Diem: 5"))
        page = body_of(signed, 3).replace(b"/Contents 7 0 R", b"/Contents 91 0 R")
        packed = stream(b"150 0 3 5 null " + page, b"/Type/ObjStm/N 2/First 10")
        content = unlisted(signed, 91, stream(EVIL))
        content = unlisted(content, 92, packed) if is_packed else unlisted(content, 3, page)
        assert {report.state for report in check(content)} == {BROKEN}

    def test_a_locked_file_is_not_put_together_anew(self, authority, check):
        signed = _signed_encrypted(authority, "")
        content = unlisted(signed, 150, b"<</Nothing true>>")
        assert {report.state for report in check(content)} == {UNVERIFIED}

    def test_what_is_no_whole_file_by_itself_is_compared_with_nothing(self, authority):
        signed = authority.sign(pdf())
        assert not shows_another_file(io.BytesIO(signed), len(signed) - 60)
        assert not shows_another_file(io.BytesIO(signed + b" \n"), len(signed))


def _plain_algorithm(name):
    def change(signed):
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": name}

    return change


def _unknown_digest(signed):
    signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "1.2.3.4"}


def _spoilt(contents):
    """Return `contents` with another byte in the signature, which may itself end with a zero: what fills the room behind it stays."""
    spoilt = bytearray(contents)
    spoilt[len(spoilt.rstrip(b"\0")) - 9] ^= 1
    return bytes(spoilt)


class TestRareKeys:
    def test_a_digest_under_a_name_that_is_not_known(self, authority, check):
        signed = _resigned(authority.sign(pdf()), _unknown_digest)
        changed = attacks.changed_byte(signed, 100)
        span = attacks.signed_range(signed)
        assert not is_another_files(io.BytesIO(signed), span, _cms(signed))
        assert is_another_files(io.BytesIO(changed), span, _cms(signed))
        assert [report.state for report in check(signed)] == [UNVERIFIED]
        assert [report.state for report in check(changed)] == [BROKEN]

    def test_nor_is_that_of_the_key(self, authority):
        signed = _resigned(_resigned(authority.sign(pdf()), _unknown_digest), _plain_algorithm("1.2.3.5"))
        changed = io.BytesIO(attacks.changed_byte(signed, 100))
        assert not is_another_files(changed, attacks.signed_range(signed), _cms(signed))
        assert not is_forged_by_itself(_cms(signed), changed, attacks.signed_range(signed))

    def test_a_key_that_does_not_name_its_digest(self, authority):
        signed = _resigned(authority.sign(pdf(), authority.stamping), _plain_algorithm("rsassa_pkcs1v15"))
        assert not is_forged(_cms(signed), authority.stamping.asn1, b"")
        forged = _cms(signed).replace(b"Test TSA", b"Test TSB")
        assert not is_forged(forged, authority.stamping.asn1, b""), "a name in the certificate is signed by others"
        assert is_forged(_spoilt(_cms(signed)), authority.stamping.asn1, b"")

    def test_edwards_curves(self, check, authority):
        key = ed25519.Ed25519PrivateKey.generate()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Edwards")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(7).not_valid_before(NOW - YEAR).not_valid_after(NOW + YEAR)
        holder = Holder(builder.sign(key, None), key)
        signed = authority.sign(pdf(), holder, md_algorithm="sha512")
        assert [report.state for report in check(signed)] == [SignatureState.UNKNOWN_SIGNER]
        assert not is_forged(_cms(signed), holder.asn1, b"")
        assert is_forged(_spoilt(_cms(signed)), holder.asn1, b"")

    def test_the_sha1_inside_is_compared(self, authority):
        signed = _with_sha1_inside(authority)
        span = attacks.signed_range(signed)
        assert not is_another_files(io.BytesIO(signed), span, _cms(signed))
        assert is_another_files(io.BytesIO(attacks.changed_byte(signed, 100)), span, _cms(signed))

    def test_a_wrong_range_around_what_is_no_signature(self, authority, check):
        signed = authority.sign(pdf())
        body = b"<</Type/Sig/SubFilter/adbe.pkcs7.detached/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"
        assert {report.state for report in check(office_pdfs.appended(signed, {11: body}))} == {BROKEN}


class TestTooMuchToCompare:
    LIMITS = {"_MOST_FIELDS": 0, "_MOST_DEPTH": 0, "_MOST_PAGES": -1, "_MOST_NOTES": -1}

    @pytest.mark.parametrize("limit", LIMITS)
    def test_it_counts_as_changed(self, authority, check, monkeypatch, limit):
        content = authority.sign(authority.sign(form("NGUYEN VAN A")), field="Ky2")
        assert _changes(check(content)) == [Change.ALLOWED, Change.NO]
        monkeypatch.setattr(afterwards, limit, self.LIMITS[limit])
        assert _changes(check(content)) == [Change.FILLED, Change.NO]

    def test_a_place_that_is_none_counts_as_laid_over(self, authority, check):
        content = authority.sign_visibly(authority.sign(pdf()), (72, 100, 200, 160))
        content = content.replace(b"/Rect [ 72 100 200 160 ]", b"/Rect [ 72 100 200     ]")
        (first, _second) = check(content)
        assert first.changed_afterwards in (Change.LAID_OVER, Change.FORBIDDEN)
        reader = attacks.IncrementalPdfFileWriter(io.BytesIO(content)).prev
        assert afterwards.lays_over(reader, reader.embedded_signatures[0])
        assert not afterwards.covers_unsigned(reader, reader.embedded_signatures[0])


class TestDiffers:
    NUMBER, TEXT, NAME = generic.NumberObject(1), generic.pdf_string("1"), pdf_name("/A")

    def _dictionary(self, **parts):
        return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in parts.items()})

    def test_parts(self):
        array = generic.ArrayObject([self.NUMBER, self.TEXT])
        held = self._dictionary(A=array, B=self._dictionary(C=self.NAME), Parent=self.NUMBER)
        again = self._dictionary(B=self._dictionary(C=self.NAME), A=generic.ArrayObject(array), P=self.TEXT)
        assert not differs(held, again), "the way back up shows nothing"
        for other in (
            array,
            self._dictionary(A=array),
            self._dictionary(A=array, B=self._dictionary(C=self.NUMBER)),
            self._dictionary(A=generic.ArrayObject([self.NUMBER]), B=self._dictionary(C=self.NAME)),
            self._dictionary(A=generic.ArrayObject([self.TEXT, self.NUMBER]), B=self._dictionary(C=self.NAME)),
        ):
            assert differs(held, other)

    def test_pictures(self):
        first, second = (generic.StreamObject(stream_data=data) for data in (b"1", b"2"))
        assert differs(first, second) and not differs(first, generic.StreamObject(stream_data=b"1"))

    def test_objects_that_name_each_other(self, authority):
        content = office_pdfs.appended(
            pdf(), {90: b"[91 0 R 91 0 R]", 91: b"[90 0 R]", 92: b"[92 0 R", 93: b"[90 0 R]"}
        )
        reader = attacks.IncrementalPdfFileWriter(io.BytesIO(content), strict=False).prev
        one, two, spoilt, three = (generic.IndirectObject(number, 0, reader) for number in (90, 91, 92, 93))
        assert not differs(one, one) and not differs(two, three) and differs(one, two)
        assert not differs(spoilt, one) and differs(one, spoilt)
