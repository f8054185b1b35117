"""Documents of Office, as far as anybody here looks at them."""

import io
import zipfile

TYPES = "[Content_Types].xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
RELATION = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" TargetMode="{mode}"/>
</Relationships>"""


def office(types=WORD, *names, first=TYPES, method=zipfile.ZIP_DEFLATED):
    """Return a document of Office whose list of parts is `types`, with parts of these names beside the text."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in (first, "word/document.xml", *names):
            archive.writestr(name, types if name == TYPES else "x")
    return target.getvalue()


def compound(*names, start=b""):
    """Return a compound file with these streams in its directory, and a stream that begins with `start`."""
    entries = [
        raw.ljust(64, b"\0") + (len(raw) + 2).to_bytes(2, "little") + b"\2" + bytes(61)
        for raw in (name.encode("utf-16-le") for name in ("Root Entry", *names))
    ]
    directory = b"".join(entries)
    return MAGIC.ljust(512, b"\0") + directory.ljust(-(-len(directory) // 512) * 512, b"\0") + start.ljust(4096, b"\0")


def zipped(**parts):
    """Return a zip of `parts`, {name: content}."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def related(target, kind="attachedTemplate", mode="External", text=RELATION):
    """Return a document of Word whose settings have a relation of this `kind` to `target`."""
    content = text.format(target=target, kind=kind, mode=mode)
    return zipped(**{TYPES: WORD, "word/document.xml": "x", "word/_rels/settings.xml.rels": content})
