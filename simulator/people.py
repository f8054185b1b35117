"""The people of the simulated world and their papers.

All are invented: their numbers begin with 000, a province that does not exist. The tax code is valid by its check
digit only.
"""

from .catalogue import (
    CITIZEN_CARD,
    CRIMINAL_RECORD,
    DEGREE,
    EDUCATION,
    GOVERNMENT_OFFICE,
    HA_GIANG,
    HEALTH,
    HEALTH_MINISTRY,
    JUSTICE,
    LAND,
    POLICE,
    PRACTICE,
    RESULTS,
)
from .papers import Paper, PaperFile

AN, BINH, CHAU, DUNG = "000190000011", "000285000022", "000392000033", "000179000044"
COMPANY = "0099999902"
PEOPLE = {
    AN: "Nguyễn Thị An",
    BINH: "Trần Văn Bình",
    CHAU: "Lê Minh Châu",
    DUNG: "Phạm Quốc Dũng",
    COMPANY: "Công ty TNHH Thí Điểm",
}

# The placeholder as the guideline prints it (V.3, case 2): every agency puts its own security server there.
_COMPOSED = "http://IP-SS-BNĐP:8080/VXPAdapter/RestService/forward/{path}?dstcode={dstcode}&providerurl={providerurl}"
_HEALTH_DSTCODE = "VN:GOV:000.00.00.G18:g18ss01"


def _paper(code: str, number: object, agency: str, *files: PaperFile, issued: str = "") -> Paper:
    name = RESULTS[code].name + (f" (cấp ngày {issued})" if issued else "")
    return Paper(code, name, number, agency, files)


PAPERS = {
    AN: (
        _paper(
            CRIMINAL_RECORD,
            "1023/STP-LLTP",
            "H22",
            PaperFile("1762977948612_Phiếu LLTP số 1_signed.pdf", f"{HA_GIANG}/download/1023.pdf", "signed"),
        ),
        _paper(
            CITIZEN_CARD,
            AN,
            "G01",
            PaperFile("Căn cước mặt trước.jpg", f"{POLICE}/the/0011/truoc.jpg", "jpeg", "TenTep"),
            PaperFile("Căn cước mặt sau.jpg", f"{POLICE}/the/0011/sau.jpg", "jpeg", "TenTep"),
        ),
        # The system decides what to send by the query alone.
        _paper(
            DEGREE,
            "B-2015-0042",
            "000.00.00.G03",
            PaperFile("Bằng tốt nghiệp.pdf", f"{EDUCATION}/document?id=7&t=9"),
        ),
        _paper(
            PRACTICE,
            "88/XN-TH",
            "G18",
            PaperFile(
                "Xác nhận thực hành.pdf",
                _COMPOSED.format(path="files/88-xn.pdf", dstcode=_HEALTH_DSTCODE, providerurl=HEALTH_MINISTRY),
                name_key="TenTep",
            ),
        ),
    ),
    BINH: (
        _paper(
            CRIMINAL_RECORD,
            "77/STP-LLTP",
            "H22",
            PaperFile("1662977948612_Phiếu LLTP.pdf", f"{HA_GIANG}/download/77.pdf"),
            issued="12/03/2021",
        ),
        _paper(
            CRIMINAL_RECORD,
            "2051/TTLLTPQG",
            "G15",
            PaperFile("1752977948612_Phiếu LLTP.pdf", f"{JUSTICE}//phieu//2051.pdf", "signed", "TenTep"),
            issued="20/07/2025",
        ),
        _paper(LAND, "CH 00123", "H22", PaperFile("GCN CH 00123.pdf", f"{HA_GIANG}/dat-dai/CH%2000123.pdf")),
        # A district's office: its code, 000.05.10.H22 in the form of 2016, is not in the directory, its province is.
        _paper(
            LAND,
            "CH 00456",
            "H22.10.05",
            PaperFile("GCN CH 00456.pdf", f"{HA_GIANG}/dat-dai/CH 00456.pdf", name_key="TenTep"),
        ),
    ),
    CHAU: (),
    DUNG: (
        # A number where a string belongs, a unit below one of the directory, raw letters and spaces in the link, and
        # a file name of 300 characters.
        _paper(
            CRIMINAL_RECORD,
            555,
            "G22.99",
            PaperFile("Phiếu " + "rất dài " * 36 + "ơi.pdf", f"{GOVERNMENT_OFFICE}/Phiếu lý lịch/số 1.pdf"),
        ),
        _paper(
            CITIZEN_CARD,
            DUNG,
            "G01",
            PaperFile("..\\mặt/trước\u0007\u202e.jpg", f"{POLICE}/the/0044/truoc.jpg", "jpeg", "TenTep"),
        ),
        _paper(PRACTICE, "9/XN-TH", "G18", PaperFile(None, f"{HEALTH_MINISTRY}/files/9-xn.pdf")),
        # Neither the code nor the host is anybody's.
        _paper(
            DEGREE,
            "B-1999-0001",
            "X99",
            PaperFile("Bằng.pdf", "https://khong-ro.gov.vn/bang.pdf", name_key="TenTep"),
        ),
        Paper(HEALTH, RESULTS[HEALTH].name, "KSK-1", "G18", files=None),
    ),
    COMPANY: (
        _paper(CRIMINAL_RECORD, "3/STP-LLTP", "H22", PaperFile("Phiếu LLTP tổ chức.pdf", f"{HA_GIANG}/download/3.pdf")),
        _paper(
            LAND,
            "CT 00009",
            "H22",
            PaperFile("GCN CT 00009.pdf", f"{HA_GIANG}/dat-dai/CT00009.pdf", name_key="TenTep"),
        ),
    ),
}
