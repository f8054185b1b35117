"""What forgers do to a signed PDF. Each function returns the forged bytes."""

import io
import re

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]")


def signed_range(content, which=-1):
    """Return the four numbers of the last signature, or of `which` in the order of the bytes."""
    return tuple(map(int, _RANGE.findall(content)[which]))


def changed_byte(content, at):
    """Change one byte for good."""
    return content[:at] + bytes([content[at] ^ 0x01]) + content[at + 1 :]


def added_text(content):
    """Put other words over the page, as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 400 Td (Nguoi khac) Tj ET")
    writer.add_stream_to_page(0, writer.add_object(stream))
    return _written(writer)


def without_form(content):
    """Take the form with its signature fields out of the catalogue."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    del writer.root["/AcroForm"]
    writer.update_root()
    return _written(writer)


def with_hidden_pages(content, hidden):
    """Prepare shadow content: the page of `hidden` lies unused in the file that is then signed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    other = IncrementalPdfFileWriter(io.BytesIO(hidden)).prev
    pages = writer.import_object(other.root["/Pages"])
    writer.root["/Shadow"] = writer.add_object(pages)
    writer.update_root()
    return _written(writer)


def with_pages_swapped(content):
    """Show the shadow content: an update that only points the catalogue at what was signed, but hidden."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.root[pdf_name("/Pages")] = writer.root.raw_get("/Shadow")
    writer.update_root()
    return _written(writer)


def with_spoilt_store(content):
    """Add revocation data that are none."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    spoilt = writer.add_object(generic.StreamObject(stream_data=b"no list at all"))
    store = generic.DictionaryObject({pdf_name("/CRLs"): generic.ArrayObject([spoilt])})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()
    return _written(writer)


def second_field(content):
    """Let another field show the same signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    fields = writer.root["/AcroForm"]["/Fields"]
    field = generic.DictionaryObject(fields[0])
    field[pdf_name("/T")] = generic.pdf_string("Ky2")
    fields.append(writer.add_object(field))
    writer.update_container(fields)
    return _written(writer)


def signature_without_range(content):
    """Override the signature object with one that tells no range."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    signature = writer.root["/AcroForm"]["/Fields"][0]["/V"]
    del signature["/ByteRange"]
    writer.update_container(signature)
    return _written(writer)


def wrapped(content):
    """Move what is signed behind the signature further back, and read the file from the room made before it.

    The signed bytes stay the same and the digest with them; a new signature object tells where they went.
    """
    _zero, before, after, _rest = signed_range(content)
    tail = content[after:]
    table_at = int(re.findall(rb"startxref\s+(\d+)", tail)[-1])
    number, body = _signature_object(content)
    table = content[table_at : content.index(b"trailer", table_at)]
    trailer = content[content.index(b"trailer", table_at) : content.rindex(b"startxref")]
    room = b"\n" * (table_at - after)
    moved_to = table_at + 2 * len(tail) + 2 * len(body) + 1000
    forged = _RANGE.sub(b"/ByteRange [0 %d %d %d]" % (before, moved_to, len(tail)), body)
    object_at = table_at + len(table) + len(trailer)
    shift = moved_to - after
    table = _moved(table, after, shift, {number: object_at})
    evil = room + table + trailer + forged + b"\n"
    evil += b"\n" * (moved_to - after - len(evil))
    return content[:after] + evil + tail


def _signature_object(content):
    start, number = next(
        (match.start(), int(match[1]))
        for match in reversed(list(re.finditer(rb"(\d+) 0 obj\s", content)))
        if match.start() < content.rindex(b"/ByteRange")
    )
    return number, content[start : content.index(b"endobj", start) + len(b"endobj")]


def _moved(table, after, shift, at):
    """Return a table of objects whose offsets behind `after` are shifted, and those of `at` are as told there."""
    lines, number = [], 0
    for line in table.splitlines(keepends=True):
        entry = re.match(rb"(\d{10}) (\d{5}) n", line)
        if entry:
            offset = int(entry[1])
            offset = at.get(number, offset + shift if offset >= after else offset)
            line = b"%010d" % offset + line[10:]
            number += 1
        elif section := re.match(rb"(\d+) (\d+)\s*$", line):
            number = int(section[1])
        elif re.match(rb"\d{10} \d{5} f", line):
            number += 1
        lines.append(line)
    return b"".join(lines)


def _written(writer):
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def hybrid_update(content):
    """Add an update whose words some readers look up in its table, and others in the stream beside it."""
    last = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    number, root = 95, re.findall(rb"/Root (\d+ 0 R)", content)[-1]
    hidden = len(content)
    body = content + b"%d 0 obj\n<</Nothing true>>\nendobj\n" % number
    beside = len(body)
    rows = b"".join(kind + place.to_bytes(4, "big") + b"\0\0" for kind, place in ((b"\1", hidden), (b"\1", beside)))
    body += (
        b"96 0 obj\n<</Type/XRef/Size 97/W[1 4 2]/Index[95 2]/Root %s/Length %d>>\nstream\n%s\nendstream\nendobj\n"
        % (
            root,
            len(rows),
            rows,
        )
    )
    table = len(body)
    body += b"xref\n0 0\ntrailer\n<</Size 97/Root %s/Prev %d/XRefStm %d>>\n" % (root, last, beside)
    return body + b"startxref\n%d\n%%%%EOF\n" % table
