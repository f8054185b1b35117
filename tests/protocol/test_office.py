import io
import tempfile
import zipfile

import pytest
from office_files import TYPES, WORD, WORD_WITH_MACROS, office

from protocol.office import active_content


def kinds_in(content):
    return active_content(io.BytesIO(content))


def _commented(content, comment):
    return content[:-2] + len(comment).to_bytes(2, "little") + comment


@pytest.mark.parametrize(
    "content",
    [
        office(WORD, "word/vbaProject.bin"),
        office(WORD, "word/VBAPROJECT.BIN", method=zipfile.ZIP_STORED),
        office(WORD, "xl/macrosheets/sheet1.xml"),
        # LibreOffice's.
        office(WORD, "Basic/Standard/Module1.xml", first="mimetype"),
        office(WORD, "Scripts/python/x.py", first="mimetype"),
        office(WORD, "Scripts/python/x.py", "META-INF/manifest.xml", first="content.xml"),
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
    assert kinds_in(content) == ("macros",)


@pytest.mark.parametrize(
    "content",
    [
        office(WORD),
        office(WORD, *(f"word/media/{number:0200}" for number in range(400))),
        office(WORD, "xl/printerSettings/printerSettings1.bin"),
        office(first="giay.pdf"),
        office("none", "vbaProject-huong-dan.pdf", first="a.txt"),
        # Folders of an archive that is no document of LibreOffice.
        office("none", "Scripts/dang-ky.sql", "Basic/huong-dan.pdf", first="a.txt"),
        # A binary workbook, with a comment behind it.
        _commented(office("application/vnd.ms-excel.sheet.binary.macroEnabled.main"), b"copy"),
        b"%PDF-1.7 word/vbaProject.bin",
        b"",
    ],
)
def test_what_holds_no_macros(content):
    assert kinds_in(content) == ()


def _without_place(content):
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"word/document.xml"))
    first = content.rindex(b"PK\x01\x02", 0, at)
    return content[: first + 42] + b"\xff" * 4 + content[first + 46 :]


NO_ENTRIES = b"PK\5\6" + bytes(18)


def _with_two_directories(content, decoy):
    """Return `content`, whose end tells of its own directory, with that of `decoy` in front of the end."""
    start, end = decoy.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    directory = decoy[start : decoy.rindex(b"PK\5\6")]
    told = content[end : end + 12] + len(directory).to_bytes(4, "little") + content[end + 16 :]
    return content[:end] + directory + told


def _cut_part(content):
    at = content.index(b"PK\1\2")
    return content[: at + 20] + b"\5\0\0\0" + content[at + 24 :]


def _far_away(content):
    """Return `content` with its first part at a place that no file has, told as a zip of more than 4 GB tells it."""
    at, end = content.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    name_end = at + 46 + len(TYPES)
    extra = b"\1\0\x08\0" + b"\xff" * 8
    entry = content[at : at + 30] + len(extra).to_bytes(2, "little") + content[at + 32 : at + 42] + b"\xff" * 4
    directory = entry + content[at + 46 : name_end] + extra + content[name_end:end]
    return (
        content[:at] + directory + content[end : end + 12] + len(directory).to_bytes(4, "little") + content[end + 16 :]
    )


def _large(content, size=None, directly=True):
    """Return `content` with an end as zips of more than 4 GB have it, which tells of a directory of `size`, by default its own."""
    at, end = content.index(b"PK\1\2"), content.rindex(b"PK\5\6")
    told = [end - at if size is None else size, at]
    record = b"PK\6\6" + bytes(36) + b"".join(one.to_bytes(8, "little") for one in told)
    locator = b"PK\6\7" + bytes(4) + end.to_bytes(8, "little") + b"\1\0\0\0"
    between = b"" if directly else b"more"
    return content[:end] + record + between + locator + content[end : end + 12] + b"\xff" * 8 + content[end + 20 :]


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
        office("&#" + "1" * 5000 + ";"),
        # Another end in the comment, or behind the end: of no entries.
        _commented(office(WORD, "word/vbaProject.bin"), NO_ENTRIES + b"xx"),
        office(WORD, "word/vbaProject.bin") + NO_ENTRIES,
        # Two directories: some go by the place that the end tells, others by the size.
        _with_two_directories(office(WORD, "word/vbaProject.bin"), office(WORD)),
        _cut_part(office(WORD_WITH_MACROS)),
        _far_away(office(WORD)),
        _large(office(WORD), 2**63 - 1),
        _large(office(WORD), 2**64 - 1),
        _large(office(WORD), directly=False),
        # Two lists: programs may go by either.
        office(WORD, "[content_types].xml"),
        # A list of parts that would be read for hours, and a directory that is none.
        office(WORD, *(f"{number:060000}" for number in range(80))),
    ],
)
def test_nobody_can_tell_of_a_damaged_or_monstrous_document(content):
    assert kinds_in(content) == ("unclear",)
    # A file of the system refuses other places than one in memory.
    with tempfile.TemporaryFile() as file:
        file.write(content)
        assert active_content(file) == ("unclear",)


def test_a_large_zip_is_looked_through():
    assert kinds_in(_large(office(WORD))) == ()
    assert kinds_in(_large(office(WORD, "word/vbaProject.bin"))) == ("macros",)


def test_a_disk_that_fails_says_nothing_of_the_file():
    class Failing(io.BytesIO):
        def read(self, *size):
            # The kind of the file was read from what is in memory already.
            if not size:
                raise OSError("the disk is gone")
            return super().read(*size)

    with pytest.raises(OSError, match="the disk is gone"):
        active_content(Failing(office(WORD)))
