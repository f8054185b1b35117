"""Whether an update gives a number that the signed file uses to another object, past what the library compares.

References name a number and a generation, and the library looks up both. Most readers go by the number alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils.generic import NullObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionData

# No file has as many objects (ISO 32000-1, annex C).
HIGHEST = 8_388_607


def takes_a_number(reader: PdfFileReader, signed_revision: int) -> bool:
    """Tell whether something behind `signed_revision` takes out what was alive there, or puts it by another generation.

    True also for numbers that no file has.
    """
    alive: dict[int, int] = {}
    for revision in range(reader.xrefs.total_revisions):
        for section in sections_of(reader, revision):
            given = {number: generation for number, (generation, _offset) in section.standard_xrefs.items()}
            given |= dict.fromkeys(section.xrefs_in_objstm, 0)
            if revision > signed_revision and _is_taken(reader, signed_revision, alive, given, section.freed):
                return True
            for number, generation in section.freed.items():
                if alive.get(number) == generation - 1:
                    del alive[number]
            alive |= given
    return False


def sections_of(reader: PdfFileReader, revision: int) -> Iterator[XRefSectionData]:
    """Yield the list of objects of a revision, and the one beside it in a hybrid file."""
    section = reader.xrefs.get_xref_data(revision)
    yield section
    if section.hybrid:
        yield section.hybrid.xref_data


def _is_taken(
    reader: PdfFileReader, revision: int, alive: dict[int, int], given: dict[int, int], freed: dict[int, int]
) -> bool:
    if any(not 0 <= number <= HIGHEST for number in (*given, *freed)):
        return True
    if any(alive.get(number, generation) != generation for number, generation in given.items()):
        return True
    # Freeing what never was is done by writers that mend a file's list of objects.
    resolver = reader.get_historical_resolver(revision)
    return any(
        not isinstance(resolver(Reference(number, alive[number])), NullObject) for number in freed if number in alive
    )
