"""The national catalogue: fields of administration, agencies, procedures (wire §7, from field practice)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from .answers import listed, plain, rows, text
from .errors import AnswerNotUnderstood, CatalogueUnusable

LISTING, ONE = "LayDanhSachTTHC", "LayThuTuc"
AGENCIES, SECTORS = "LayDanhMucCoQuan", "LayDanhMucLinhVuc"
CODE_KEY = "maTTHC"
_MOST_ROWS = 50_000
# Of one procedure.
_MOST_PARTS = 1000
_MOST_NAME = 1000
_MOST_URL = 2000
# What TRANGTHAI says of a procedure that is not carried out any more; nobody documents its values.
_ENDED = frozenset({"0", "false", "het hieu luc", "bai bo", "da bai bo", "huy", "da huy", "khong hoat dong", "an"})


@dataclass(frozen=True, slots=True)
class Sector:
    """A field of administration."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that carries out procedures; `level` as the catalogue puts it, "" where it says nothing."""

    code: str
    name: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a procedure issues."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document that a procedure asks for.

    `key` tells it from the procedure's others and stays from one sync to the next. `variants` are the names of the
    circumstances (TRUONGHOP) in which it is asked for, () for all.
    """

    key: str
    code: str
    name: str
    form_name: str = ""
    form_url: str = ""
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure; `is_ended` when the catalogue says that it is not carried out any more."""

    code: str
    name: str
    sectors: tuple[Sector, ...] = ()
    agencies: tuple[Agency, ...] = ()
    results: tuple[Result, ...] = ()
    variants: tuple[str, ...] = ()
    documents: tuple[RequiredDocument, ...] = ()
    is_ended: bool = False

    def as_json(self) -> dict[str, object]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Procedure:
        """Return the procedure in `fields`, made by `as_json`, maybe after a journey through a database."""
        return cls(
            **{
                **fields,
                "sectors": tuple(Sector(**part) for part in fields["sectors"]),
                "agencies": tuple(Agency(**part) for part in fields["agencies"]),
                "results": tuple(Result(**part) for part in fields["results"]),
                "variants": tuple(fields["variants"]),
                "documents": tuple(
                    RequiredDocument(**{**part, "variants": tuple(part["variants"])}) for part in fields["documents"]
                ),
            }
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of procedures: those with all their parts in `whole`, those to be asked for one by one in `codes`."""

    whole: tuple[Procedure, ...]
    codes: tuple[str, ...]
    skipped: int


def build_body(session: str, unit_code: str, service: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the body of a call of `service`."""
    return {"session": session, "madonvi": unit_code.strip(), "service": service, **extra}


def parse_sectors(answer: object) -> tuple[Sector, ...]:
    """Return the fields in `answer`: {"result": [{"MALINHVUC", "TENLINHVUC"}, …]}. Raises CatalogueUnusable."""
    return _usable(_sectors(listed(answer)))


def parse_agencies(answer: object) -> tuple[Agency, ...]:
    """Return the agencies in `answer`: {"result": [{"MADONVI", "TENDONVI", "CAPDONVI"}, …]}.

    Raises CatalogueUnusable.
    """
    return _usable(_agencies(listed(answer)))


def parse_listing(answer: object) -> Listing:
    """Return the procedures in `answer`: {"result": [{"MATTHC", "TENTTHC", …}, …]}, each with its parts or without.

    Procedures that ended are left out. 50,000 rows at most, repetitions once. Raises CatalogueUnusable where no
    usable row remains: an empty list must never archive a catalogue.
    """
    found, skipped = rows(listed(answer), _MOST_ROWS)
    whole: dict[str, Procedure] = {}
    codes: dict[str, None] = {}
    ended = 0
    for row in found:
        code = text(row.get("matthc"))
        if not code:
            skipped += 1
        elif _is_ended(row):
            ended += 1
        elif "thanhphanhoso" in row:
            whole[code] = _procedure(row, code)
        else:
            codes[code] = None
    if not whole and not codes and not ended:
        raise CatalogueUnusable("the catalogue holds no usable procedure")
    return Listing(tuple(whole.values()), tuple(code for code in codes if code not in whole), skipped)


def parse_procedure(answer: object, code: str) -> Procedure:
    """Return the procedure `code` in `answer`: {"result": {…}} or a list that holds it.

    Raises CatalogueUnusable where it is not in there.
    """
    found, _skipped = rows(listed(answer), _MOST_PARTS)
    for row in found:
        if text(row.get("matthc")) in (code, "") and "tentthc" in row:
            return _procedure(row, code)
    raise CatalogueUnusable("the catalogue answered with another procedure")


def _usable(found: Iterable[Sector | Agency]) -> tuple:
    """Return `found` once each by code. Raises CatalogueUnusable for nothing at all."""
    by_code = {entry.code: entry for entry in found if entry.code}
    if not by_code:
        raise CatalogueUnusable("the catalogue holds no usable row")
    return tuple(by_code.values())


def _procedure(row: Mapping[str, object], code: str) -> Procedure:
    variants, documents = _documents(row.get("thanhphanhoso"))
    return Procedure(
        code=code,
        name=text(row.get("tentthc"), _MOST_NAME) or code,
        sectors=_once(_sectors(row.get("linhvucthuchien"))),
        agencies=_once(_agencies(row.get("coquanthuchien"))),
        results=_once(_results(row.get("ketquathuchien"))),
        variants=variants,
        documents=documents,
        is_ended=_is_ended(row),
    )


def _is_ended(row: Mapping[str, object]) -> bool:
    state = row.get("trangthai")
    return state is False or plain(text(state)) in _ENDED


def _once(found: Iterable) -> tuple:
    return tuple({entry.code: entry for entry in found if entry.code}.values())


def _sectors(value: object) -> Iterator[Sector]:
    for row in _parts(value):
        code = text(row.get("malinhvuc"))
        yield Sector(code, text(row.get("tenlinhvuc"), _MOST_NAME) or code)


def _agencies(value: object) -> Iterator[Agency]:
    for row in _parts(value):
        code = text(row.get("madonvi"))
        yield Agency(code, text(row.get("tendonvi"), _MOST_NAME) or code, text(row.get("capdonvi")))


def _results(value: object) -> Iterator[Result]:
    for row in _parts(value):
        code = text(row.get("maketqua"))
        yield Result(code, text(row.get("tenketqua"), _MOST_NAME) or code)


def _parts(value: object) -> list[dict[str, object]]:
    """Return the folded rows of a list in a row; anything else counts as none, and spoils nothing else."""
    try:
        return rows(value, _MOST_ROWS)[0]
    except AnswerNotUnderstood:
        return []


def _documents(value: object) -> tuple[tuple[str, ...], tuple[RequiredDocument, ...]]:
    """Return (circumstances, documents) of THANHPHANHOSO; a single circumstance is none."""
    groups = [(text(group.get("truonghop")), _parts(group.get("giayto"))) for group in _parts(value)]
    names = tuple(dict.fromkeys(name for name, _papers in groups if name))
    variants = names if len(names) > 1 else ()
    found: dict[str, RequiredDocument] = {}
    for name, papers in groups:
        for paper in papers[:_MOST_PARTS]:
            _add(found, paper, (name,) if name in variants else ())
    everywhere = frozenset(variants)
    return variants, tuple(
        replace(document, variants=()) if everywhere.issubset(document.variants) else document
        for document in found.values()
    )


def _add(found: dict[str, RequiredDocument], paper: Mapping[str, object], variants: tuple[str, ...]) -> None:
    """Add `paper` to `found`; one that is there already is asked for in further circumstances."""
    code, name = text(paper.get("magiayto")), text(paper.get("tengiayto"), _MOST_NAME)
    if not (code or name):
        return
    document = RequiredDocument(
        key=code or plain(name),
        code=code,
        name=name or code,
        form_name=text(paper.get("tenmaudon")),
        form_url=text(paper.get("url"), _MOST_URL),
        variants=variants,
    )
    known = found.get(document.key)
    if known and known.name != document.name:
        # One code for two papers: the name tells them apart.
        document = replace(document, key=f"{document.key} {plain(document.name)}")
        known = found.get(document.key)
    if known:
        # In all circumstances, or in those of both.
        both = (*known.variants, *variants) if known.variants and variants else ()
        document = replace(known, variants=tuple(dict.fromkeys(both)))
    found[document.key] = document
