"""A paper and its files, as the portal describes them and as an agency keeps them."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from . import documents
from .authority import signed
from .checks import check_counts, check_texts

_KINDS = ("pdf", "signed", "jpeg", "bulk")
_NAME_KEYS = ("TenFile", "TenTep")
# Bulk content is made in memory.
_MOST_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class PaperFile:
    """One file: its name (None: without), the link that the portal hands out, and what lies behind the link.

    `kind` is "pdf", "signed" for a PDF that the office which keeps it has signed, "jpeg", or "bulk" for a PDF of
    `size` bytes. `name_key` is TenFile as in the guideline's sample, or TenTep as in its table of fields. Raises
    ValueError for what cannot be.
    """

    name: str | None
    link: str
    kind: str = "pdf"
    name_key: str = "TenFile"
    size: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS or self.name_key not in _NAME_KEYS:
            raise ValueError(f"no such kind or key of a file: {self.kind}, {self.name_key}")
        if not isinstance(self.link, str) or "://" not in self.link:
            raise ValueError(f"a file needs a link with a scheme, not {self.link!r}")
        check_texts(name="" if self.name is None else self.name)
        check_counts(_MOST_BYTES, size=self.size)

    def as_portal(self) -> dict[str, str]:
        """Return the entry of DanhSachTepDinhKem (V.2)."""
        named = {} if self.name is None else {self.name_key: self.name}
        return {**named, "DuongDan": self.link}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a person. `number` may be of any JSON type, `files` None: both occur in the field.

    Raises ValueError where the rest is no text; for papers that are nonsense altogether see `World.set_raw_papers`.
    """

    code: str
    name: str
    number: object
    agency: str
    files: tuple[PaperFile, ...] | None = ()

    def __post_init__(self) -> None:
        check_texts(code=self.code, name=self.name, agency=self.agency)

    def as_portal(self) -> dict[str, object]:
        """Return the entry of DanhSachGiayToKetQua (V.2)."""
        return {
            "MaKetQua": self.code,
            "TenGiayTo": self.name,
            "SoKyHieu": self.number,
            "CoQuanChuQuan": self.agency,
            "DanhSachTepDinhKem": None if self.files is None else [file.as_portal() for file in self.files],
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies: the far system, the path there (decoded, no slash in front) and the query, sorted."""

    providerurl: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_link(cls, link: str) -> "Place":
        """Return the place that `link`, plain or composed (V.3), leads to. Raises ValueError."""
        parts = urlsplit(link)
        query = parse_qsl(parts.query, keep_blank_values=True)
        _before, is_composed, path = parts.path.partition("/RestService/forward/")
        if is_composed:
            own = [pair for pair in query if pair[0] not in ("dstcode", "providerurl")]
            providerurl = dict(query).get("providerurl")
            if providerurl is None:
                raise ValueError(f"a composed link needs a providerurl: {link}")
            return cls.of(providerurl, unquote(path), own)
        return cls.of(f"{parts.scheme}://{parts.netloc}", unquote(parts.path), query)

    @classmethod
    def of(cls, providerurl: str, path: str, query: list[tuple[str, str]]) -> "Place":
        """Return a place in its one form: several slashes count as one, as with common web servers."""
        return cls(providerurl.rstrip("/"), "/".join(filter(None, path.split("/"))), tuple(sorted(query)))


@dataclass(frozen=True, slots=True)
class Document:
    """What an agency keeps at a place: made when it is asked for and signed by `office`, unless it was `given`."""

    file: PaperFile
    title: str
    lines: tuple[str, ...]
    office: str = ""
    given: bytes | None = None

    @property
    def content_type(self) -> str:
        """The media type of the content."""
        return "image/jpeg" if self.file.kind == "jpeg" else "application/pdf"

    def content(self) -> bytes:
        """Return the bytes, the same every time."""
        if self.given is not None:
            return self.given
        if self.file.kind == "bulk":
            return documents.bulk_pdf(self.file.link, self.file.size)
        if self.file.kind == "jpeg":
            return documents.jpeg(self.title, *self.lines)
        content = documents.pdf(self.title, *self.lines)
        return signed(content, self.office) if self.file.kind == "signed" else content
