"""What the portal's catalogues hold: agencies and their security servers, results, procedures."""

from dataclasses import dataclass

from .checks import check_texts

PORTAL_DSTCODE = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
PAPERS_PROVIDERURL = "https://apigiaytocanhan.dichvucong.gov.vn"
# The portal's catalogue service; guideline V.1 sends no address for it, deployments may.
DIRECTORY_PROVIDERURL = "https://dichvucong.gov.vn"

POLICE = "https://giayto.bocongan.gov.vn"
EDUCATION = "https://vanbang.moet.gov.vn:8443"
JUSTICE = "https://lltp.moj.gov.vn"
HEALTH_MINISTRY = "https://hanhnghe.moh.gov.vn"
GOVERNMENT_OFFICE = "https://luutru.vpcp.gov.vn"
HA_GIANG = "https://dichvucong.hagiang.gov.vn"
HA_GIANG_JUSTICE = "https://sotuphap.hagiang.gov.vn"

CRIMINAL_RECORD = "KQ.G15.000007"
BIRTH = "000.00.00.G01-KQ0266"
CITIZEN_CARD = "000.00.00.G01-KQ0301"
DEGREE = "KQ.G17.000120"
PRACTICE = "KQ.G18.000045"
HEALTH = "KQ.G18.000046"
LAND = "KQ.G10.000003"


@dataclass(frozen=True, slots=True)
class Agency:
    """A row of the directory (V.1); `providerurls` are the systems behind its security server. Raises ValueError."""

    code: str
    name: str
    dstcode: str
    providerurls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(code=self.code, name=self.name, dstcode=self.dstcode)


@dataclass(frozen=True, slots=True)
class Result:
    """What a procedure issues; `holds_many`: a person can hold several, so SoKyHieu must tell which (V.2)."""

    name: str
    holds_many: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """An administrative procedure and the results that its form may ask for."""

    name: str
    result_codes: tuple[str, ...]


AGENCIES = (
    Agency("000.00.00.G01", "Bộ Công an", "VN:COM:0108212803:DVCTYBXDNTL", (POLICE,)),
    Agency("000.00.00.G02", "Bộ Công thương", "VN:GOV:000.00.00.G02:tmdtktsbctss01"),
    Agency("000.00.00.G04", "Bộ Giao thông vận tải", "VN:GOV:000.00.00.G04:g04ss01"),
    Agency("000.00.00.G03", "Bộ Giáo dục và Đào tạo", "VN:GOV:000.00.00.G03:g03ss01", (EDUCATION,)),
    Agency("000.00.00.G06", "Bộ Khoa học và Công nghệ", "VN:GOV:000.00.00.G06:g06ss01"),
    Agency("000.00.00.G07", "Bộ Lao động - Thương binh và Xã hội", "VN:GOV:000.00.00.G07:g07svc01"),
    Agency("000.00.00.G08", "Bộ Ngoại giao", "VN:GOV:000.00.00.G08:g08ss01"),
    Agency("000.00.00.G15", "Bộ Tư pháp", "VN:GOV:000.00.00.G15:g15ss01", (JUSTICE,)),
    Agency("000.00.00.G18", "Bộ Y tế", "VN:GOV:000.00.00.G18:g18ss01", (HEALTH_MINISTRY,)),
    Agency("000.00.00.G22", "Văn phòng Chính phủ", PORTAL_DSTCODE, (GOVERNMENT_OFFICE,)),
    Agency(
        "000.00.00.H22", "UBND tỉnh Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01", (HA_GIANG, HA_GIANG_JUSTICE)
    ),
    Agency("000.00.00.H46", "UBND tỉnh Quảng Bình", "VN:GOV:000.00.00.H46:quangbinhsvc01"),
)

RESULTS = {
    CRIMINAL_RECORD: Result("Phiếu lý lịch tư pháp số 1"),
    BIRTH: Result("Giấy khai sinh"),
    CITIZEN_CARD: Result("Thẻ căn cước"),
    DEGREE: Result("Bằng tốt nghiệp đại học ngành y"),
    PRACTICE: Result("Giấy xác nhận hoàn thành quá trình thực hành"),
    HEALTH: Result("Giấy khám sức khỏe"),
    LAND: Result("Giấy chứng nhận quyền sử dụng đất", holds_many=True),
}

# The guideline's own two examples (section II.1).
PROCEDURES = {
    "2.000488": Procedure(
        "Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam, người nước ngoài đang cư trú tại Việt Nam",
        (BIRTH, CITIZEN_CARD),
    ),
    "1.012289": Procedure(
        "Cấp lần đầu chứng chỉ hành nghề khám bệnh, chữa bệnh đối với người Việt Nam thuộc thẩm quyền của Sở Y tế",
        (CRIMINAL_RECORD, DEGREE, PRACTICE, HEALTH, CITIZEN_CARD, LAND),
    ),
}
