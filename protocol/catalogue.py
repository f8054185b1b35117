"""The national catalogue: fields of administration, agencies, procedures (wire §7, from field practice)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from .answers import listed, opened, rows, text, without_marks
from .errors import AnswerNotUnderstood, CatalogueUnusable
from .readable_text import readable

LISTING, ONE = "LayDanhSachTTHC", "LayThuTuc"
AGENCIES, SECTORS = "LayDanhMucCoQuan", "LayDanhMucLinhVuc"
CODE_KEY = "maTTHC"
_MOST_ROWS = 50_000
# Of one procedure.
_MOST_PARTS = 1000
# 1.004616.000.00.00.H56
_WITH_SUFFIX = re.compile(r"(\d\.\d{6})(?:\.\w+)+")
_MOST_NAME = 1000
_MOST_URL = 2000
# What TRANGTHAI says of a procedure that is not carried out any more; nobody documents its values.
_ENDED = frozenset({"0", "false", "het hieu luc", "bai bo", "da bai bo", "huy", "da huy", "khong hoat dong", "an"})


_Part = TypeVar("_Part")


# Of everything below: a name "" was not said, which is no reason to forget one that is known.
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
    """A procedure; `is_ended` when the catalogue says that it is not carried out any more.

    Of its parts, () is none, and None that the answer says nothing of them: the key is missing, null, or unusable.
    """

    code: str
    name: str
    sectors: tuple[Sector, ...] | None = None
    agencies: tuple[Agency, ...] | None = None
    results: tuple[Result, ...] | None = None
    variants: tuple[str, ...] | None = None
    documents: tuple[RequiredDocument, ...] | None = None
    is_ended: bool = False

    def as_json(self) -> dict[str, object]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, object]) -> Procedure:
        """Return the procedure in `fields`, made by `as_json`, maybe after a journey through a database."""
        variants = fields["variants"]
        return cls(
            **{
                **fields,
                "sectors": _each(fields["sectors"], lambda part: Sector(**part)),
                "agencies": _each(fields["agencies"], lambda part: Agency(**part)),
                "results": _each(fields["results"], lambda part: Result(**part)),
                "variants": None if variants is None else tuple(variants),
                "documents": _each(
                    fields["documents"],
                    lambda part: RequiredDocument(**{**part, "variants": tuple(part["variants"])}),
                ),
            }
        )


def _each(parts: Iterable[Mapping[str, object]] | None, make: Callable[..., _Part]) -> tuple[_Part, ...] | None:
    return None if parts is None else tuple(map(make, parts))


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
    return _usable(_sector, listed(answer))


def parse_agencies(answer: object) -> tuple[Agency, ...]:
    """Return the agencies in `answer`: {"result": [{"MADONVI", "TENDONVI", "CAPDONVI"}, …]}.

    Raises CatalogueUnusable.
    """
    return _usable(_agency, listed(answer))


def parse_listing(answer: object) -> Listing:
    """Return the procedures in `answer`: {"result": [{"MATTHC", "TENTTHC", …}, …]}, each with its parts or without.

    Procedures that ended are left out. 50,000 rows at most, repetitions once. A row without documents is asked for by
    itself: lists that leave the parts out may have the key all the same. Raises CatalogueUnusable where no procedure
    stands: an empty list must never archive a catalogue, nor one that marks all of it in a way that is not understood.
    """
    found, skipped = rows(listed(answer), _MOST_ROWS)
    whole: dict[str, Procedure] = {}
    codes: dict[str, None] = {}
    for row in found:
        code = _code(row)
        if not code:
            skipped += 1
        elif _is_ended(row):
            continue
        elif _parts(row.get("thanhphanhoso")):
            whole[code] = _procedure(row, code)
        else:
            codes[code] = None
    if not whole and not codes:
        raise CatalogueUnusable("the catalogue holds no procedure that stands")
    return Listing(tuple(whole.values()), tuple(code for code in codes if code not in whole), skipped)


def parse_procedure(answer: object, code: str) -> Procedure:
    """Return the procedure `code` in `answer`: {"result": {…}} or a list that holds it.

    Raises CatalogueUnusable where it is not in there.
    """
    found, _skipped = rows(listed(answer), _MOST_PARTS)
    for row in found:
        told = _code(row)
        if "tentthc" in row and (told in ("", code) or without_suffix(told) == without_suffix(code)):
            return _procedure(row, code)
    raise CatalogueUnusable("the catalogue answered with another procedure")


def without_suffix(code: str) -> str:
    """Return the national code of a procedure without the agency's, which some catalogues put behind it (wire §3)."""
    match = _WITH_SUFFIX.fullmatch(code)
    return match[1] if match else code


def _usable(read: Callable[[Mapping[str, object]], _Part], value: object) -> tuple[_Part, ...]:
    """Return what `read` makes of the rows in `value`, once each by code. Raises CatalogueUnusable for nothing at all."""
    found = _once(read, value)
    if not found:
        raise CatalogueUnusable("the catalogue holds no usable row")
    return found


def _code(row: Mapping[str, object]) -> str:
    """Return the code of a procedure; as a number, 1.00119, it has lost the last of its six decimals."""
    value = row.get("matthc")
    return f"{value:.6f}" if isinstance(value, float) else text(value)


def _name(value: object) -> str:
    """Return a name with single blanks, and its letters in the one form in which people type them."""
    return unicodedata.normalize("NFC", " ".join(readable(value, _MOST_NAME).split()))


def _procedure(row: Mapping[str, object], code: str) -> Procedure:
    variants, documents = _documents(row.get("thanhphanhoso"))
    return Procedure(
        code=code,
        name=_name(row.get("tentthc")),
        sectors=_once(_sector, row.get("linhvucthuchien")),
        agencies=_once(_agency, row.get("coquanthuchien")),
        results=_once(_result, row.get("ketquathuchien")),
        variants=variants,
        documents=documents,
        is_ended=_is_ended(row),
    )


def _is_ended(row: Mapping[str, object]) -> bool:
    state = row.get("trangthai")
    return state is False or without_marks(text(state)) in _ENDED


def _once(read: Callable[[Mapping[str, object]], _Part], value: object) -> tuple[_Part, ...] | None:
    """Return what `read` makes of the rows of `value`, once each by code; None where `value` says nothing."""
    found = _parts(value)
    return None if found is None else tuple({part.code: part for part in map(read, found) if part.code}.values())


def _sector(row: Mapping[str, object]) -> Sector:
    return Sector(text(row.get("malinhvuc")), _name(row.get("tenlinhvuc")))


def _agency(row: Mapping[str, object]) -> Agency:
    return Agency(text(row.get("madonvi")), _name(row.get("tendonvi")), text(row.get("capdonvi")))


def _result(row: Mapping[str, object]) -> Result:
    return Result(text(row.get("maketqua")), _name(row.get("tenketqua")))


def _parts(value: object) -> list[dict[str, object]] | None:
    """Return the folded rows of a list in a row; None for what is no list of rows, which spoils nothing else.

    An empty object is none, either: what a procedure asked for must not end by it.
    """
    if value is None or opened(value) in ("", {}):
        return None
    try:
        found, skipped = rows(value, _MOST_ROWS)
    except AnswerNotUnderstood:
        return None
    return None if skipped and not found else found


def _documents(value: object) -> tuple[tuple[str, ...] | None, tuple[RequiredDocument, ...] | None]:
    """Return (circumstances, documents) of THANHPHANHOSO; a single circumstance is none. (None, None): nothing is said."""
    parts = _parts(value)
    groups = [(_name(group.get("truonghop")), _parts(group.get("giayto"))) for group in parts or ()]
    if parts is None or any(papers is None for _name_of, papers in groups):
        return None, None
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
    code, name = text(paper.get("magiayto")), _name(paper.get("tengiayto"))
    if not (code or name):
        return
    document = RequiredDocument(
        key=code or without_marks(name),
        code=code,
        name=name,
        form_name=_name(paper.get("tenmaudon")),
        form_url=text(paper.get("url"), _MOST_URL),
        variants=variants,
    )
    known = found.get(document.key)
    if known and known.name != document.name:
        # One code for two papers: the name tells them apart.
        document = replace(document, key=f"{document.key} {without_marks(document.name)}")
        known = found.get(document.key)
    if known:
        # In all circumstances, or in those of both.
        both = (*known.variants, *variants) if known.variants and variants else ()
        document = replace(known, variants=tuple(dict.fromkeys(both)))
    found[document.key] = document
