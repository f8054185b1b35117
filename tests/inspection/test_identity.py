import unicodedata

import pytest
from authority import pdf
from hypothesis import given
from hypothesis import strategies as st

from inspection.identity import OwnerMatch, compare_owner
from inspection.pdf import look_at_pdf

MATCH, MISMATCH, UNKNOWN = OwnerMatch.MATCH, OwnerMatch.MISMATCH, OwnerMatch.UNKNOWN
NAME, NUMBER = "Nguyễn Thị An", "000190000011"
COMPANY, TAX = "Công ty TNHH Thí Điểm", "0099999902"


def compared(*texts, name=NAME, number=NUMBER):
    return compare_owner(name, number, texts)


@pytest.mark.parametrize(
    "text",
    [
        "Số định danh cá nhân: 000190000011",
        "CCCD 000 190 000 011 cấp ngày 01/02/2021",
        "Số: 000.190.000.011.",
        "Sinh ngày 02/03/1990 000190000011 Nữ",
        "cấp cho bà NGUYỄN THỊ AN",
        "Cấp cho: Nguyễn  Thị\nAn",
        "Họ và tên: nguyen thi an",
        unicodedata.normalize("NFD", "Họ và tên: NGUYỄN THỊ AN"),
        "Họ và tên: N G U Y Ễ N  T H Ị  A N",
        # A birth certificate names the parents too.
        "Họ, chữ đệm, tên: NGUYỄN THỊ AN\nHọ, chữ đệm, tên người mẹ: TRẦN THỊ B\nCCCD số: 000185000999",
        # She has changed her name since.
        "Họ và tên: Lê Thị Hoa\nSố CCCD: 000190000011",
        # The old card had another number, and of another kind.
        "Họ và tên: Nguyễn Thị An\nSố CMND: 012345678",
    ],
)
def test_the_owners(text):
    assert compared(text) is MATCH


@pytest.mark.parametrize(
    "text",
    [
        "Họ và tên: TRẦN VĂN BÌNH\nNgày sinh: 01/02/1985",
        "Họ và tên khai sinh: Trần Văn Bình Giới tính: Nam Dân tộc: Kinh",
        "HỌ VÀ TÊN (CHỮ IN HOA): TRẦN VĂN BÌNH",
        "Họ, chữ đệm, tên:\nTRẦN VĂN BÌNH\nNgày, tháng, năm sinh: 01/02/1985",
        unicodedata.normalize("NFD", "Họ và tên: Trần Văn Bình"),
        "Số định danh cá nhân: 000285000022",
        "Số CCCD: 000 285 000 022, cấp ngày 01/02/2021",
        # The name is a common one, the number is not hers.
        "Họ và tên: NGUYỄN THỊ AN\nSố định danh cá nhân: 000290000099",
    ],
)
def test_somebody_elses(text):
    assert compared(text) is MISMATCH


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "Bản mô phỏng, không có giá trị pháp lý",
        # Not under a label: a signer, an officer, a place.
        "TRẦN VĂN BÌNH\nGiám đốc Sở",
        "Người ký: Trần Văn Bình",
        "Điện thoại: 0912345678 Số: 000285000022",
        # Other people's labels.
        "Họ và tên cha: TRẦN VĂN BÌNH",
        "Họ, chữ đệm, tên người mẹ: TRẦN THỊ B",
        "Người yêu cầu: Trần Văn Bình\nCCCD số: 000285000022",
        "Bên A: ông X, CCCD số 000285000022",
        # Several people: nobody can tell whose it is.
        "Họ và tên: Trần Văn Bình\nHọ và tên: Lê Minh Châu",
        "CCCD: 000285000022 và CCCD: 000392000033",
        # Another kind of number.
        "Số CMND: 012345678",
        "Mã số thuế: 0101234567",
        # A slip of the pen, a missing middle name, words in another order.
        "Họ và tên: Nguyễn Thị Ann",
        "Họ và tên: Nguyễn An",
        "Họ và tên: An Nguyễn Thị",
        # Letters of an old encoding, or hardly any.
        "Họ và tên: Trần V¨n B×nh µ",
        "Họ và tên: ........",
        "Họ và tên: T B",
    ],
)
def test_nobody_can_tell(text):
    assert compared(text) is UNKNOWN


def test_words_are_whole():
    assert compared("Lê Thị Lan", name="Thị La") is UNKNOWN


def test_one_word_is_no_name():
    assert compared("An", name="An") is UNKNOWN
    assert compared("Họ và tên: Trần Văn Bình", name="Applicant") is UNKNOWN


def test_titles_and_remarks_are_no_part_of_a_name():
    assert compared("Nguyễn Thị An", name="Bà Nguyễn Thị An (mẹ cháu Bình)") is MATCH


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Mã số doanh nghiệp: 0099999902", MATCH),
        ("Tên công ty viết bằng tiếng Việt: CÔNG TY TRÁCH NHIỆM HỮU HẠN THÍ ĐIỂM", MATCH),
        ("Mã số doanh nghiệp: 0101234567", MISMATCH),
        ("Tên doanh nghiệp: CÔNG TY CỔ PHẦN SÔNG HỒNG", MISMATCH),
        # A branch of the same, and people in the company.
        ("Mã số chi nhánh 0099999902-001", UNKNOWN),
        ("Mã số thuế: 0099999902-001", UNKNOWN),
        ("Họ và tên: Trần Văn Bình, CCCD: 000285000022", UNKNOWN),
    ],
)
def test_organisations(text, expected):
    assert compared(text, name=COMPANY, number=TAX) is expected


def test_the_branch_itself():
    assert compared("Mã số thuế: 0099999902-001", name=COMPANY, number="0099999902-001") is MATCH


def test_metadata_count_as_much_as_the_paper():
    assert compared("Phiếu lý lịch tư pháp của Nguyễn Thị An", None) is MATCH
    assert compared("Nguyễn Thị", "An") is UNKNOWN


def test_without_a_number_names_still_count():
    assert compared("Họ và tên: Trần Văn Bình", number="") is MISMATCH


def test_the_text_of_a_pdf(tmp_path):
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf("Ho va ten: TRAN VAN BINH", "So CCCD: 000285000022"))
    with open(path, "rb") as file:
        text = look_at_pdf(file).text
    assert compared(text) is MISMATCH
    assert compared(text, name="Trần Văn Bình", number="000285000022") is MATCH


@given(st.text(), st.text(max_size=20), st.lists(st.one_of(st.none(), st.text()), max_size=5))
def test_it_always_answers(name, number, texts):
    assert compare_owner(name, number, texts) in OwnerMatch


@given(st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_spelling_changes_nothing(case, form):
    for text, expected in ((f"Họ và tên: {NAME}", MATCH), ("Họ và tên: Đỗ Văn Đức", MISMATCH)):
        assert compared(unicodedata.normalize(form, case(text))) is expected


@pytest.mark.parametrize("piece", ["ho va ten: ", "cccd ", "cccd so 1", "a ", "1 ", ": \n", "(", "ten me: "])
def test_hostile_text_comes_to_an_end(piece):
    hostile = piece * (50_000 // len(piece))
    # What backtracks would run for hours.
    assert compared(hostile, hostile) is UNKNOWN
