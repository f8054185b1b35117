"""Who and what there is: agencies, people and their papers; can be changed while it is running."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count as count_from
from itertools import islice
from urllib.parse import quote

from .catalogue import (
    AGENCIES,
    CITIZEN_CARD,
    CRIMINAL_RECORD,
    DEGREE,
    HEALTH,
    PRACTICE,
    PROCEDURES,
    RESULTS,
    Agency,
)
from .checks import check_counts, check_texts
from .papers import Document, Paper, PaperFile, Place
from .people import PAPERS, PEOPLE

# The codes of procedure 1.012289 that need no number.
_BULK_CODES = (CRIMINAL_RECORD, DEGREE, PRACTICE, HEALTH, CITIZEN_CARD)
# Enough for any test, and few enough to be made at once.
_MOST_AGENCIES, _MOST_FILES = 100_000, 10_000


class World:
    """The state of the simulated country. Its methods may be called from any thread."""

    def __init__(self, generated_agencies: int = 0) -> None:
        """`generated_agencies` stand in the directory beside the real ones, also after a `reset`."""
        self._lock = threading.RLock()
        self._generated_agencies = generated_agencies
        self.results = RESULTS
        self.procedures = PROCEDURES
        self.reset()

    def reset(self) -> None:
        """Go back to the world as it was made."""
        with self._lock:
            self.agencies = AGENCIES
            self.people: dict[str, str] = {}
            self._papers: dict[str, tuple[Paper, ...]] = {}
            self._raw_papers: dict[str, object] = {}
            self._documents: dict[Place, Document] = {}
            self._providers: dict[str, str] = {}
            for id_number, name in PEOPLE.items():
                self.add_person(id_number, name, PAPERS[id_number])
            self.add_generated_agencies(self._generated_agencies)

    # Agencies. `self.agencies` is replaced, never changed: who reads it needs no lock.

    def add_agency(self, code: str, name: str, dstcode: str, providerurl: str = "") -> None:
        """Add a row to the directory, also a second one of the same code; `providerurl` is the system behind it.

        Raises ValueError.
        """
        check_texts(providerurl=providerurl)
        with self._lock:
            self.agencies += (Agency(code, name, dstcode, tuple(filter(None, [providerurl.rstrip("/")]))),)

    def set_agency(self, code: str, name: str | None = None, dstcode: str | None = None) -> None:
        """Change what is given of the agency `code`. Raises KeyError and ValueError."""
        given = {"name": name, "dstcode": dstcode}
        changes = {field: value for field, value in given.items() if value is not None}
        with self._lock:
            self._check_agency(code)
            self.agencies = tuple(
                replace(agency, **changes) if agency.code == code else agency for agency in self.agencies
            )

    def remove_agency(self, code: str) -> None:
        """Let the agency `code` vanish from the directory, and its files with it. Raises KeyError."""
        with self._lock:
            self._check_agency(code)
            self.agencies = tuple(agency for agency in self.agencies if agency.code != code)

    def add_generated_agencies(self, count: int) -> None:
        """Add `count` agencies without files, for tests of a large directory; none of a code that is there already.

        Raises ValueError.
        """
        check_counts(_MOST_AGENCIES, count=count)
        with self._lock:
            there = {agency.code for agency in self.agencies}
            free = (code for code in map(_generated_code, count_from(0)) if code not in there)
            self.agencies += tuple(
                Agency(code, f"Cơ quan mô phỏng {code}", f"VN:GOV:{code}:svc01") for code in islice(free, count)
            )

    def is_known(self, dstcode: str) -> bool:
        """Tell whether `dstcode` is in the directory."""
        return any(agency.dstcode == dstcode for agency in self.agencies)

    def serves(self, dstcode: str, providerurl: str) -> bool:
        """Tell whether the system `providerurl` sits behind `dstcode`."""
        base = providerurl.rstrip("/")
        return any(agency.dstcode == dstcode and base in agency.providerurls for agency in self.agencies)

    def dstcode_of(self, providerurl: str) -> str | None:
        """Return the dstcode behind which the system `providerurl` sits."""
        return next((agency.dstcode for agency in self.agencies if providerurl in agency.providerurls), None)

    # People and papers

    def add_person(self, id_number: str, name: str, papers: Iterable[Paper] = ()) -> None:
        """Add a person with `papers`, or put them in the place of what the person had.

        Files stay where they are once they were there: agencies do not know what the portal forgets.
        Raises ValueError.
        """
        check_texts(id_number=id_number, name=name)
        papers = tuple(papers)
        documents = {
            (place := Place.of_link(file.link)): _document(paper, file, position, name, self._office_at(place))
            for paper in papers
            for position, file in enumerate(paper.files or (), 1)
        }
        with self._lock:
            self.people[id_number] = name
            self._papers[id_number] = papers
            self._raw_papers.pop(id_number, None)
            self._documents.update(documents)

    def add_bulk_person(
        self,
        id_number: str,
        files: int = 20,
        size: int = 1_000_000,
        agencies: int = 5,
        codes: Iterable[str] = _BULK_CODES,
    ) -> None:
        """Add a person with one paper from each of `agencies` generated agencies: `files` files of `size` bytes in all.

        The papers take `codes` in turn. The agencies are the same for every such person. Raises ValueError.
        """
        check_texts(id_number=id_number)
        check_counts(_MOST_FILES, files=files, agencies=agencies)
        codes = tuple(codes) if isinstance(codes, Iterable) else ()
        if not codes:
            raise ValueError("codes are a list with at least one")
        rows, papers = [], []
        for number in range(min(agencies, files)):
            agency, base = f"000.00.00.B{number:02d}", f"https://bulk{number}.gov.vn"
            rows.append(Agency(agency, f"Cơ quan kho lớn {number}", f"VN:GOV:{agency}:svc01", (base,)))
            names = [f"tep-{file:04d}.pdf" for file in range(number, files, agencies)]
            links = [f"{base}/{quote(id_number)}/{name}" for name in names]
            bulk = tuple(PaperFile(name, link, "bulk", size=size) for name, link in zip(names, links, strict=True))
            papers.append(Paper(codes[number % len(codes)], f"Giấy tờ lớn {number}", f"B{number}", agency, bulk))
        with self._lock:
            self.agencies += tuple(row for row in rows if row not in self.agencies)
            self.add_person(id_number, f"Người nhiều giấy tờ {id_number}", papers)

    def set_raw_papers(self, id_number: str, papers: object) -> None:
        """Let the portal answer for a person with exactly `papers` as the list, of any shape, whatever is asked.

        Raises ValueError for an `id_number` that is no text.
        """
        check_texts(id_number=id_number)
        with self._lock:
            self._raw_papers[id_number] = papers

    def set_provider(self, providerurl: str, address: str) -> None:
        """Let calls for the system `providerurl` go on to `address`, a real one; "": it is simulated again.

        Raises ValueError for what is no http address.
        """
        check_texts(providerurl=providerurl, address=address)
        if address and not address.startswith("http://"):
            raise ValueError(f"a provider needs an http address, not {address!r}")
        with self._lock:
            self._providers[providerurl.rstrip("/")] = address.rstrip("/")

    def provider_at(self, providerurl: str) -> str:
        """Return the real address behind `providerurl`; "" where it is simulated."""
        with self._lock:
            return self._providers.get(providerurl.rstrip("/"), "")

    def learn_papers(self, id_number: str, number: str, papers: Iterable[Paper]) -> None:
        """Let the store know these papers of a person, in place of all that bore `number` before."""
        with self._lock:
            kept = (paper for paper in self._papers.get(id_number, ()) if paper.number != number)
            self._papers[id_number] = (*kept, *papers)
            self.people.setdefault(id_number, "")

    def papers_of(self, id_number: str) -> tuple[Paper, ...]:
        """Return all papers of a person."""
        with self._lock:
            return self._papers.get(id_number, ())

    def find_papers(self, id_number: str, asked: Iterable[tuple[str, str]]) -> object:
        """Return the papers of a person as the portal writes them, for `asked`: pairs of code and number or ""."""
        asked = set(asked)
        with self._lock:
            if id_number in self._raw_papers:
                return self._raw_papers[id_number]
        return [
            paper.as_portal()
            for paper in self.papers_of(id_number)
            if {(paper.code, ""), (paper.code, str(paper.number))} & asked
        ]

    def numbers_of(self, id_number: str, code: str) -> list[str]:
        """Return the numbers of the papers of one code that a person has."""
        return [str(paper.number) for paper in self.papers_of(id_number) if paper.code == code]

    def link_of(self, id_number: str, code: str) -> str:
        """Return the link of the first file of a person's paper. Raises StopIteration where there is none."""
        return next(file.link for paper in self.papers_of(id_number) if paper.code == code for file in paper.files)

    def put_content(self, link: str, content: bytes) -> None:
        """Let the file that is handed out as `link` hold exactly `content`. Raises KeyError where there is none."""
        place = Place.of_link(link)
        with self._lock:
            if place not in self._documents:
                raise KeyError(f"no such file: {link}")
            self._documents[place] = replace(self._documents[place], given=content)

    def document(self, place: Place) -> Document | None:
        """Return what lies at `place`; a file that lies there without a query does not mind one."""
        with self._lock:
            return self._documents.get(place) or self._documents.get(replace(place, query=()))

    def as_json(self) -> Mapping[str, object]:
        """Return agencies, procedures and people with their papers, ready for JSON."""
        with self._lock:
            return {
                "agencies": [
                    {"code": a.code, "name": a.name, "dstcode": a.dstcode, "providerurls": a.providerurls}
                    for a in self.agencies
                ],
                "procedures": {code: {"name": p.name, "codes": p.result_codes} for code, p in self.procedures.items()},
                "people": {
                    id_number: {"name": name, "papers": [paper.as_portal() for paper in self._papers[id_number]]}
                    for id_number, name in self.people.items()
                },
            }

    def _office_at(self, place: Place) -> str:
        """Return the name of the agency behind whose security server `place` is, or the place itself."""
        names = (agency.name for agency in self.agencies if place.providerurl in agency.providerurls)
        return next(names, place.providerurl)

    def _check_agency(self, code: str) -> None:
        if not any(agency.code == code for agency in self.agencies):
            raise KeyError(f"no such agency: {code}")


def _generated_code(number: int) -> str:
    return f"{number // 10000:03d}.{number // 100 % 100:02d}.{number % 100:02d}.T99"


def _document(paper: Paper, file: PaperFile, position: int, owner: str, office: str) -> Document:
    lines = (f"Số: {paper.number}", f"Cấp cho: {owner}", f"Tệp {position}/{len(paper.files or ())}")
    return Document(file, paper.name, lines, office)
