import pytest

from protocol.paper_dates import paper_date
from protocol.papers import parse_papers


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("31/12/2026", "2026-12-31"), ("1-2-2026", "2026-02-01"), ("2026-12-31T00:00:00", "2026-12-31"),
        ("20261231", "2026-12-31"), ("20261231235959", "2026-12-31"), (20261231, "2026-12-31"),
        ("31/12/2026 23:59", "2026-12-31"), ("", ""), (None, ""), ("31/02/2026", ""), ("12/2026", ""), ([], ""), (True, ""),
        ("Ngày 25 tháng 12 năm 2024", "2024-12-25"), ("ngày 05 tháng 6, năm 2024.", "2024-06-05"), ("2 tháng 9 năm 1945", "1945-09-02"),
        ("NGAY 25 THANG 12 NAM 2024", "2024-12-25"), ("Ngày 5/6/2024", "2024-06-05"), ("ngày 31 tháng 2 năm 2024", ""),
        ("ngày … tháng 12 năm 2024", ""), ("tháng 12 năm 2024", ""), ("12 tháng", ""), ("25 tháng 12 năm 24", ""), ("Ngày", ""),
        ("08:30 25/12/2024", "2024-12-25"), ("8:30:15, ngày 25 tháng 12 năm 2024", "2024-12-25"), ("10:20:30 2024-12-25", "2024-12-25"),
        ("08h30 25/12/2024", "2024-12-25"), ("08 giờ 30 phút, ngày 25/12/2024", "2024-12-25"), ("08 giờ 30 phút, ngày 25 tháng 12 năm 2024", "2024-12-25"), ("08:30", ""), ("08:30 31/02/2024", ""),
        ("2024-6-5", "2024-06-05"), ("2024/12/5 08:30", "2024-12-05"), ("2024-6-051", ""), ("2024-65", ""), ("2024-1225", "2024-12-25"),
        ("2024-6-5T17:30:00Z", "2024-06-06"), ("2024-12-5 00:30:00+07:00", "2024-12-05"), ("2024-6-31T17:30:00Z", ""), ("2024-6-5T23:59:59Z", "2024-06-05"),
        # As PostgreSQL prints a moment.
        ("2024-12-24 17:00:00+00", "2024-12-25"), ("2024-12-24T17:00:00.123+00", "2024-12-25"), ("2024-12-25 00:00:00+07", "2024-12-25"),
        ("không thời hạn", ""), ("1767225600", ""), ("202612310", ""),
    ],
)  # fmt: skip
def test_dates_as_they_are_written(value, day):
    assert paper_date(value) == day


def test_what_a_portal_adds_to_a_paper_is_read():
    row = {"MaKetQua": "KQ", "NgayCap": "01/02/2020", "NGAY_HET_HAN": "20300201", "PhamVi": "Toàn quốc"}
    [paper] = parse_papers({"errorCode": "0", "result": [row]}).papers
    assert (paper.date_issued, paper.date_expiry, paper.scope) == ("2020-02-01", "2030-02-01", "Toàn quốc")
    [bare] = parse_papers({"errorCode": "0", "result": [{"MaKetQua": "KQ"}]}).papers
    assert (bare.date_issued, bare.date_expiry, bare.scope) == ("", "", "")
