"""The portal's register of cases: what agencies tell it of theirs, and of the results they issued (wire §7)."""

import re
import threading

from .papers import Paper, PaperFile
from .question import CHANNELS, Refused
from .world import World

_CASE, PROGRESS, LOOKUP, STATE = SYNC_SERVICES = (
    "DongBoHoSoMC",
    "CapNhatTienDoHoSoMC",
    "TraCuuHoSo",
    "DongBoTrangThaiHoSo",
)
UPDATING = "isUpdating"
_MOST_STEPS = 10
_TIME = re.compile(r"(?:\d{14})?")
_STATES = tuple(str(number) for number in range(1, 12))
_CASE_FIELDS = frozenset(
    """MaHoSo MaTTHC TenTTHC MaLinhVuc TenLinhVuc KenhThucHien ChuHoSo LoaiDoiTuong MaDoiTuong SoDienThoai Email
    TrichYeuHoSo NgayTiepNhan NgayHenTra NgayTra NgayKetThucXuLy TrangThaiHoSo HinhThuc DonViXuLy GhiChu TaiLieuNop
    DanhSachLePhi DanhSachTepDinhKemKhac DanhSachHoSoBoSung DanhSachGiayToKetQua NoiNopHoSo HoSoCoThanhPhanSoHoa
    TaiKhoanDuocXacThucVoiVNeID DuocThanhToanTrucTuyen NgayNopHoSo DinhDanhCHS DSKetNoiCSDL""".split()
)
_CASE_TIMES = ("NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy", "NgayNopHoSo")
# Where there is something to tell.
_RARE_TIMES = ("NgayTuChoi", "NgayYeuCauBoSung")
_STEP_FIELDS = frozenset(
    """MaHoSo NguoiXuLy ChucDanh ThoiDiemXuLy PhongBanXuLy NoiDungXuLy TrangThai NgayBatDau
    NgayKetThucTheoQuyDinh""".split()
)
_STEP_TIMES = ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")
_LENGTHS = {"TrichYeuHoSo": 1000, "NguoiXuLy": 50, "TenTepDinhKem": 4000, "TenGiayTo": 2000}
_SUBMITTED_FIELDS = frozenset(
    """TepDinhKemId TenTepDinhKem IsDeleted MaThanhPhanHoSo DuongDanTaiTepTin DuocSoHoa DuocTaiSuDung
    DuocLayTuKhoDMQG MaKetQuaThayThe""".split()
)
_FEE_FIELDS = frozenset("TenPhiLePhi MaPhiLePhi HinhThucThu Gia LoaiPhiLePhi".split())
_SUPPLEMENT_FIELDS = frozenset(
    """HoSoBoSungId NguoiYeuCauBoSung NoiDungBoSung NgayBoSung NguoiTiepNhanBoSung ThongTinTiepNhan
    NgayTiepNhanBoSung TrangThaiBoSung DanhSachGiayToBoSung NgayHenTraTruoc NgayHenTraMoi""".split()
)
_SUPPLEMENT_TIMES = ("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi")
_STATE_FIELDS = frozenset("MaHoSo TrangThai MaHoSoDonVi NoiDung NgayXuLy TaiLieuXuLy".split())
_RESULT_FIELDS = frozenset("TenGiayTo MaThanhPhanHoSo GiayToId DuongDanTepTinKetQua MaGiayToKetQua".split())
_LISTS = {
    "TaiLieuNop": _SUBMITTED_FIELDS,
    "DanhSachLePhi": _FEE_FIELDS,
    "DanhSachHoSoBoSung": _SUPPLEMENT_FIELDS,
    "DanhSachGiayToKetQua": _RESULT_FIELDS,
}


class Exists(Refused):
    """A new case that is known already."""


class CaseRegister:
    """What the portal knows of the agencies' cases. Its methods may be called from any thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all cases."""
        with self._lock:
            self._cases: dict[str, dict] = {}
            self._rejected: dict[str, str] = {}
            self._unknown_words = ""

    def cases(self) -> list[dict]:
        """Return all cases, each as it was told last, with its steps under TienDo, and states told by themselves under TrangThai."""
        with self._lock:
            return [dict(case) for case in self._cases.values()]

    def reject(self, number: str, message: str) -> None:
        """Refuse what is told of the case `number` with `message`, until that is ""."""
        with self._lock:
            self._rejected[number] = message

    def refuse_unknown(self, message: str) -> None:
        """Answer a lookup of a case that is not known with an error and `message`, until that is ""."""
        with self._lock:
            self._unknown_words = message

    def answer(self, service: str, body: dict) -> object:
        """Return the result of `service` for `body`, without session and service. Raises Refused."""
        if service == LOOKUP:
            _check_fields(body, {"madonvi", "mahoso"})
            with self._lock:
                found = [self._cases[body["mahoso"]]] if body["mahoso"] in self._cases else []
                if not found and self._unknown_words:
                    raise Refused(self._unknown_words)
                return found
        if service == STATE:
            self._take_state(body)
            return None
        _check_fields(body, {"madonvi", "data", UPDATING} if service == _CASE else {"madonvi", "data"})
        data = body["data"]
        if not isinstance(data, list) or not data or not all(isinstance(row, dict) for row in data):
            raise Refused("data phải là danh sách và không được để trống")
        if service == PROGRESS and len(data) > _MOST_STEPS:
            raise Refused(f"Mỗi lần chỉ nhận {_MOST_STEPS} bước")
        with self._lock:
            for row in data:
                if message := self._rejected.get(row.get("MaHoSo")):
                    raise Refused(message)
                if service == _CASE:
                    self._take_case(body["madonvi"], row, body[UPDATING])
                else:
                    self._take_step(row)
        return None

    def _take_case(self, unit: str, row: dict, is_updating: bool) -> None:
        _check_case(row)
        known = self._cases.get(row["MaHoSo"])
        if is_updating and known is None:
            raise Refused(f"Hồ sơ {row['MaHoSo']} chưa được đồng bộ")
        if not is_updating and known is not None:
            raise Exists(f"Hồ sơ {row['MaHoSo']} đã tồn tại")
        kept = {name: known[name] if known else [] for name in ("TienDo", "TrangThai")}
        self._cases[row["MaHoSo"]] = {**row, **kept, "madonvi": unit}
        self._world.learn_papers(row["MaDoiTuong"], row["MaHoSo"], _papers(unit, row))

    def _take_step(self, row: dict) -> None:
        _check_fields(row, _STEP_FIELDS)
        _check_times(row, _STEP_TIMES)
        _check_texts(row, ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy"))
        if row["TrangThai"] not in _STATES:
            raise Refused("TrangThai không hợp lệ")
        self._known(row["MaHoSo"])["TienDo"].append(row)

    def _take_state(self, body: dict) -> None:
        _check_fields(body, {"madonvi", "type", "data"})
        if body["type"] != "2":
            raise Refused("type không hợp lệ")
        row = body["data"]
        _check_fields(row, _STATE_FIELDS)
        _check_times(row, ("NgayXuLy",))
        _check_texts(row, ("MaHoSo", "MaHoSoDonVi", "NoiDung", "NgayXuLy"))
        if row["TrangThai"] not in _STATES or not isinstance(row["TaiLieuXuLy"], list):
            raise Refused("TrangThai hoặc TaiLieuXuLy không hợp lệ")
        with self._lock:
            if message := self._rejected.get(row["MaHoSo"]):
                raise Refused(message)
            case = self._known(row["MaHoSo"])
            case["TrangThaiHoSo"] = row["TrangThai"]
            case["TrangThai"].append(row)

    def _known(self, number: str) -> dict:
        if number not in self._cases:
            raise Refused(f"Hồ sơ {number} chưa được đồng bộ")
        return self._cases[number]


def _papers(unit: str, row: dict) -> list[Paper]:
    """Return the results of a case as papers of its owner, for the store to hand out."""
    files: dict[tuple[str, str], list[PaperFile]] = {}
    for result in row["DanhSachGiayToKetQua"]:
        name = result["TenGiayTo"]
        file = PaperFile(f"{name}.pdf", result["DuongDanTepTinKetQua"])
        files.setdefault((result["MaGiayToKetQua"], name), []).append(file)
    return [Paper(code, name, row["MaHoSo"], unit, tuple(found)) for (code, name), found in files.items()]


def _check_case(row: dict) -> None:
    rare = [name for name in _RARE_TIMES if name in row]
    _check_fields(row, _CASE_FIELDS.union(rare))
    _check_texts(row, ("MaHoSo", "MaTTHC", "TenTTHC", "ChuHoSo", "MaDoiTuong", "TrichYeuHoSo", "NgayNopHoSo"))
    _check_times(row, (*_CASE_TIMES, *rare))
    if row["TrangThaiHoSo"] not in _STATES:
        raise Refused("TrangThaiHoSo không hợp lệ")
    if row["KenhThucHien"] not in CHANNELS:
        raise Refused("KenhThucHien không hợp lệ")
    if row["LoaiDoiTuong"] not in ("1", "2", "3", "4"):
        raise Refused("LoaiDoiTuong không hợp lệ")
    _check_lists(row)


def _check_lists(row: dict) -> None:
    for name, fields in _LISTS.items():
        if not isinstance(row[name], list):
            raise Refused(f"{name} phải là danh sách")
        for entry in row[name]:
            _check_fields(entry, fields)
    for entry in row["DanhSachLePhi"]:
        _check_texts(entry, ("TenPhiLePhi",))
        if not str(entry["Gia"]).isdecimal():
            raise Refused("Gia phải là số")
    for entry in row["DanhSachHoSoBoSung"]:
        _check_times(entry, _SUPPLEMENT_TIMES)
        _check_texts(entry, ("HoSoBoSungId", "NguoiYeuCauBoSung", "NoiDungBoSung", "NgayBoSung"))
    for entry in row["TaiLieuNop"]:
        if entry["IsDeleted"] not in ("True", "False", "0", "1"):
            raise Refused("IsDeleted không hợp lệ")
        if (entry["DuocTaiSuDung"] == 2) != bool(entry["MaKetQuaThayThe"]):
            raise Refused("MaKetQuaThayThe chỉ dùng khi DuocTaiSuDung là 2")
    for entry in row["DanhSachGiayToKetQua"]:
        _check_texts(entry, ("TenGiayTo", "DuongDanTepTinKetQua", "MaGiayToKetQua"))


def _check_fields(row: object, fields: frozenset | set) -> None:
    if not isinstance(row, dict):
        raise Refused("Dữ liệu không hợp lệ")
    for name in sorted(fields ^ row.keys()):
        raise Refused(f"Trường {name} {'không hợp lệ' if name in row else 'là bắt buộc'}")
    for name in _LENGTHS.keys() & row.keys():
        if isinstance(row[name], str) and len(row[name]) > _LENGTHS[name]:
            raise Refused(f"{name} dài quá {_LENGTHS[name]} ký tự")


def _check_texts(row: dict, names: tuple[str, ...]) -> None:
    for name in names:
        if not isinstance(row[name], str) or not row[name].strip():
            raise Refused(f"{name} không được để trống")


def _check_times(row: dict, names: tuple[str, ...]) -> None:
    for name in names:
        if not isinstance(row[name], str) or not _TIME.fullmatch(row[name]):
            raise Refused(f"{name} phải có dạng yyyyMMddHHmmss")
