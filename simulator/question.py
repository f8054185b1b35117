"""The portal's checks of a question about papers (guideline V.2, table of fields), as strict as the table.

The reasons are in the portal's language; they end up on the clerk's screen.
"""

import re
from dataclasses import dataclass

from .world import World

_PERSONAL_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")
_OWNER_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}|[0-9]{10}(-?[0-9]{3})?")
CHANNELS = {"1", "2", "3"}
_ONLINE = "2"
_OFFICER = ("SoDinhDanhNguoiYeuCau", "HoTenNguoiYeuCau")
_REQUIRED = ("MaThuTuc", "SoDinhDanhChuSoHuu", "KenhThucHien")
_FIELDS = {*_REQUIRED, *_OFFICER, "DanhSachDanhMucKetQua"}
_CODE_FIELDS = {"MaKetQua", "SoKyHieu"}


class Refused(Exception):
    """The portal does not accept the question; the argument is the reason."""


@dataclass(frozen=True, slots=True)
class Question:
    """An accepted question: whose papers, and for which pairs of code and number ("": any)."""

    owner: str
    asked: tuple[tuple[str, str], ...]


def read_question(body: dict, world: World) -> Question:
    """Return the question in `body`. Raises Refused."""
    _check_fields(body, _FIELDS)
    for name in _REQUIRED:
        _required(body, name)
    if body["KenhThucHien"] not in CHANNELS:
        raise Refused("Kênh thực hiện không hợp lệ")
    if not _OWNER_NUMBER.fullmatch(body["SoDinhDanhChuSoHuu"]):
        raise Refused("Số định danh chủ sở hữu không hợp lệ")
    if body["KenhThucHien"] != _ONLINE:
        _check_officer(body)
    return Question(body["SoDinhDanhChuSoHuu"], _asked(body, world))


def _check_officer(body: dict) -> None:
    for name in _OFFICER:
        _required(body, name)
    if not _PERSONAL_NUMBER.fullmatch(body["SoDinhDanhNguoiYeuCau"]):
        raise Refused("Số định danh người yêu cầu không hợp lệ")


def _asked(body: dict, world: World) -> tuple[tuple[str, str], ...]:
    procedure = world.procedures.get(body["MaThuTuc"])
    if procedure is None:
        raise Refused(f"Mã thủ tục {body['MaThuTuc']} không tồn tại")
    rows = body.get("DanhSachDanhMucKetQua")
    if not isinstance(rows, list) or not rows:
        raise Refused("Danh sách danh mục kết quả không được để trống")
    asked = []
    for row in rows:
        if not isinstance(row, dict):
            raise Refused("Danh sách danh mục kết quả không hợp lệ")
        _check_fields(row, _CODE_FIELDS)
        code, number = _required(row, "MaKetQua"), row.get("SoKyHieu", "")
        if code not in procedure.result_codes:
            raise Refused(f"Mã kết quả {code} không thuộc thủ tục {body['MaThuTuc']}")
        if world.results[code].holds_many and not number.strip():
            raise Refused(f"Mã kết quả {code} yêu cầu số ký hiệu")
        if (code, number) in asked:
            raise Refused(f"Mã kết quả {code} bị trùng")
        asked.append((code, number))
    return tuple(asked)


def _check_fields(row: dict, known: set[str]) -> None:
    for name, value in row.items():
        if name not in known:
            raise Refused(f"Trường {name} không hợp lệ")
        if name != "DanhSachDanhMucKetQua" and not isinstance(value, str):
            raise Refused(f"Trường {name} phải là chuỗi")


def _required(row: dict, name: str) -> str:
    if not row.get(name, "").strip():
        raise Refused(f"Thiếu trường bắt buộc {name}")
    return row[name]
