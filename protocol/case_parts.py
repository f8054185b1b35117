"""Parts of a case as the portal lists them: files, results, fees, requests for more documents (wire §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .case_lengths import shortened
from .office_time import office_time

NOT_REUSED, REUSED, REUSED_INSTEAD = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedFile:
    """A file of a document that was submitted with a case.

    `reused` is NOT_REUSED, REUSED, or REUSED_INSTEAD with the result code that stands in for another in
    `substitute_code`. `link` is "" for a file that is not given to others.
    """

    file_id: str
    name: str
    document_code: str
    link: str = ""
    is_digitised: bool = False
    reused: int = NOT_REUSED
    is_from_national_store: bool = False
    substitute_code: str = ""

    def as_wire(self) -> dict[str, object]:
        """Return the entry of TaiLieuNop."""
        return {
            **_attached(self),
            "DuocSoHoa": int(self.is_digitised),
            "DuocTaiSuDung": self.reused,
            "DuocLayTuKhoDMQG": int(self.is_from_national_store),
            "MaKetQuaThayThe": self.substitute_code,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFile:
    """A file of a result of a case, and the link under which others fetch it."""

    file_id: str
    name: str
    result_code: str
    link: str
    document_code: str = ""

    def as_wire(self) -> dict[str, object]:
        """Return the entry of DanhSachGiayToKetQua."""
        return {
            "TenGiayTo": shortened("TenGiayTo", self.name),
            "MaThanhPhanHoSo": self.document_code,
            "GiayToId": self.file_id,
            "DuongDanTepTinKetQua": self.link,
            "MaGiayToKetQua": self.result_code,
        }

    def as_processed(self) -> dict[str, object]:
        """Return the entry of TaiLieuXuLy (seen in one system)."""
        return _attached(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee that is asked for a case; `amount` in whole đồng, `collected` when (HinhThucThu), `kind` as LoaiPhiLePhi has it."""

    name: str
    amount: int
    code: str = ""
    collected: str = ""
    kind: str = ""

    def as_wire(self) -> dict[str, object]:
        """Return the entry of DanhSachLePhi."""
        return {
            "TenPhiLePhi": self.name,
            "MaPhiLePhi": self.code,
            "HinhThucThu": self.collected,
            "Gia": str(self.amount),
            "LoaiPhiLePhi": self.kind,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """A request for more documents; `received_on` is None until the case goes on. Times as in CaseMessage.

    `due_before` is when the result was due before, `due_after` since.
    """

    request_id: str
    asked_by: str
    asked_on: datetime
    content: str
    received_by: str = ""
    received_on: datetime | None = None
    note: str = ""
    due_before: datetime | None = None
    due_after: datetime | None = None

    def as_wire(self) -> dict[str, object]:
        """Return the entry of DanhSachHoSoBoSung; what was handed in stands in TaiLieuNop."""
        return {
            "HoSoBoSungId": self.request_id,
            "NguoiYeuCauBoSung": self.asked_by,
            "NoiDungBoSung": self.content,
            "NgayBoSung": office_time(self.asked_on),
            "NguoiTiepNhanBoSung": self.received_by,
            "ThongTinTiepNhan": self.note,
            "NgayTiepNhanBoSung": office_time(self.received_on),
            "TrangThaiBoSung": "1" if self.received_on else "0",
            "DanhSachGiayToBoSung": [],
            "NgayHenTraTruoc": office_time(self.due_before),
            "NgayHenTraMoi": office_time(self.due_after),
        }


def _attached(file: SubmittedFile | ResultFile) -> dict[str, object]:
    """Return what the portal is told of every file that is attached."""
    return {
        "TepDinhKemId": file.file_id,
        "TenTepDinhKem": shortened("TenTepDinhKem", file.name),
        "IsDeleted": "False",
        "MaThanhPhanHoSo": file.document_code,
        "DuongDanTaiTepTin": file.link,
    }
