"""Updates of a signed PDF written byte by byte, each in the three ways of listing objects; imports nothing of ours."""

import re

EVIL = b"BT /F1 40 Tf 72 400 Td (Nguoi khac) Tj ET"
USED, FREE = 1, 0


def stream(content, extra=b""):
    """Return a stream object's body."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (extra, len(content), content)


def body_of(content, number):
    """Return what the file last says that the object `number` is."""
    start = content.rindex(b"\n%d 0 obj" % number)
    return content[start : content.index(b"endobj", start)].split(b"obj", 1)[1].strip()


def contents_of(content):
    """Return the number of the contents of the one page."""
    return int(re.search(rb"/Contents (\d+) 0 R", content)[1])


def root_of(content):
    """Return the number of the catalogue."""
    return int(re.findall(rb"/Root (\d+) 0 R", content)[-1])


def last_table(content):
    """Return where the last list of objects is."""
    return int(re.findall(rb"startxref\s+(\d+)", content)[-1])


def table(content, rows, body=b"", trailer=b"", size=b"200", prev=None):
    """Add `body`, and a table of `rows` {number: (USED or FREE, place, generation)}."""
    root, prev = root_of(content), prev or b"%d" % last_table(content)
    content += body
    start = len(content)
    lines = b"".join(
        b"%d 1\n%010d %05d %s \n" % (number, place, generation, b"fn"[kind : kind + 1])
        for number, (kind, place, generation) in rows.items()
    )
    ends = b"trailer\n<</Size %s/Root %d 0 R/Prev %s%s>>\n" % (size, root, prev, trailer)
    return content + b"xref\n0 0\n" + lines + ends + b"startxref\n%d\n%%%%EOF\n" % start


def _list_object(content, rows, prev):
    rows = {**rows, 98: (USED, len(content), 0)}
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    packed = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + generation.to_bytes(2, "big")
        for _number, (kind, place, generation) in sorted(rows.items())
    )
    head = b"/Type/XRef/Size 200/W[1 4 2]/Index[%s]/Root %d 0 R%s" % (index, root_of(content), prev)
    return b"98 0 obj\n%s\nendobj\n" % stream(packed, head)


def xref_stream(content, rows, body=b"", trailer=b""):
    """Add the same with a stream in place of the table."""
    last, content = last_table(content), content + body
    return (
        content
        + _list_object(content, rows, b"/Prev %d%s" % (last, trailer))
        + b"startxref\n%d\n%%%%EOF\n" % len(content)
    )


def beside(content, rows, body=b""):
    """Add the same with an empty table and a stream beside it (hybrid)."""
    content += body
    return table(content, {}, _list_object(content, rows, b""), b"/XRefStm %d" % len(content))


WAYS = {"table": table, "stream": xref_stream, "beside": beside}


def put(content, number, body, way=table, generation=0, header=None):
    """Give `number` to another object, listed under `generation`, headed by `header`."""
    header = b"%d %d obj" % (number, generation) if header is None else header
    return way(content, {number: (USED, len(content), generation)}, b"%s\n%s\nendobj\n" % (header, body))


def unlisted(content, number, body, header=b"%d 0 obj", tail=b"startxref\n%d\n%%%%EOF\n"):
    """Add an object that no list names; `tail` points at the list that was there."""
    tail = tail % last_table(content) if b"%d" in tail else tail
    return content + header % number + b"\n" + body + b"\nendobj\n" + tail
