"""Who and what there is: agencies, procedures, people and their papers; can be changed while running."""

import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from . import documents
from .people import AGENCIES, PAPERS, PEOPLE, PROCEDURES, RESULTS

PORTAL_DSTCODE = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
PAPERS_PROVIDERURL = "https://apigiaytocanhan.dichvucong.gov.vn"


@dataclass
class Agency:
    """A row of the directory; `providerurls` are the systems behind the security server."""

    code: str
    name: str
    dstcode: str
    providerurls: set[str] = field(default_factory=set)


class World:
    """The state of the simulated country. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Go back to the world as it was made."""
        with self._lock:
            self.agencies = [Agency(code, name, dstcode, set(urls)) for code, name, dstcode, urls in AGENCIES]
            self.results = dict(RESULTS)
            self.people = dict(PEOPLE)
            self.procedures = deepcopy(PROCEDURES)
            self.papers: dict[str, list] = {}
            self._files: dict[tuple[str, str, str], Callable[[], bytes]] = {}
            for paper in PAPERS:
                self._issue(paper)

    # -- agencies ----------------------------------------------------------------------------------

    def add_agency(self, code: str, name: str, dstcode: str, providerurl: str = "") -> None:
        """Add a row to the directory, also a second one of the same code."""
        with self._lock:
            self.agencies.append(Agency(code, name, dstcode, {providerurl} - {""}))

    def set_agency(self, code: str, **changes: str) -> None:
        """Change `name` or `dstcode` of the agency `code`."""
        with self._lock:
            for agency in self.agencies:
                if agency.code == code:
                    vars(agency).update(changes)

    def remove_agency(self, code: str) -> None:
        """Let the agency `code` vanish from the directory."""
        with self._lock:
            self.agencies = [agency for agency in self.agencies if agency.code != code]

    def add_generated_agencies(self, count: int) -> None:
        """Add `count` agencies of no meaning, for tests of a large directory."""
        with self._lock:
            self.agencies += [
                Agency(f"{n % 1000:03d}.{n // 1000 % 100:02d}.99.T99", f"Agency {n}", f"VN:GOV:T99:{n}")
                for n in range(count)
            ]

    def serves(self, dstcode: str, providerurl: str) -> bool:
        """Whether the system `providerurl` sits behind `dstcode`."""
        with self._lock:
            return any(
                agency.dstcode == dstcode and providerurl.rstrip("/") in agency.providerurls
                for agency in self.agencies
            )

    def is_known(self, dstcode: str) -> bool:
        """Whether `dstcode` is in the directory."""
        with self._lock:
            return any(agency.dstcode == dstcode for agency in self.agencies)

    # -- papers ------------------------------------------------------------------------------------

    def papers_of(self, id_number: str, codes: dict[str, str]) -> list:
        """Return the papers of a person, as the portal writes them, for `codes` {code: number or ""}.

        Papers that a test has put in raw are returned whatever they are.
        """
        with self._lock:
            return [
                paper
                for paper in self.papers.get(id_number, [])
                if not _is_plain(paper)
                or (paper["MaKetQua"] in codes and codes[paper["MaKetQua"]] in ("", str(paper["SoKyHieu"])))
            ]

    def set_raw_papers(self, id_number: str, papers: list) -> None:
        """Let a person have exactly `papers`, in the portal's own shape or in none; all are returned always."""
        with self._lock:
            self.papers[id_number] = [
                {**paper, "_raw": True} if isinstance(paper, dict) else paper for paper in papers
            ]

    def add_bulk_person(self, id_number: str, code: str, files: int, size: int, agencies: int) -> None:
        """Give a person one paper with `files` files of `size` bytes, from `agencies` generated agencies each."""
        with self._lock:
            self.papers[id_number] = []
            for number in range(agencies):
                url = f"https://bulk{number}.gov.vn"
                agency = f"000.00.00.B{number:02d}"
                self.add_agency(agency, f"Bulk {number}", f"VN:GOV:{agency}:bulk", url)
                names = [f"file{count}.pdf" for count in range(number, files, agencies)]
                for name in names:
                    seed = f"{id_number}/{name}"
                    self._files[url, f"/bulk/{seed}", ""] = lambda seed=seed: documents.bulk_pdf(seed, size)
                self.papers[id_number].append(
                    {
                        "MaKetQua": code,
                        "TenGiayTo": f"Bulk {number}",
                        "SoKyHieu": str(number),
                        "CoQuanChuQuan": agency,
                        "DanhSachTepDinhKem": [
                            {"TenFile": name, "DuongDan": f"{url}/bulk/{id_number}/{name}"} for name in names
                        ],
                    }
                )

    def numbers_of(self, id_number: str, code: str) -> list[str]:
        """Return the numbers of the papers of one code that a person has."""
        with self._lock:
            return [str(paper["SoKyHieu"]) for paper in self.papers.get(id_number, []) if paper["MaKetQua"] == code]

    def link_of(self, id_number: str, code: str) -> str:
        """Return the link of the first file of a paper."""
        with self._lock:
            [paper, *_others] = [p for p in self.papers[id_number] if p["MaKetQua"] == code]
            return paper["DanhSachTepDinhKem"][0]["DuongDan"]

    def file(self, providerurl: str, path: str, query: str) -> bytes | None:
        """Return the file at `path` of the system `providerurl`; None where there is none.

        A file that is stored without a query is found whatever the query is.
        """
        with self._lock:
            base = providerurl.rstrip("/")
            make = self._files.get((base, path, query)) or self._files.get((base, path, ""))
        return make() if make else None

    def _issue(self, paper: dict) -> None:
        """Put a paper of the data into the store: what the portal says of it, and the files behind it."""
        files = []
        for position, (key, name, link, kind) in enumerate(paper["files"] or ()):
            title = paper["name"] or "Giấy tờ"
            content = documents.jpeg if kind == "jpeg" else documents.pdf
            lines = () if kind == "jpeg" else (f"Số: {paper['number']}", PEOPLE[paper["owner"]])
            self._store(link, lambda make=content, args=(f"{title} {position + 1}", *lines): make(*args))
            files.append({key: name, "DuongDan": link} if name is not None else {"DuongDan": link})
        self.papers.setdefault(paper["owner"], []).append(
            {
                "MaKetQua": paper["code"],
                "TenGiayTo": paper["name"],
                "SoKyHieu": paper["number"],
                "CoQuanChuQuan": paper["agency"],
                "DanhSachTepDinhKem": files if paper["files"] is not None else None,
            }
        )

    def _store(self, link: str, make: Callable[[], bytes]) -> None:
        parts = urlsplit(link)
        if "/RestService/forward/" in parts.path:
            far = dict(parse_qsl(parts.query))
            path = "/" + parts.path.partition("/RestService/forward/")[2]
            self._files[far["providerurl"], unquote(path), ""] = make
        else:
            self._files[f"{parts.scheme}://{parts.netloc}", unquote(parts.path), parts.query] = make


def _is_plain(paper: object) -> bool:
    return isinstance(paper, dict) and "_raw" not in paper
