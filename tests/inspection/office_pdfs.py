"""PDFs as programs of an office write them, made byte by byte; imports nothing of ours."""

import re
import zlib


class Writer:
    """Writes objects one after the other, and knows where they are."""

    def __init__(self, head=b"%PDF-1.7\n"):
        self.content = bytearray(head)
        self.places = {}

    def add(self, number, body):
        """Write the object `number`."""
        self.places[number] = len(self.content)
        self.content += b"%d 0 obj\n%s\nendobj\n" % (number, body)

    def table(self, trailer, free=(), only=None):
        """Write a table of the objects (of `only` some) and of `free` numbers, and `trailer` behind it."""
        start = len(self.content)
        numbers = sorted(set(self.places if only is None else only) | set(free))
        rows = [b"xref\n0 1\n0000000000 65535 f \n"]
        for number in numbers:
            place = self.places.get(number, 0)
            kind = b"%010d 00000 n \n" % place if number not in free else b"0000000000 65535 f \n"
            rows.append(b"%d 1\n%s" % (number, kind))
        self.content += b"".join(rows) + b"trailer\n<<%s>>\n" % trailer
        return start

    def end(self, start):
        """Say where the table is, and return the file."""
        self.content += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(self.content)


def _page(writer, text):
    writer.add(1, b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 6 0 R/MarkInfo<</Marked true>>>>")
    writer.add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    writer.add(
        3,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>"
        b"/StructParents 0>>",
    )
    drawn = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % text
    writer.add(4, b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn))
    writer.add(5, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")


def hybrid(text=b"Giay xac nhan", other=None):
    """Return a PDF as Word writes it: the objects of its structure stand in a stream beside the table (hybrid).

    With `other`, the stream also says that the words of the page are those: readers differ on what it shows.
    """
    writer = Writer()
    _page(writer, text)
    if other is not None:
        drawn = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % other
        kept = dict(writer.places)
        writer.add(4, b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn))
        hidden_place, writer.places = writer.places[4], kept
    first = writer.table(b"/Size 9/Root 1 0 R", free=(6,))
    writer.end(first)
    packed = zlib.compress(b"6 0 <</Type/StructTreeRoot/K[]>>")
    writer.add(
        7, b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed)
    )
    rows = {7: (1, writer.places[7], 0), 6: (2, 7, 0)}
    if other is not None:
        rows[4] = (1, hidden_place, 0)
    rows[8] = (1, len(writer.content), 0)
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    entries = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + last.to_bytes(2, "big")
        for _number, (kind, place, last) in sorted(rows.items())
    )
    beside = len(writer.content)
    writer.add(
        8,
        b"<</Type/XRef/Size 9/Root 1 0 R/W[1 4 2]/Index[%s]/Length %d>>\nstream\n%s\nendstream"
        % (index, len(entries), entries),
    )
    second = len(writer.content)
    writer.content += b"xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R/Prev %d/XRefStm %d>>\n" % (first, beside)
    return writer.end(second)


def dangling(text=b"Giay xac nhan"):
    """Return a PDF whose page also shows an object that the file does not hold."""
    writer = Writer()
    _page(writer, text)
    body = bytes(writer.content[writer.places[3] : writer.places[4]])
    changed = body.replace(b"/Contents 4 0 R", b"/Contents[4 0 R 90 0 R]")
    content = bytes(writer.content).replace(body, changed)
    again = Writer(head=b"")
    again.content = bytearray(content)
    again.places = {int(each[1]): each.start() for each in re.finditer(rb"(\d+) 0 obj", content)}
    again.add(6, b"<</Type/StructTreeRoot>>")
    return again.end(again.table(b"/Size 7/Root 1 0 R"))


def appended(content, objects, size=200):
    """Return `content` with an update that brings `objects`, {number: body}, and nothing else."""
    writer = Writer(head=content)
    for number, body in objects.items():
        writer.add(number, body)
    last = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    root = re.findall(rb"/Root (\d+ 0 R)", content)[-1]
    return writer.end(writer.table(b"/Size %d/Root %s/Prev %d" % (size, root, last)))
