import io

import pytest

from protocol.envelopes import is_enclosed

# SignedData around a PDF, as it begins and ends.
FRONT = bytes.fromhex("30820a0006092a864886f70d010702a08209f1308209ed020101310f300d06096086480165030402010500")
SHA_1, SHA_256, SHA3, MD5, BY_RSA = (
    bytes.fromhex(one)
    for one in (
        *("06052b0e03021a", "0609608648016503040201", "0609608648016503040208", "06082a864886f70d0205"),
        # Under a digest that nobody here knows: what a signer attests.
        "06022a03300b06092a864886f70d010904",
    )
)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    "content",
    [
        *(FRONT + PDF + SHA_256, FRONT + PDF, PDF + b"\xa0\x82" + SHA_1, PDF + b"\x31" + SHA_256, PDF + PDF + SHA3),
        *(PDF + b"\x31" + MD5, PDF + b"1 0 " + BY_RSA),
        # With the lists of certificates that were revoked, which are long.
        *(PDF + bytes(size) + SHA_256 for size in (64 * 1024, 600_000, 5_000_000)),
    ],
)
def test_a_signature_around_a_pdf_is_seen_before_and_behind_it(content):
    assert is_enclosed(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        PDF,
        b"\xef\xbb\xbf" + PDF + b"\n",
        b"",
        # In the PDF itself: a certificate in its store.
        PDF[:9] + SHA_256 + PDF,
        PDF[:9] + FRONT + PDF[9:],
        # No end of a PDF.
        SHA_256 * 900,
        # An update of the PDF that broke off within a certificate.
        PDF + b"\r\n12 0 obj\n<<>>stream\n" + SHA_256,
        PDF + b"\0" * 5000,
    ],
)
def test_what_no_signature_lies_around(content):
    assert not is_enclosed(io.BytesIO(content))
