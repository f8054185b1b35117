"""Files as other platforms send them: with something of their own around them, or torn by a length that is wrong."""

import pytest
from test_other_platforms import PDF, announcing, fetched

from protocol.download import FileRequest
from protocol.errors import FileFault, FileNotAsClaimed

WRITTEN = PDF.removesuffix(b"%%EOF\n")
WHOLE = WRITTEN + b"xref\n0 1\ntrailer\nstartxref\n%d\n%%%%EOF\n" % len(WRITTEN)


@pytest.mark.parametrize(
    ("front", "behind"),
    [
        (b"\xef\xbb\xbf", b""),
        (b"\n", b""),
        (b"\r\n", b""),
        (b"\n\n\n", b""),
        (b"\r\n\r\n", b""),
        (b"<br />\n<b>Notice</b>: Undefined index in <b>/a.php</b><br />\n", b""),
        (b'--b1\r\nContent-Disposition: form-data; name="f"\r\n\r\n', b"\r\n--b1--\r\n"),
        (
            b"\r\n--b1\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b1\r\nContent-Type: application/pdf\r\n\r\n",
            b"\n--b1--",
        ),
    ],
)
@pytest.mark.parametrize("size", [0, 300_000])
def test_what_was_put_around_a_pdf_on_its_way_is_none_of_it(server, make_client, front, behind, size):
    real = WHOLE.replace(b"\nxref", b"\n" + bytes(size) + b"\nxref").replace(
        b"%d" % len(WRITTEN), b"%d" % (len(WRITTEN) + size + 1)
    )
    assert fetched(server, make_client, front + real + behind) == real


@pytest.mark.parametrize("front", [b"", b"\xef\xbb\xbf", b"%!PS-Adobe-3.0\n", b"--b1\r\n\r\n"])
def test_what_belongs_to_a_pdf_stays(server, make_client, front):
    # Counted from where it begins now, or from nowhere that is known: it was so from the beginning.
    own = front + WRITTEN
    for real in (own + b"xref\nstartxref\n%d\n%%%%EOF\n" % len(own), own + b"startxref\n7\n%%EOF\n", front + PDF):
        assert fetched(server, make_client, real) == real


def signed(origin, own=b""):
    """Return a PDF of which all is counted from `origin` bytes before it, where `own` stands; a signature is in it."""
    start = PDF.removesuffix(b"%%EOF\n") + b"1 0 obj\n"
    ranges, end = b"<</ByteRange [0 %08d %08d %08d] /Contents ", b"/Type/Sig>>\nendobj\n"
    gap = origin + len(start + ranges % (0, 0, 0))
    rest = gap + len(b"<00000000>")
    behind = end + b"xref\n0 1\ntrailer\nstartxref\n%d\n%%%%EOF\n" % (rest + len(end))
    return own + start + ranges % (gap, rest, len(behind)) + b"<00000000>" + behind


@pytest.mark.parametrize("front", [b"\n", b"\r\n", b"\xef\xbb\xbf", b"Warning: x\n"])
def test_the_ranges_of_a_signature_tell_what_was_in_front_of_a_pdf(server, make_client, front):
    real = signed(0)
    assert fetched(server, make_client, front + real) == real
    # Counted from what is in front of it, it stays as it is.
    real = signed(len(front), front)
    assert fetched(server, make_client, real) == real
    # So it does where the table tells otherwise, and where the ranges fit neither way.
    for place in (b"%d" % len(front), b"7"):
        lying = real.rpartition(b"startxref\n")[0] + b"startxref\n" + place + b"\n%%EOF\n"
        assert fetched(server, make_client, lying) == lying
    lost = front + signed(0).replace(b"/ByteRange [0 00002", b"/ByteRange [0 00001")
    assert fetched(server, make_client, lost) == lost


@pytest.mark.parametrize("front", [b"\n", b"\r\n"])
@pytest.mark.parametrize("blanks", [b"\n", b"\r\n"])
def test_a_table_that_is_counted_with_the_blanks_in_front_of_it(server, make_client, front, blanks):
    written = WRITTEN.removesuffix(b"\n")
    real = written + blanks + b"xref\nstartxref\n%d\n%%%%EOF\n" % len(written)
    assert fetched(server, make_client, front + real) == real


def test_a_pdf_that_ends_where_a_wrong_length_said_is_torn(server, make_client):
    def ask(length, body=PDF):
        server.answer = lambda asked, connection: announcing(length, body)
        request = FileRequest(1, f"{server.url}/XrdAdapter/a.pdf", {}, "a.pdf")
        return make_client().download(request)

    with pytest.raises(FileNotAsClaimed) as caught:
        ask(1000)
    assert caught.value.fault is FileFault.CUT_OFF
    # Old servers end with an empty line that they do not count.
    for length, body in ((len(PDF), PDF + b"\r\n"), (len(PDF), PDF + b"<html>"), (1000, PDF[:1000] + b"\r\n")):
        with ask(length, body) as download:
            assert download.size == length
