"""The national catalogue of procedures: fields, agencies, documents and results, in the shapes of the field (wire §7)."""

import threading
from collections.abc import Iterator, Mapping

from .catalogue import BIRTH, CITIZEN_CARD, CRIMINAL_RECORD, DEGREE, HEALTH, LAND, PRACTICE, PROCEDURES, RESULTS
from .checks import check_counts, check_texts
from .question import Refused

_LISTING, _ONE, _AGENCIES, _SECTORS = CATALOGUE_SERVICES = (
    "LayDanhSachTTHC",
    "LayThuTuc",
    "LayDanhMucCoQuan",
    "LayDanhMucLinhVuc",
)
_MOST_PROCEDURES = 20_000
_SECTOR_NAMES = (
    "Hộ tịch", "Lý lịch tư pháp", "Khám bệnh, chữa bệnh", "Đất đai", "Xây dựng", "Giáo dục đại học", "Người có công",
    "Bảo trợ xã hội", "Việc làm", "Thành lập và hoạt động doanh nghiệp", "Hộ kinh doanh", "Đường bộ", "Môi trường",
    "An toàn thực phẩm", "Chăn nuôi", "Thủy sản", "Lâm nghiệp", "Du lịch", "Thể dục thể thao", "Di sản văn hóa",
)  # fmt: skip
_OFFICES = ("Sở Tư pháp", "Sở Y tế", "Sở Xây dựng", "Sở Nội vụ", "Sở Công thương", "UBND huyện", "UBND xã")
_DOINGS = ("Cấp mới", "Cấp lại", "Điều chỉnh", "Gia hạn", "Thu hồi", "Đăng ký", "Công nhận", "Phê duyệt")
_THINGS = (
    "giấy phép hoạt động", "chứng chỉ hành nghề", "giấy chứng nhận đủ điều kiện", "quyết định hưởng trợ cấp",
    "phương án khai thác", "hồ sơ thiết kế", "danh hiệu", "thẻ hành nghề", "bản đăng ký", "giấy xác nhận",
)  # fmt: skip
# What procedures ask for in their own words; some of it is a result of another procedure.
_PAPERS = (
    "Phiếu LLTP số 1", "Bản sao giấy khai sinh", "Thẻ CCCD hoặc căn cước điện tử (bản sao chứng thực)",
    "Giấy khám sức khỏe do cơ sở y tế đủ điều kiện cấp", "Bản sao văn bằng chuyên môn",
    "Giấy chứng nhận QSDĐ, quyền sở hữu nhà ở và tài sản khác gắn liền với đất", "Giấy chứng nhận ĐKKD",
    "Giấy xác nhận quá trình thực hành", "Hai ảnh chân dung nền trắng 04 x 06 cm", "Sơ yếu lý lịch tự thuật",
    "Văn bản ủy quyền (nếu có)", "Bản vẽ thiết kế", "Danh sách nhân sự", "Giấy xác nhận tình trạng hôn nhân",
    "Quyết định thành lập", "Báo cáo tài chính năm gần nhất",
)  # fmt: skip


class NationalCatalogue:
    """What the portal's catalogue holds. Its methods may be called from any thread."""

    def __init__(self, count: int = 2000) -> None:
        """`count` generated procedures stand in it beside those of the guideline, also after a `reset`."""
        self._lock = threading.Lock()
        self._count_at_first = count
        self.reset()

    def reset(self) -> None:
        """Go back to the catalogue as it was made."""
        with self._lock:
            self._count, self._with_parts = self._count_at_first, True
            self._made: dict[str, dict] | None = None

    def generate(self, count: int, with_parts: bool = True) -> None:
        """Have `count` generated procedures, listed with all their parts or with code and name only.

        Raises ValueError.
        """
        check_counts(_MOST_PROCEDURES, count=count)
        with self._lock:
            self._count, self._with_parts, self._made = count, bool(with_parts), None

    def put(self, row: Mapping[str, object]) -> None:
        """Set the procedure `row`, whatever it holds besides its MATTHC. Raises ValueError."""
        if not isinstance(row, Mapping):
            raise ValueError("row is an object")
        check_texts(MATTHC=row.get("MATTHC"))
        with self._lock:
            self._procedures()[str(row["MATTHC"])] = dict(row)

    def remove(self, code: str) -> None:
        """Take a procedure away. Raises KeyError."""
        with self._lock:
            if self._procedures().pop(code, None) is None:
                raise KeyError(f"there is no procedure {code}")

    def answer(self, service: str, body: Mapping[str, object]) -> object:
        """Return the result of `service` for `body`, without session and service. Raises Refused."""
        if body.keys() - {"madonvi"} != ({"maTTHC"} if service == _ONE else set()):
            raise Refused("Tham số của dịch vụ danh mục không đúng")
        with self._lock:
            if service == _ONE:
                return self._one(body["maTTHC"])
            if service == _LISTING:
                return [self._listed(row) for row in self._procedures().values()]
        return list(_agency_rows() if service == _AGENCIES else _sector_rows())

    def _one(self, code: object) -> dict:
        row = self._procedures().get(code) if isinstance(code, str) else None
        if row is None:
            raise Refused("Không tìm thấy thủ tục")
        return row

    def _listed(self, row: dict) -> dict:
        return row if self._with_parts else {key: row[key] for key in ("MATTHC", "TENTTHC", "TRANGTHAI") if key in row}

    def _procedures(self) -> dict[str, dict]:
        """Return the procedures by code; made when they are asked for. The lock is held."""
        if self._made is None:
            self._made = {row["MATTHC"]: row for row in _procedure_rows(self._count)}
        return self._made


def _sector_rows() -> Iterator[dict]:
    for number, name in enumerate(_SECTOR_NAMES, 1):
        yield {"MALINHVUC": f"LV{number:03}", "TENLINHVUC": name}


def _agency_rows() -> Iterator[dict]:
    for number, name in enumerate(_OFFICES, 1):
        level = "Cấp tỉnh" if name.startswith("Sở") else "Cấp huyện" if name.endswith("huyện") else "Cấp xã"
        yield {"MADONVI": f"H46.{number:02}", "TENDONVI": f"{name} Quảng Bình", "CAPDONVI": level}


def _procedure_rows(count: int) -> Iterator[dict]:
    sectors, agencies = list(_sector_rows()), list(_agency_rows())
    for code, procedure in PROCEDURES.items():
        sector = sectors[1 if code.startswith("2") else 2]
        yield _row(code, procedure.name, sector, agencies[0:2], _ISSUED[code], [("", _ASKED[code])])
    for number, (name, sector, result) in enumerate(_ISSUERS, 1):
        issued = ((result, RESULTS[result].name),)
        yield _row(
            f"1.400{number:03}", name, sectors[sector], agencies[0:2], issued, [("", ("Tờ khai", "Thẻ căn cước"))]
        )
    for number in range(count):
        name = f"{_pick(_DOINGS, number)} {_pick(_THINGS, number // 8)} lĩnh vực {_pick(_SECTOR_NAMES, number // 7)} ({number + 1:04})"
        code = f"1.{500_000 + number:06}"
        papers = [
            f"Đơn đề nghị {name[0].lower()}{name[1:]}",
            *(_pick(_PAPERS, number * 5 + step * 3) for step in range(4)),
        ]
        groups = [("", papers)]
        if number % 10 == 9:
            groups = [("Nộp trực tiếp", papers), ("Nộp qua người được ủy quyền", [*papers, "Văn bản ủy quyền"])]
        issued = (
            (f"KQ.G{number % 20 + 1:02}.{number:06}", f"{_pick(_THINGS, number // 8).capitalize()} {number + 1:04}"),
        )
        yield _row(code, name, _pick(sectors, number // 7), [_pick(agencies, number)], issued, groups)


# The guideline's own two examples, in the words of the demo.
_ASKED = {
    "2.000488": ("Tờ khai yêu cầu cấp Phiếu lý lịch tư pháp", RESULTS[BIRTH].name, RESULTS[CITIZEN_CARD].name),
    "1.012289": (
        "Đơn đề nghị cấp chứng chỉ hành nghề",
        "Phiếu lý lịch tư pháp",
        RESULTS[DEGREE].name,
        "Giấy xác nhận thực hành",
        RESULTS[HEALTH].name,
        RESULTS[CITIZEN_CARD].name,
        RESULTS[LAND].name,
    ),
}
_ISSUED = {
    "2.000488": ((CRIMINAL_RECORD, RESULTS[CRIMINAL_RECORD].name),),
    "1.012289": (("KQ.G18.000044", "Chứng chỉ hành nghề khám bệnh, chữa bệnh"),),
}
# Who issues what the two ask for: name, number of the field, result.
_ISSUERS = (
    ("Đăng ký khai sinh", 0, BIRTH),
    ("Cấp thẻ căn cước", 0, CITIZEN_CARD),
    ("Cấp bằng tốt nghiệp đại học", 5, DEGREE),
    ("Xác nhận hoàn thành quá trình thực hành", 2, PRACTICE),
    ("Cấp giấy khám sức khỏe", 2, HEALTH),
    ("Đăng ký, cấp giấy chứng nhận quyền sử dụng đất lần đầu", 3, LAND),
)


def _row(code: str, name: str, sector: dict, agencies: list, issued: tuple, groups: list) -> dict:
    numbers = {
        paper: f"{code}.GT{number:02}"
        for number, paper in enumerate(dict.fromkeys(p for _, ps in groups for p in ps), 1)
    }
    return {
        "MATTHC": code,
        "TENTTHC": name,
        "LINHVUCTHUCHIEN": [sector],
        "THANHPHANHOSO": [
            {
                "TRUONGHOP": circumstances,
                "GIAYTO": [
                    {"MAGIAYTO": numbers[paper], "TENGIAYTO": paper, "TENMAUDON": "", "URL": ""} for paper in papers
                ],
            }
            for circumstances, papers in groups
        ],
        "KETQUATHUCHIEN": [{"MAKETQUA": result, "TENKETQUA": label} for result, label in issued],
        "COQUANTHUCHIEN": [{"MADONVI": agency["MADONVI"], "TENDONVI": agency["TENDONVI"]} for agency in agencies],
        "TRANGTHAI": "1",
    }


def _pick(values: tuple | list, number: int) -> object:
    return values[number % len(values)]
