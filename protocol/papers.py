"""The papers of a person that the national store knows of (guideline V.2, wire §3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import channels
from .answers import brings_rows, check_success, fold, is_nothing, listed, message_of, opened, rows, text
from .errors import AnswerNotUnderstood
from .filenames import name_in_link, safe_name
from .legacy_text import repaired, start_of
from .links import MOST_CHARACTERS
from .paper_dates import paper_date
from .readable_text import readable

_MOST_PAPERS = 500
_MOST_FILES = 50
_MOST_NAME = 1000
# What stands there may be a name as well.
_A_LINK = re.compile(r"\s*https?(?:://|%3a%2f%2f)", re.IGNORECASE)
_LIST, _CODE, _LINK = "danhsachgiaytoketqua", "maketqua", "duongdan"
# What a paper has beside its code, and what is asked has not.
_OF_PAPER = {"tengiayto", "danhsachtepdinhkem", _LINK}
_MOST_LEVELS = 6


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """One result code; `paper_number` (SoKyHieu) when a person can hold several of that paper."""

    result_code: str
    paper_number: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, for whom and by whom. `channel` is a code of `channels`.

    `owner_id_number` is a CCCD or MST; the officer is required where the channel has one.
    """

    procedure_code: str
    codes: tuple[CodeAsked, ...]
    owner_id_number: str
    channel: str
    officer_id_number: str = ""
    officer_name: str = ""


@dataclass(frozen=True, slots=True)
class PaperFile:
    """One file of a paper: a safe `name`, that in the link where the portal gives none, and the `link` as it was received."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in the store of the agency `agency_code`; it may have several files, or none.

    When it was issued and ends (yyyy-mm-dd) and what it is valid for is "" in answers as the guideline prints them: no key there
    tells it. Where a portal adds one, it is read.
    """

    result_code: str
    name: str
    number: str
    agency_code: str
    files: tuple[PaperFile, ...]
    date_issued: str = ""
    date_expiry: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """All papers found; `skipped` counts the entries, papers and files, that could not be used."""

    papers: tuple[Paper, ...]
    skipped: int
    message: str


def build_body(question: Question) -> dict[str, object]:
    """Return the body of the call, exactly the fields of guideline V.2; the officer where the channel has one.

    What nobody sees in a number or a code that was copied from somewhere is none of it.
    Raises ValueError for a question that the portal would reject: no codes, no owner, no officer, another channel.
    """
    codes = [{"MaKetQua": text(asked.result_code), "SoKyHieu": text(asked.paper_number)} for asked in question.codes]
    if not codes or not all(code["MaKetQua"] for code in codes):
        raise ValueError("a question needs result codes")
    if question.channel not in channels.WITH_OFFICER | channels.BY_CITIZEN:
        raise ValueError(f"there is no channel {question.channel!r}")
    required = {"MaThuTuc": question.procedure_code, "SoDinhDanhChuSoHuu": question.owner_id_number}
    if question.channel in channels.WITH_OFFICER:
        required["SoDinhDanhNguoiYeuCau"] = question.officer_id_number
        required["HoTenNguoiYeuCau"] = question.officer_name
    values = {name: text(value) for name, value in required.items()}
    for name, value in values.items():
        if not value:
            raise ValueError(f"a question needs {name}")
    return {**values, "DanhSachDanhMucKetQua": codes, "KenhThucHien": question.channel}


def parse_papers(answer: object) -> Answer:
    """Return the papers in `answer`, decoded JSON as in guideline V.2.

    One broken entry never hides another: papers without code and files without link are skipped and counted, a
    paper without files is kept. No `result`, no list or null in their place mean that nothing was found. At most
    500 papers with 50 files each. Raises PortalRejected for an error code, AnswerNotUnderstood for a wrong shape, and where none
    of the entries can be used: that is not "nothing was found".
    """
    check_success(answer)
    found, skipped = rows(_rows_of(answer), _MOST_PAPERS)
    papers = []
    for row in found:
        # The only file of a paper may stand beside its name, and not in a list of its own.
        files, unusable = _files(row.get("danhsachtepdinhkem") or (row if row.get(_LINK) else None))
        result_code = text(row.get(_CODE))
        if result_code:
            number, agency_code = text(row.get("sokyhieu")), text(row.get("coquanchuquan"))
            papers.append(
                Paper(
                    result_code,
                    readable(row.get("tengiayto")),
                    number,
                    agency_code,
                    files,
                    paper_date(row.get("ngaycap")),
                    paper_date(row.get("ngayhethan") or row.get("ngayhethieuluc")),
                    readable(row.get("phamvi")),
                )
            )
        skipped += unusable if result_code else 1
    if skipped and not papers:
        raise AnswerNotUnderstood("the answer about papers holds none that can be used")
    return Answer(tuple(papers), skipped, message_of(answer))


def _rows_of(answer: object) -> object:
    if not answer or not isinstance(answer, Mapping | list):
        raise AnswerNotUnderstood("the answer about papers is not an object")
    if isinstance(answer, Mapping) and not {"errorcode", "result", "data"} & fold(answer).keys():
        # Neither success nor a result: "nothing was found" would be a guess.
        raise AnswerNotUnderstood("the answer about papers says neither success nor result")
    found = listed(answer)
    if isinstance(found, Mapping) and _CODE not in fold(found):
        if _LIST not in fold(found) and brings_rows(found):
            raise AnswerNotUnderstood("the answer about papers lists something else")
        found = opened(fold(found).get(_LIST))
    if not found and _holds_paper(answer, _MOST_LEVELS):
        # "Nothing was found" would send somebody for a paper that is there.
        raise AnswerNotUnderstood("the answer about papers has them in another place")
    return found


def _holds_paper(value: object, levels: int) -> bool:
    value = opened(value)
    if isinstance(value, Mapping):
        folded = fold(value)
        if _CODE in folded and folded.keys() & _OF_PAPER:
            return True
        value = list(folded.values())
    return isinstance(value, list) and levels > 0 and any(_holds_paper(each, levels - 1) for each in value)


def _files(value: object) -> tuple[tuple[PaperFile, ...], int]:
    try:
        found, skipped = rows(_with_keys(value), _MOST_FILES)
    except AnswerNotUnderstood:
        return (), 1
    files = []
    for row in found:
        link = row.get(_LINK)
        link = link.strip() if isinstance(link, str) else ""
        if link and len(link) <= MOST_CHARACTERS:
            # TenFile in the guideline's sample, TenTep in its table of fields.
            claimed = row.get("tenfile") or row.get("tentep")
            claimed = repaired(start_of(claimed, _MOST_NAME)) if isinstance(claimed, str) else ""
            files.append(PaperFile(safe_name(claimed, name_in_link(link)), link))
        else:
            skipped += 1
    return tuple(files), skipped


def _with_keys(value: object) -> object:
    """Return a list of files with each bare link in it as a file of its own; a link alone is such a list."""
    value = opened(value)
    if isinstance(value, str) and not is_nothing(value):
        value = [value]
    if not isinstance(value, list):
        return value
    return [{_LINK: one} if isinstance(one, str) and _A_LINK.match(one) else one for one in value]
