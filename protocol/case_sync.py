"""Our cases and their results, told to the portal (guideline III; wire §7, from field practice).

Every field that the portal lists is sent each time: empty text, an empty list, or nothing where it is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .answers import check_success, listed, rows, text, without_marks
from .case_lengths import composed, cut_keys, shortened
from .case_parts import Fee, ResultFile, SubmittedFile, Supplement
from .errors import AnswerNotUnderstood, PortalRejected
from .office_time import office_time

CASE_SERVICE = "DongBoHoSoMC"
PROGRESS_SERVICE = "CapNhatTienDoHoSoMC"
STATE_SERVICE = "DongBoTrangThaiHoSo"
LOOKUP_SERVICE = "TraCuuHoSo"

_UPDATING = "isUpdating"
# Real systems send no more steps in one call (field practice).
MOST_STEPS_AT_ONCE = 10
# LoaiDoiTuong; an organisation of which nothing else is known is an enterprise.
PERSON, ORGANISATION, STATE_AGENCY, OTHER_ORGANISATION = "1", "2", "3", "4"
# TrangThaiHoSo in the portal's own words.
STATE_WORDS = {
    "1": "Mới đăng ký",
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "6": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "7": "Công dân yêu cầu rút hồ sơ",
    "8": "Dừng xử lý",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
}

_MOST_CASES, _MOST_STEPS = 100, 1000
_UNKNOWN = r"(khong (ton tai|tim thay|co)|chua (ton tai|co|duoc dong bo)|not (found|exist|known)|no such|unknown)"
_CASE = r"(ho so|du lieu|ban ghi|thong tin|case|record|data)"
_ABOUT_CASE_OR_DATA = re.compile(rf"{_CASE}.*{_UNKNOWN}|{_UNKNOWN}.*{_CASE}|^\W*{_UNKNOWN}\W*$")
_KNOWN = re.compile(r"da (ton tai|co\b|duoc dong bo)|already exist|duplicate")
# Also in the words of frameworks: "Cannot POST /…", "No handler found", "No static resource".
_ABOUT_PATH = re.compile(
    r"\b(route|path|url|uri|endpoint|api|service|dich vu|duong dan|handler|static resource|cannot (get|post))\b"
)
_OWN_NAME = re.compile(r"(cong|he thong|trang)( thong tin)? (dich vu cong|dvc)|public service portal")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """A case as it stands; times are aware datetimes, or None where there is none yet.

    `state` is the portal's TrangThaiHoSo, `channel` its KenhThucHien; `owner_kind` is PERSON, ORGANISATION (an
    enterprise), STATE_AGENCY or OTHER_ORGANISATION.
    `identities` are pairs of the portal's kind of number and the number.
    """

    number: str
    procedure_code: str
    procedure_name: str
    owner_name: str
    owner_kind: str
    owner_number: str
    channel: str
    state: str
    sector_code: str = ""
    sector_name: str = ""
    phone: str = ""
    email: str = ""
    abstract: str = ""
    submitted_on: datetime | None = None
    received_on: datetime | None = None
    due_on: datetime | None = None
    finished_on: datetime | None = None
    returned_on: datetime | None = None
    form: str = "0"
    office: str = ""
    note: str = ""
    submitted_at: str = "2"
    is_digitised: bool = False
    is_account_verified: bool = False
    is_paid_online: bool = False
    identities: tuple[tuple[str, str], ...] = ()
    databases: tuple[str, ...] = ()
    submitted: tuple[SubmittedFile, ...] = ()
    results: tuple[ResultFile, ...] = ()
    fees: tuple[Fee, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    refused_on: datetime | None = None

    def as_wire(self) -> dict[str, object]:
        """Return the entry of `data`."""
        return {
            "MaHoSo": self.number,
            "MaTTHC": self.procedure_code,
            "TenTTHC": self.procedure_name,
            "MaLinhVuc": self.sector_code,
            "TenLinhVuc": self.sector_name,
            "KenhThucHien": self.channel,
            "ChuHoSo": self.owner_name,
            "LoaiDoiTuong": self.owner_kind,
            "MaDoiTuong": self.owner_number,
            "SoDienThoai": self.phone,
            "Email": self.email,
            "TrichYeuHoSo": shortened("TrichYeuHoSo", self._summary()),
            "NgayTiepNhan": office_time(self.received_on),
            "NgayHenTra": office_time(self.due_on),
            "NgayTra": office_time(self.returned_on),
            "NgayKetThucXuLy": office_time(self.finished_on),
            "TrangThaiHoSo": self.state,
            "HinhThuc": self.form,
            "DonViXuLy": self.office,
            "GhiChu": self.note,
            "TaiLieuNop": [file.as_wire() for file in self.submitted],
            "DanhSachLePhi": [fee.as_wire() for fee in self.fees],
            "DanhSachTepDinhKemKhac": [],
            "DanhSachHoSoBoSung": [supplement.as_wire() for supplement in self.supplements],
            "DanhSachGiayToKetQua": [file.as_wire() for file in self.results],
            "NoiNopHoSo": self.submitted_at,
            "HoSoCoThanhPhanSoHoa": int(self.is_digitised),
            "TaiKhoanDuocXacThucVoiVNeID": int(self.is_account_verified),
            "DuocThanhToanTrucTuyen": int(self.is_paid_online),
            "NgayNopHoSo": office_time(self.submitted_on),
            "DinhDanhCHS": [{"LoaiDinhDanh": kind, "SoDinhDanh": number} for kind, number in self.identities],
            "DSKetNoiCSDL": [{"MaCSDL": code} for code in self.databases],
            **self._rare_times(),
        }

    def _rare_times(self) -> dict[str, str]:
        # Seen in one system only: another may refuse what it does not know, so they go where there is something to tell.
        asked_on = self.supplements[-1].asked_on if self.supplements else None
        times = {"NgayYeuCauBoSung": office_time(asked_on), "NgayTuChoi": office_time(self.refused_on)}
        return {key: time for key, time in times.items() if time}

    def _summary(self) -> str:
        # An empty one is refused.
        return self.abstract.strip() or self.procedure_name

    def cut_keys(self) -> tuple[str, ...]:
        """Return the portal's names of what is sent shortened."""
        files = [("TenTepDinhKem", file.name) for file in self.submitted]
        return cut_keys(
            [("TrichYeuHoSo", self._summary()), *files, *(("TenGiayTo", file.name) for file in self.results)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressMessage:
    """One step of a case: who did what when, and the state (TrangThaiHoSo) it led to; times as in CaseMessage."""

    number: str
    officer: str
    title: str
    done_on: datetime
    department: str
    content: str
    state: str
    started_on: datetime | None = None
    due_on: datetime | None = None

    def as_wire(self) -> dict[str, object]:
        """Return the entry of `data`."""
        return {
            "MaHoSo": self.number,
            "NguoiXuLy": shortened("NguoiXuLy", self._by()),
            "ChucDanh": self.title,
            "ThoiDiemXuLy": office_time(self.done_on),
            "PhongBanXuLy": self.department,
            "NoiDungXuLy": self.content,
            "TrangThai": self.state,
            "NgayBatDau": office_time(self.started_on),
            "NgayKetThucTheoQuyDinh": office_time(self.due_on),
        }

    def _by(self) -> str:
        # An empty one is refused.
        return self.officer.strip() or self.department

    def cut_keys(self) -> tuple[str, ...]:
        """Return the portal's names of what is sent shortened."""
        return cut_keys([("NguoiXuLy", self._by())])

    def as_known(self) -> tuple[str, str]:
        """Return this step as `KnownCase.steps` has it."""
        return office_time(self.done_on), self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMessage:
    """The state of a case (TrangThaiHoSo) by itself, for portals that ask for it so (wire §7); `results` as in CaseMessage."""

    number: str
    state: str
    content: str
    done_on: datetime
    results: tuple[ResultFile, ...] = ()

    def as_wire(self) -> dict[str, object]:
        """Return `data`."""
        return {
            "MaHoSo": self.number,
            "TrangThai": self.state,
            "MaHoSoDonVi": self.number,
            "NoiDung": self.content,
            "NgayXuLy": office_time(self.done_on),
            "TaiLieuXuLy": [file.as_processed() for file in self.results],
        }

    def cut_keys(self) -> tuple[str, ...]:
        """Return the portal's names of what is sent shortened."""
        return cut_keys(("TenTepDinhKem", file.name) for file in self.results)


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What the portal knows of a case: its state, and each step as (ThoiDiemXuLy, TrangThai).

    `steps` is None where the answer does not tell them.
    """

    number: str
    state: str
    steps: tuple[tuple[str, str], ...] | None


def case_body(
    session: str, unit_code: str, message: CaseMessage, *, is_update: bool, updating_as: str = "string"
) -> dict[str, object]:
    """Return the body of DongBoHoSoMC for one case; `updating_as` as `Settings` has it."""
    updating = {"string": updating_query(is_update), "boolean": {_UPDATING: is_update}}.get(updating_as, {})
    return {**_body(session, unit_code, CASE_SERVICE), **updating, "data": [composed(message.as_wire())]}


def updating_query(is_update: bool) -> dict[str, str]:
    """Return the parameter of DongBoHoSoMC that says whether the portal has accepted the case before (field practice)."""
    return {_UPDATING: str(is_update)}


def progress_body(session: str, unit_code: str, *messages: ProgressMessage) -> dict[str, object]:
    """Return the body of CapNhatTienDoHoSoMC for steps in their order, MOST_STEPS_AT_ONCE at most."""
    told = [composed(message.as_wire()) for message in messages]
    return {**_body(session, unit_code, PROGRESS_SERVICE), "data": told}


def state_body(session: str, unit_code: str, message: StateMessage) -> dict[str, object]:
    """Return the body of DongBoTrangThaiHoSo (seen in one system)."""
    return {**_body(session, unit_code, STATE_SERVICE), "type": "2", "data": composed(message.as_wire())}


def lookup_body(session: str, unit_code: str, number: str) -> dict[str, object]:
    """Return the body of TraCuuHoSo."""
    return {**_body(session, unit_code, LOOKUP_SERVICE), "mahoso": number}


def parse_lookup(answer: object, number: str) -> KnownCase | None:
    """Return what `answer` tells of the case `number`, None where that is nothing. Raises PortalRejected for an error code."""
    check_success(answer)
    if isinstance(told := listed(answer), str) and _ABOUT_CASE_OR_DATA.search(without_marks(told)):
        return None
    for row in rows(told, _MOST_CASES)[0]:
        state = text(row.get("trangthaihoso") or row.get("trangthai"))
        # What names no case, but its state, is about the one that was asked for.
        if text(row.get("mahoso", state and number)).lower() == number.lower():
            return KnownCase(number, state, _steps(row))
    return None


def says_unknown(refusal: PortalRejected) -> bool:
    """Tell whether a refusal of TraCuuHoSo says no more than that the portal knows no such case (field practice)."""
    words = without_marks(refusal.message)
    # A gateway that knows no such path says nothing of cases; the portal's own name says nothing of a path.
    is_about_path = _ABOUT_PATH.search(_OWN_NAME.sub("", words))
    return (refusal.status == 404 and not is_about_path) or bool(_ABOUT_CASE_OR_DATA.search(words))


def says_known(refusal: PortalRejected) -> bool:
    """Tell whether a refusal of a new case says, in words or by its code alone, that the portal has it already (wire §7)."""
    return (refusal.code in ("3", "-3") and not refusal.message) or bool(_KNOWN.search(without_marks(refusal.message)))


def _body(session: str, unit_code: str, service: str) -> dict[str, object]:
    return {"session": session, "madonvi": unit_code.strip(), "service": service}


def _steps(row: Mapping[str, object]) -> tuple[tuple[str, str], ...] | None:
    steps = next((row[key] for key in ("danhsachtiendo", "tiendo", "danhsachtiendoxuly") if key in row), None)
    if steps is None:
        return None
    try:
        found, _skipped = rows(steps, _MOST_STEPS)
    except AnswerNotUnderstood:
        return None
    return tuple((text(step.get("thoidiemxuly")), text(step.get("trangthai"))) for step in found)
