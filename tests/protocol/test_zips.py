import io
import zipfile

import pytest
from office_files import TYPES, WORD, WORD_WITH_MACROS, office

from protocol import zips


def macros_in(content):
    return zips.macros_in(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        office(WORD, "word/vbaProject.bin"),
        office(WORD, "word/VBAPROJECT.BIN", method=zipfile.ZIP_STORED),
        office(WORD, "xl/macrosheets/sheet1.xml"),
        # Under another name, of which the list of parts tells.
        office(WORD_WITH_MACROS, "word/data.bin"),
        office(WORD_WITH_MACROS, "word/data.bin", method=zipfile.ZIP_STORED),
        office(WORD_WITH_MACROS.encode("utf-16")),
        office(WORD_WITH_MACROS.replace("macro", "&#x6d;acro")),
        office(WORD_WITH_MACROS, TYPES, first="docProps/app.xml"),
        # A list that is longer than what is read of the end of a file.
        office(WORD, "word/vbaProject.bin", *(f"word/media/{number:0200}" for number in range(400))),
    ],
)
def test_macros_of_office_are_found(content):
    assert macros_in(content) is True


@pytest.mark.parametrize(
    "content",
    [
        office(WORD),
        office(WORD, *(f"word/media/{number:0200}" for number in range(400))),
        office(WORD, "xl/printerSettings/printerSettings1.bin"),
        office(first="giay.pdf"),
        b"%PDF-1.7 word/vbaProject.bin",
        b"",
    ],
)
def test_what_holds_no_macros(content):
    assert macros_in(content) is False


def _without_place(content):
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"word/document.xml"))
    first = content.rindex(b"PK\x01\x02", 0, at)
    return content[: first + 42] + b"\xff" * 4 + content[first + 46 :]


def _spoilt(content):
    start = content.index(TYPES.encode()) + len(TYPES)
    return content[:start] + b"\xff" * 20 + content[start + 20 :]


@pytest.mark.parametrize(
    "content",
    [
        office(WORD)[:-30],
        _without_place(office(WORD)),
        _spoilt(office(WORD)),
        office(WORD, method=zipfile.ZIP_BZIP2),
        office(" " * 20_000_000),
        # Two lists: programs may go by either.
        office(WORD, "[content_types].xml"),
        # A list of parts that would be read for hours, and a directory that is none.
        office(WORD, *(f"{number:060000}" for number in range(80))),
    ],
)
def test_nobody_can_tell_of_a_damaged_or_monstrous_document(content):
    assert macros_in(content) is None
