"""Files as other platforms send them: with something of their own around them, or torn by a length that is wrong."""

import hashlib
import io
import json
import mmap
import random
import tracemalloc
import zipfile

import pytest
from byte_server import http
from test_other_platforms import announcing
from test_wrapped_files import PDF, PLAIN, fetched

from protocol.download import FileRequest
from protocol.envelopes import span_of_pdf
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


def test_many_ranges_of_signatures_are_not_all_held_in_memory():
    whole = b"\n%PDF-1.7\n" + b"/ByteRange[0 1 2 3" * 100_000 + b"\nstartxref\n7\n"
    with mmap.mmap(-1, len(whole)) as content:
        content[:] = whole
        tracemalloc.start()
        try:
            assert span_of_pdf(content, whole[:4096]) is None
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("front", [b"\n", b"\r\n"])
@pytest.mark.parametrize("blanks", [b"\n", b"\r\n"])
def test_a_table_that_is_counted_with_the_blanks_in_front_of_it(server, make_client, front, blanks):
    written = WRITTEN.removesuffix(b"\n")
    real = written + blanks + b"xref\nstartxref\n%d\n%%%%EOF\n" % len(written)
    assert fetched(server, make_client, front + real) == real


def test_an_empty_line_behind_a_file_is_none_of_it(ask):
    # Old servers do not count it.
    ask("a.pdf", announcing(1000, PDF[:1000] + b"\r\n")).close()
    assert is_torn(ask, "a.pdf", announcing(1000, PDF))


NOISE = random.Random(7).randbytes(9000)


def zipped(name, behind=b""):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, NOISE)
        archive.comment = behind
    return target.getvalue()


def updated(size):
    """Return a PDF to which `size` bytes were added after its first end, as a signature is."""
    return PDF + NOISE[:size] + b"\n%%EOF\n"


ROWS = "".join(f"<Hang>{number}</Hang>\n" for number in range(500))
WHOLE_FILES = {
    "a.pdf": [updated(200), updated(9000), PDF.rstrip() + b"\0\0"],
    "a.png": [b"\x89PNG\r\n\x1a\n" + NOISE + b"\0\0\0\0IEND\xaeB`\x82"],
    "a.jpg": [b"\xff\xd8\xff\xe0" + NOISE.replace(b"\xff", b"") + b"\xff\xd9"],
    "a.docx": [zipped("word/document.xml"), zipped("word/document.xml", b"a comment")],
    "a.zip": [zipped("a.txt")],
    "a.xml": [
        f"<?xml version='1.0'?><!-- <x> --><!DOCTYPE h:Don><h:Don xmlns:h='urn:x/y'>{ROWS}<a/></h:Don >".encode(),
        f"<!DOCTYPE Don [<!ENTITY x '<y>]</y>'> <!-- <z> --> ]>\n<!-- <u> --><Don>{ROWS}</Don>".encode(),
        f"<?xml version='1.0'?>\n<Don>{ROWS}</Don>\n<!-- signed -->\n<?done?>\n".encode(),
        f"<?xml version='1.0' encoding='utf-16'?><Đơn>{ROWS}</Đơn>".encode("utf-16"),
    ],
}
FILES = [(name, whole) for name, files in WHOLE_FILES.items() for whole in files]


@pytest.fixture
def ask(server, make_client):
    """Return a function that fetches `name`, which comes as these bytes of HTTP."""

    def ask(name, answer):
        server.answer = lambda asked, connection: answer
        return make_client().download(FileRequest(1, f"{server.url}/XrdAdapter/a", {}, name))

    return ask


def is_torn(ask, name, answer):
    with pytest.raises(FileNotAsClaimed) as caught:
        ask(name, answer)
    return caught.value.fault is FileFault.CUT_OFF


# Proves W.4-6.
@pytest.mark.parametrize(("name", "whole"), FILES, ids=[name for name, _whole in FILES])
def test_a_file_that_a_wrong_length_tore_is_not_kept(ask, name, whole):
    # The rest of a text that came behind belongs to it.
    sent = whole[:-5] + b"<html>" if name == "a.xml" else whole
    assert all(
        is_torn(ask, name, announcing(length, sent)) for length in (len(whole) // 2, len(whole) - 20, len(whole) - 5)
    )
    for behind in (b"", b"\r\n", b"<html>"):
        with ask(name, announcing(len(whole), whole + behind)) as download:
            assert download.file.read() == whole


@pytest.mark.parametrize("name", ["a.tif", "a.pdf"])
def test_what_has_no_end_of_its_own_is_torn_where_its_length_was_wrong(ask, name):
    whole = {"a.tif": b"II*\0" + NOISE, "a.pdf": PDF + b"\nsome words of the writer"}[name]
    ask(name, announcing(len(whole), whole)).close()
    assert is_torn(ask, name, announcing(len(whole), whole + b"<html>"))


def test_a_pdf_that_is_torn_among_blanks_is_torn(ask):
    # Tools leave room for more words about it.
    assert is_torn(ask, "a.pdf", announcing(1009, PDF[:1000] + b" " * 2000))


@pytest.mark.parametrize(("name", "whole"), FILES, ids=[name for name, _whole in FILES])
def test_a_file_of_no_announced_length_has_its_end(ask, name, whole):
    ask(name, http(whole, length=False)).close()
    # A camera leaves a film behind its picture.
    assert name == "a.jpg" or is_torn(ask, name, http(whole[: len(whole) // 2], length=False))


def test_xml_that_holds_nothing_has_its_end(ask):
    whole = b"<?xml version='1.0'?>\n<Don so='1/2'/>"
    ask("a.xml", announcing(len(whole), whole + b"<html>")).close()
    assert is_torn(ask, "a.xml", announcing(len(whole) - 2, whole[:-1] + b"<html>"))
    assert is_torn(ask, "a.xml", announcing(len(whole) - 9, whole[:-1]))


@pytest.mark.parametrize(
    "front", ["<!-- %s -->", "<?note %s?>", "<!DOCTYPE Don [<!ENTITY x '%s'>]>", "<!DOCTYPE Don PUBLIC '[z]%s' 'a'>"]
)
def test_xml_with_much_in_front_of_its_root_has_its_end(ask, front):
    whole = f"<?xml version='1.0'?>{front % ('x' * 5000)}<Don>{ROWS}</Don><!-- signed -->\n".encode()
    ask("a.xml", http(whole, length=False)).close()
    assert is_torn(ask, "a.xml", http(whole[: len(whole) // 2 + 2000], length=False))


@pytest.mark.parametrize(
    ("name", "text", "real"),
    [
        ("a.xml", "<?xml version='1.0'?><Đơn>Đã ký</Đơn>\n", None),
        ("a.xml", f"<Don>{'Đã ký ' * 1000}</Don>", None),
        ("a.pdf", json.dumps({"message": "Thành công", "data": PLAIN}, ensure_ascii=False), PDF),
        ("a.pdf", json.dumps({"data": PLAIN, "message": "Thành công" * 99}, ensure_ascii=False), PDF),
        ("a.pdf", f"\ufeff{PLAIN}", PDF),
    ],
)
def test_a_file_in_text_of_which_the_characters_were_counted_is_whole(ask, name, text, real):
    whole = text.encode()
    with ask(name, announcing(len(text), whole)) as download:
        found = download.file.read()
        assert (found, download.sha256) == (real or whole, hashlib.sha256(real or whole).hexdigest())
    # It is not where even that is not all of it.
    with pytest.raises(FileNotAsClaimed):
        ask(name, announcing(len(text) // 3, whole[: len(text) // 2]))


@pytest.mark.parametrize("blocks", [1, 2, 7])
def test_what_came_behind_the_length_is_seen_wherever_it_ends(ask, blocks):
    # Read are 8 KiB at a time, the head of the answer with them; so much comes at once.
    length = blocks * 8192 - len(announcing(blocks * 8192 - 99, b""))
    whole = PDF + bytes(length - len(PDF) + 5000)
    assert is_torn(ask, "a.pdf", announcing(length, whole))


def test_a_connection_on_which_more_came_is_not_used_again(server, make_client):
    client = make_client()

    def ask(behind):
        server.answer = lambda asked, connection: announcing(len(PDF), PDF + behind)
        client.download(FileRequest(1, f"{server.url}/XrdAdapter/a", {}, "a.pdf")).close()
        return server.connections

    assert [ask(behind) for behind in (b"", b"\r\n", b"<html>", b"", b"")] == [1, 1, 1, 2, 2]
