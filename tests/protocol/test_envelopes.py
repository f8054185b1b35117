import pytest

from protocol.envelopes import is_enclosed

# SignedData around a PDF, as it begins and ends.
FRONT = bytes.fromhex("30820a0006092a864886f70d010702a08209f1308209ed020101310f300d06096086480165030402010500")
SHA_1, SHA_256, SHA3 = (
    bytes.fromhex(one) for one in ("06052b0e03021a", "0609608648016503040201", "0609608648016503040208")
)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    "content",
    [FRONT + PDF + SHA_256, FRONT + PDF, PDF + b"\xa0\x82" + SHA_1, PDF + b"\x31" + SHA_256, PDF + PDF + SHA3],
)
def test_a_signature_around_a_pdf_is_seen_before_and_behind_it(content):
    assert is_enclosed(content[:4096], content[-65536:])


@pytest.mark.parametrize(
    "content",
    [
        PDF,
        b"\xef\xbb\xbf" + PDF + b"\n",
        b"",
        # In the PDF itself: a certificate in its store.
        PDF[:9] + SHA_256 + PDF,
        PDF[:9] + FRONT + PDF[9:],
        # No end of a PDF within what is known of its end.
        SHA_256 * 900,
        PDF + b"\0" * 5000,
    ],
)
def test_what_no_signature_lies_around(content):
    assert not is_enclosed(content[:4096], content[-65536:])
