"""The data of the simulated world. All people are invented: their numbers begin with 000, a province that does not exist."""

_HAGIANG = "https://dichvucong.hagiang.gov.vn"
_POLICE = "https://giayto.bocongan.gov.vn"
_EDUCATION = "https://vanbang.moet.gov.vn:8443"
_HEALTH = "https://hanhnghe.moh.gov.vn"
_JUSTICE = "https://lltp.moj.gov.vn"
_LAND = "https://datdai.quangbinh.gov.vn"

CRIMINAL_RECORD = "KQ.G15.000007"
BIRTH = "000.00.00.G01-KQ0266"
CITIZEN_CARD = "000.00.00.G01-KQ0301"
DEGREE = "KQ.G17.000120"
PRACTICE = "KQ.G18.000045"
HEALTH = "KQ.G18.000046"
LAND = "KQ.G10.000003"

# (code, name, dstcode, systems behind it)
AGENCIES = [
    ("000.00.00.G01", "Bộ Công an", "VN:COM:0108212803:DVCTYBXDNTL", [_POLICE]),
    ("000.00.00.G02", "Bộ Công thương", "VN:GOV:000.00.00.G02:tmdtktsbctss01", []),
    ("000.00.00.G04", "Bộ Giao thông vận tải", "VN:GOV:000.00.00.G04:g04ss01", []),
    ("000.00.00.G03", "Bộ Giáo dục và Đào tạo", "VN:GOV:000.00.00.G03:g03ss01", [_EDUCATION]),
    ("000.00.00.G06", "Bộ Khoa học và Công nghệ", "VN:GOV:000.00.00.G06:g06ss01", []),
    ("000.00.00.G07", "Bộ Lao động - Thương binh và Xã hội", "VN:GOV:000.00.00.G07:g07svc01", []),
    ("000.00.00.G08", "Bộ Ngoại giao", "VN:GOV:000.00.00.G08:g08ss01", []),
    ("000.00.00.G15", "Bộ Tư pháp", "VN:GOV:000.00.00.G15:g15ss01", [_JUSTICE]),
    ("000.00.00.G18", "Bộ Y tế", "VN:GOV:000.00.00.G18:g18ss01", [_HEALTH]),
    ("000.00.00.G22", "Văn phòng Chính phủ", "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01", ["https://luutru.vpcp.gov.vn"]),
    ("000.00.00.H22", "UBND tỉnh Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01", [_HAGIANG]),
    ("000.00.00.H46", "UBND tỉnh Quảng Bình", "VN:GOV:000.00.00.H46:quangbinhsvc01", [_LAND]),
]

# code: (name, a person can hold several)
RESULTS = {
    CRIMINAL_RECORD: ("Phiếu lý lịch tư pháp số 1", False),
    BIRTH: ("Giấy khai sinh", False),
    CITIZEN_CARD: ("Thẻ căn cước", False),
    DEGREE: ("Bằng tốt nghiệp đại học ngành y", False),
    PRACTICE: ("Giấy xác nhận hoàn thành quá trình thực hành", False),
    HEALTH: ("Giấy khám sức khỏe", False),
    LAND: ("Giấy chứng nhận quyền sử dụng đất", True),
}

PROCEDURES = {
    "2.000488": [BIRTH, CITIZEN_CARD],
    "1.012289": [CRIMINAL_RECORD, DEGREE, PRACTICE, HEALTH, CITIZEN_CARD, LAND],
}

AN, BINH, CHAU, DUNG = "000190000011", "000285000022", "000392000033", "000179000044"
COMPANY = "0099999902"
PEOPLE = {
    AN: "Nguyễn Thị An",
    BINH: "Trần Văn Bình",
    CHAU: "Lê Minh Châu",
    DUNG: "Phạm Quốc Dũng",
    COMPANY: "Công ty TNHH Thí Điểm",
}


def _paper(owner, code, number, agency, *files, name=None):
    return {
        "owner": owner,
        "code": code,
        "name": name if name is not None else RESULTS[code][0],
        "number": number,
        "agency": agency,
        "files": list(files),
    }


def _composed(adapter, providerurl, dstcode, path):
    return f"http://IP-SS-BNĐP:8080/{adapter}/RestService/forward/{path}?dstcode={dstcode}&providerurl={providerurl}"


# A file is (key of its name, name, link, kind). The name's key differs between the guideline's sample and its table.
PAPERS = [
    _paper(AN, CRIMINAL_RECORD, "1023/STP-LLTP", "H22",
           ("TenFile", "1762977948612_Phiếu LLTP số 1_signed.pdf", f"{_HAGIANG}/download/1023-lltp.pdf", "pdf")),
    _paper(AN, CITIZEN_CARD, AN, "000.00.00.G01",
           ("TenTep", "Căn cước mặt trước.jpg", f"{_POLICE}/the/{AN[-4:]}/truoc.jpg", "jpeg"),
           ("TenTep", "Căn cước mặt sau.jpg", f"{_POLICE}/the/{AN[-4:]}/sau.jpg", "jpeg")),
    _paper(AN, DEGREE, "B-2015-0042", "G03",
           ("TenFile", "Bằng tốt nghiệp.pdf", f"{_EDUCATION}/document?id=7&t=9", "pdf")),
    _paper(AN, PRACTICE, "88/XN-TH", "G18",
           ("TenTep", "Xác nhận thực hành.pdf",
            _composed("VXPAdapter", _HEALTH, "VN:GOV:000.00.00.G18:g18ss01", "files/88-xn.pdf"), "pdf")),
    _paper(BINH, CRIMINAL_RECORD, "77/STP-LLTP", "H22",
           ("TenFile", "1662977948612_Phiếu LLTP.pdf", f"{_HAGIANG}/download/77-lltp.pdf", "pdf")),
    _paper(BINH, CRIMINAL_RECORD, "2051/STP-LLTP", "G15",
           ("TenFile", "1752977948612_Phiếu LLTP.pdf", f"{_JUSTICE}//phieu//2051.pdf", "pdf")),
    _paper(BINH, LAND, "CH 0001", "H46", ("TenTep", "GCN CH 0001.pdf", f"{_LAND}/gcn/CH%200001.pdf", "pdf")),
    _paper(BINH, LAND, "CH 0002", "H46.10", ("TenTep", "GCN CH 0002.pdf", f"{_LAND}/gcn/CH 0002.pdf", "pdf")),
    _paper(BINH, BIRTH, "15/2001", "H22", ("TenFile", "Giấy khai sinh.pdf", f"{_HAGIANG}/download/15.pdf", "pdf")),
    _paper(DUNG, CRIMINAL_RECORD, 555, "G22.99",
           ("TenFile", "Phiếu " + "rất dài " * 40 + ".pdf", "https://luutru.vpcp.gov.vn/Phiếu lý lịch/số 1.pdf", "pdf")),
    _paper(DUNG, CITIZEN_CARD, None, "000.00.00.G01",
           ("TenTep", "..\\mặt/trước\u0007.jpg", f"{_POLICE}/the/dung.jpg", "jpeg")),
    _paper(DUNG, PRACTICE, "9/XN", "G18", (None, None, f"{_HEALTH}/files/9-xn.pdf", "pdf")),
    _paper(DUNG, DEGREE, "B-1999-0001", "X99", ("TenTep", "Bằng.pdf", "https://khong-ro.gov.vn/bang.pdf", "pdf")),
    {**_paper(DUNG, HEALTH, "KSK-1", "G18"), "files": None},
    _paper(COMPANY, CRIMINAL_RECORD, "3/STP", "H22",
           ("TenFile", "Phiếu tổ chức.pdf", f"{_HAGIANG}/download/3-lltp.pdf", "pdf")),
]
