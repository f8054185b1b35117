import io
import time
import unicodedata

import papers
import pytest
from authority import pdf
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from inspection.identity import MOST_CHARACTERS, compare_owner, find_owner
from inspection.pdf import look_at_pdf

DAO, DAO_NUMBER = "Nguyễn Thị Ánh Đào", "001190012345"
BINH, BINH_NUMBER = "Trần Văn Bình", "001088054321"
LAN, LAN_NUMBER = "Phạm Thị Lan", "001195000333"
HUNG, HUNG_OLD = "Phạm Quốc Hưng", "012345678"
COMPANY, CODE = "Công ty TNHH MTV TM Sông Hương", "0101234567"
OTHER_CODE = "0312345678"
PAPERS = [value for name, value in vars(papers).items() if name.isupper()]

BY_NUMBER, BY_NAME = ("match", "number"), ("match", "name")
OTHER_NUMBER, OTHER_NAME = ("mismatch", "number"), ("mismatch", "name")
UNKNOWN = ("unknown", "")


def _compared(name, number, *texts):
    result = find_owner(name, number, texts)
    assert compare_owner(name, number, texts) is result.state
    return result.state.value, result.found


@pytest.mark.parametrize(
    ("paper", "name", "number", "expected"),
    [
        (papers.JUDICIAL_RECORD, DAO, DAO_NUMBER, BY_NUMBER),
        (papers.JUDICIAL_RECORD, "Tên Đã Đổi", DAO_NUMBER, BY_NUMBER),
        (papers.JUDICIAL_RECORD, DAO, "012345678", BY_NAME),
        (papers.JUDICIAL_RECORD, DAO, "", BY_NAME),
        (papers.JUDICIAL_RECORD, DAO, BINH_NUMBER, OTHER_NUMBER),
        (papers.JUDICIAL_RECORD, LAN, LAN_NUMBER, OTHER_NUMBER),
        (papers.JUDICIAL_RECORD, LAN, "012345678", OTHER_NAME),
        (papers.JUDICIAL_RECORD, LAN, "", OTHER_NAME),
        # The number of the paper itself, and a phone, stand without a label of the person's.
        (papers.JUDICIAL_RECORD, COMPANY, CODE, UNKNOWN),
        (papers.BIRTH_CERTIFICATE, "Trần Minh Khôi", "", BY_NAME),
        (papers.BIRTH_CERTIFICATE, DAO, DAO_NUMBER, BY_NAME),
        (papers.BIRTH_CERTIFICATE, BINH, BINH_NUMBER, BY_NUMBER),
        (papers.BIRTH_CERTIFICATE, LAN, "", UNKNOWN),
        (papers.BIRTH_CERTIFICATE, LAN, "012345678", UNKNOWN),
        (papers.BIRTH_CERTIFICATE, LAN, LAN_NUMBER, OTHER_NUMBER),
        (papers.MARRIAGE_CERTIFICATE, DAO, DAO_NUMBER, BY_NUMBER),
        (papers.MARRIAGE_CERTIFICATE, BINH, "", BY_NAME),
        (papers.MARRIAGE_CERTIFICATE, LAN, LAN_NUMBER, UNKNOWN),
        (papers.PRACTICE_CERTIFICATE, HUNG, HUNG_OLD, BY_NUMBER),
        (papers.PRACTICE_CERTIFICATE, HUNG, "001085000444", BY_NAME),
        (papers.PRACTICE_CERTIFICATE, HUNG, "987654321", OTHER_NUMBER),
        (papers.PRACTICE_CERTIFICATE, LAN, LAN_NUMBER, OTHER_NAME),
        (papers.COMPANY_REGISTRATION, COMPANY, CODE, BY_NUMBER),
        (papers.COMPANY_REGISTRATION, COMPANY, "", BY_NAME),
        (papers.COMPANY_REGISTRATION, COMPANY, OTHER_CODE, OTHER_NUMBER),
        (papers.COMPANY_REGISTRATION, "Công ty Cổ phần Bến Nghé", "", OTHER_NAME),
        # The code of a branch is that of its company and three digits more.
        (papers.COMPANY_REGISTRATION, "Chi nhánh Bến Nghé", f"{CODE}-001", OTHER_NAME),
        (papers.COMPANY_REGISTRATION, COMPANY, f"{CODE}-001", BY_NAME),
        # Who stands for a company is not whose paper it is.
        (papers.COMPANY_REGISTRATION, LAN, LAN_NUMBER, UNKNOWN),
        (papers.COMPANY_REGISTRATION, "Lê Thị Thu Cúc", "", BY_NAME),
    ],
)
def test_whole_papers(paper, name, number, expected):
    assert _compared(name, number, None, "Tên giấy tờ", paper) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("name", "number"), [(DAO, DAO_NUMBER), (LAN, LAN_NUMBER), (LAN, ""), (COMPANY, OTHER_CODE)])
def test_unicode_forms_capitals_and_missing_accents_change_nothing(paper, form, name, number):
    expected = _compared(name, number, paper)
    written = unicodedata.normalize(form, paper)
    bare = "".join(part for part in unicodedata.normalize("NFD", paper) if not unicodedata.combining(part))
    bare = bare.replace("đ", "d").replace("Đ", "D")
    for text in (written, written.upper(), written.lower(), bare, bare.upper(), written.replace("Đ", "Ð")):
        assert _compared(name, number, text) == expected
        assert _compared(unicodedata.normalize(form, name).upper(), number, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Cấp cho bà Nguyễn Thị Ánh Đào.",
        "NGUYỄN\nTHỊ  ÁNH\r\n\tĐÀO",
        "nguyen-thi-anh-dao.pdf",
        "Nguyễn\u00a0Thị\u00a0Ánh\u00a0Đào",
        # Accents as characters of their own, behind a space; the tone marks that Unicode gave up; soft hyphens.
        "Nguyê \u0303n Thi \u0323 A \u0301nh Đa \u0300o",
        "Nguye \u0302\u0303n Thi\u0323 ´Anh Đa\u0340o",
        "Nguye\u0302\u0303 n Thị Á nh Đào",
        "Nguyễn Thị Ánh Đ\u00adào\u200b",
        "Họ và tên: Nguyễn Thị Ánh\nĐào",
    ],
)
def test_ways_to_write_a_name(text):
    assert _compared(DAO, "", text) == BY_NAME


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Lê An", "Lê Lan, Bé An, Lê Anh"),
        ("An", "Họ và tên: An"),
        ("An", "Họ và tên: Nguyễn Văn Bê"),
        ("", "Họ và tên: Nguyễn Văn Bê"),
        ("...", "Họ và tên: Nguyễn Văn Bê"),
        (DAO, "Nguyễn Ánh Đào Thị"),
        (DAO, ""),
        # A line that ended early, or letters that were set apart, are no other name.
        (DAO, "Họ và tên: Nguyễn Thị\n1990"),
        (DAO, "Họ và tên: N G U Y Ễ N"),
        (DAO, "Họ và tên:\nNgày sinh:\nNơi sinh: Hà Nội"),
        (DAO, "Họ và tên: không có"),
        (DAO, "Họ và tên: Lan"),
        (DAO, "STT   Họ và tên   Ngày sinh   Chức vụ\n1   Trần Văn Bình"),
        (DAO, "(Ký, ghi rõ họ tên): Trần Văn Bình"),
        (DAO, "Họ và tên\nPhòng Hộ tịch"),
        # A font of the time before Unicode.
        (DAO, "HO VA TEN: NGUYÔN THÞ V¡N"),
        (DAO, "Trần Văn Bình"),
    ],
)
def test_names_that_tell_nothing(name, text):
    assert _compared(name, "", text) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "Họ và tên: Trần Văn Bình",
        "Ho va ten: TRAN VAN BINH",
        "HỌ TÊN : TRẦN VĂN BÌNH",
        "Họ, chữ đệm, tên: Trần Văn Bình",
        "Họ, chữ đệm và tên khai sinh / Full name:\nTRẦN VĂN BÌNH",
        "Họ chữ đệm tên (viết bằng chữ in hoa): TRẦN VĂN BÌNH",
        "Họ và tên khai sinh: Trần Văn Bình",
        "Họ, chữ đệm, tên người được khai sinh: Trần Văn Bình",
        "Họ và\ntên ông/bà: Trần Văn Bình",
        "Họ và tên người được cấp........Trần Văn Bình........Nam",
        "Họ và tên: Trần Văn Bình Sinh ngày: 02/09/1988",
        "Họ và tên Trần Văn Bình Giới tính: Nam",
        "Họ và tên: Võ Văn Bình",
        "Họ và tên: Nguyễn Thị Bích Đan",
        "Họ và tên: Trần Văn\nBình\nHọ và tên: TRẦN VĂN BÌNH, Giới tính: Nam",
        "Họ và tên: Trần Văn Bình\nHọ và tên người ký: Lê Hồng Phúc",
        "Tên doanh nghiệp: Công ty Cổ phần Bến Nghé\nHọ và tên: Trần Văn Bình",
    ],
)
def test_another_labelled_name(text):
    assert _compared(DAO, "", text) == OTHER_NAME
    assert _compared(DAO, DAO_NUMBER, text) == OTHER_NAME
    assert _compared(DAO, DAO_NUMBER, text, "ban sao " + DAO.lower()) == BY_NAME
    assert _compared(COMPANY, CODE, text.partition("\n")[2]) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "Họ và tên cha: Trần Văn Bình",
        "Họ tên vợ/chồng: Trần Văn Bình",
        "Họ và tên người đại diện: Trần Văn Bình",
        "Họ và tên cha Trần Văn Bình, CCCD số 001088054321",
        "Họ và tên của người nộp\nSố CMND/CCCD: 001088054321",
        "Người đại diện theo pháp luật:\n- Họ và tên: Trần Văn Bình\n- CCCD số: 001088054321",
        "Cha: Trần Văn Bình\nCCCD số: 001088054321",
        "Công ty Bến Nghé, đại diện theo pháp luật: Trần Văn Bình, CCCD số 001088054321",
        "Bên B: ông Trần Văn Bình\nSố CCCD: 001088054321",
        "CHỒNG\nHọ và tên: Trần Văn Bình\nSố CCCD: 001088054321",
        "Số CCCD của cha: 001088054321",
        "Họ và tên: Lê Văn Cần\nHọ và tên: Trần Văn Bình",
        "Họ và tên: Lê Văn Cần\nMẹ: Trần Thị Bê",
    ],
)
def test_other_roles_and_several_people(text):
    assert _compared(DAO, DAO_NUMBER, text) == UNKNOWN
    assert _compared(DAO, DAO_NUMBER, text + f"\nHọ và tên: {DAO}") == BY_NAME


def test_a_heading_is_for_one_name():
    text = "Người yêu cầu:\nHọ và tên: Lê Văn Cần\nHọ và tên: Trần Văn Bình"
    assert _compared(DAO, "", text) == OTHER_NAME


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (DAO_NUMBER, "001190012345"),
        (DAO_NUMBER, "số 001 190 012 345."),
        (DAO_NUMBER, "số 001.190.012.345 01/02/2022"),
        (DAO_NUMBER, "0 0 1 1 9 0 0 1 2 3 4 5"),
        (DAO_NUMBER, "năm 2020 001190012345 001"),
        (DAO_NUMBER, "２ ００１１９００１２３４５"),
        ("001 190.012 345", "001190012345"),
        (HUNG_OLD, "012 345 678"),
        (CODE, "MST 0101234567."),
        (f"{CODE}-001", "0101234567-001"),
        (f"{CODE}001", "0101234567 – 001"),
        (f"{CODE}-001", "0101234567001"),
    ],
)
def test_the_own_number_is_found(number, text):
    assert _compared("", number, text) == BY_NUMBER


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (DAO_NUMBER, "10011900123456"),
        (DAO_NUMBER, "Số: 001190012346"),
        ("190012345", "Số CCCD: 001 190 012 345"),
        ("001190012", "Số CCCD: 001.190.012.345"),
        ("190012345", "0 0 1 1 9 0 0 1 2 3 4 5"),
        (CODE, "Mã số thuế: 0101234567-001"),
        (CODE, "Mã số thuế: 0101234567 - 001"),
        (CODE, "Mã số thuế: 010 123 4567-001"),
        (f"{CODE}-002", "Mã số thuế: 0101234567-001"),
        (f"{CODE}-002", "Mã số thuế: 0101234567"),
        # Numbers of another kind, dates, phones, and what is no number at all.
        (DAO_NUMBER, "CMND số 012345678"),
        (HUNG_OLD, "CCCD số 001088054321"),
        (DAO_NUMBER, "Mã số thuế: 0101234567"),
        (CODE, "Số CCCD: 001088054321"),
        (HUNG_OLD, "Số CMND: 01/02/1990"),
        (HUNG_OLD, "Số CMND: 01.02.1990 5"),
        (CODE, "Số CMND: 0912345678, MST: (không có)"),
        (CODE, "Điện thoại: 0912345678"),
        (HUNG_OLD, "Số CMND: \nSố hồ sơ: 987654321"),
        (HUNG_OLD, "Số CMND do công an cấp, hồ sơ 987654321"),
        (HUNG_OLD, "Số: 987654321/GP"),
        (HUNG_OLD, "CMND số 98765432101234567"),
        (DAO_NUMBER, "CCCD số 001088054321, CCCD số 001195000333"),
        ("", "Số CMND: 012345678"),
        ("C1234567", "Số CMND: 012345678"),
        ("12345", "Số CMND: 12345"),
    ],
)
def test_numbers_that_tell_nothing(number, text):
    assert _compared("", number, text) == UNKNOWN


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (DAO_NUMBER, "Số định danh cá nhân: 001088054321"),
        (DAO_NUMBER, "SO DINH DANH CA NHAN\n001088054321"),
        (DAO_NUMBER, "Số CCCD 001 088 054 321 01/02/2022"),
        (DAO_NUMBER, "Căn cước công dân số 001.088.054.321"),
        (DAO_NUMBER, "Số định danh cá nhân / Personal identification number (nếu có): 001088054321"),
        (DAO_NUMBER, "Mã số thuế: 001088054321"),
        (DAO_NUMBER, "Số CCCD của người được cấp: 001088054321"),
        (DAO_NUMBER, "CCCD: 001088054321\nSố CCCD: 001 088 054 321"),
        (HUNG_OLD, "CMND số: 987654321"),
        (HUNG_OLD, "Số CMND: 987654321/CCCD: 001088054321"),
        (HUNG_OLD, "GIẤY CHỨNG MINH NHÂN DÂN số 987 654 321"),
        (CODE, "Mã số doanh nghiệp: 0312345678"),
        (CODE, "Mã số doanh nghiệp/Mã số thuế: 0312345678-001"),
        (CODE, "MST: 03 1234 5678"),
        (CODE, "Mã số hợp tác xã: 0312345678"),
        (f"{CODE}-001", "Mã số thuế: 0312345678"),
    ],
)
def test_another_labelled_number(number, text):
    name = COMPANY if number.startswith(CODE) else DAO
    assert _compared(name, number, text) == OTHER_NUMBER
    assert _compared(name, number, text, f"Họ và tên: {name}") == OTHER_NUMBER
    assert _compared(name, number, text, number) == BY_NUMBER


def test_what_a_long_text_says_late_does_not_count():
    assert _compared(DAO, "", "x" * MOST_CHARACTERS + " " + DAO) == UNKNOWN


def test_no_text_is_no_mismatch():
    assert _compared(DAO, DAO_NUMBER) == UNKNOWN
    assert _compared(DAO, DAO_NUMBER, None, "", " \n") == UNKNOWN


def test_the_answer_holds_nothing_personal():
    answer = repr(find_owner(DAO, DAO_NUMBER, [papers.JUDICIAL_RECORD]))
    assert DAO not in answer and DAO_NUMBER not in answer


@pytest.mark.parametrize(
    "piece",
    ["mst ", "cccd: ", "ho va ten: ", "ho va ten a b ", "ho, ", " ", "\n", "\n 1. ", "1 ", "001.", "(", " (so", "a: b "]
    + ["cha:\n", "\u0301\u0323", " \u0301", "\ufdfa", "nguyen thi ", "- ", "ten cong ty ", "so so ", "\ud800"],
)
def test_hostile_texts_take_little_time(piece):
    text = (piece * MOST_CHARACTERS)[:MOST_CHARACTERS]
    began = time.process_time()
    for name, number in ((DAO, DAO_NUMBER), (COMPANY, f"{CODE}-001")):
        compare_owner(name, number, [text])
    assert time.process_time() - began < 3


PIECES = st.sampled_from(
    [
        *PAPERS,
        DAO,
        LAN,
        DAO_NUMBER,
        CODE,
        "Họ và tên",
        "Tên công ty",
        "CCCD",
        "MST",
        "cha",
        ":",
        "\n",
        " ",
        "số",
        "-001",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=20))).map("".join)


@given(name=st.text(), number=st.text(), texts=st.lists(st.one_of(st.none(), TEXTS), max_size=3))
def test_nothing_raises(name, number, texts):
    state, found = _compared(name, number, *texts)
    assert (state == "unknown") == (found == "")


@given(text=TEXTS, number=st.sampled_from([DAO_NUMBER, CODE, ""]), data=st.data())
def test_accents_and_case_are_noise(text, number, data):
    noise = data.draw(
        st.lists(st.sampled_from(["", "", "\u0301", "\u0323", "\u031b"]), min_size=len(text), max_size=len(text))
    )
    accented = "".join(
        letter + (mark if letter.isascii() and letter.isalpha() else "")
        for letter, mark in zip(text, noise, strict=False)
    )
    expected = _compared(DAO, number, text)
    assert _compared(DAO, number, accented) == expected
    assert _compared(DAO.upper(), number, text.lower()) == expected


@given(blank=st.lists(st.one_of(st.none(), st.text(alphabet=" \t\r\n\u00a0.,:;-"))))
def test_empty_texts_are_unknown(blank):
    assert _compared(DAO, DAO_NUMBER, *blank) == UNKNOWN


def test_through_a_pdf():
    content = pdf("GIAY XAC NHAN", "Ho va ten: NGUYEN THI ANH DAO", "So CCCD: 001 190 012 345")
    text = look_at_pdf(io.BytesIO(content)).text
    assert _compared(DAO, DAO_NUMBER, text) == BY_NUMBER
    assert _compared(DAO, "", text) == BY_NAME
    assert _compared(LAN, LAN_NUMBER, text) == OTHER_NUMBER
    assert _compared(LAN, "", text) == OTHER_NAME


def test_through_a_pdf_with_accents_set_apart():
    # The font draws "~" and tells readers that it is a combining tilde, as some writers' fonts do.
    table = b"1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfchar <7e> <0303> <5e> <00ea> endbfchar"
    writer = PdfWriter(clone_from=io.BytesIO(pdf("Ho va ten: Nguy^ ~n Thi Anh Dao")))
    meaning = DecodedStreamObject()
    meaning.set_data(b"begincmap " + table.replace(b" 2 ", b"\n2 ") + b" endcmap")
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        font.get_object()[NameObject("/ToUnicode")] = writer._add_object(meaning)
    output = io.BytesIO()
    writer.write(output)
    text = look_at_pdf(output).text
    assert "\u0303" in text and "ê" in text
    assert _compared(DAO, "", text) == BY_NAME


def test_a_scan_tells_nothing():
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    output = io.BytesIO()
    writer.write(output)
    assert _compared(DAO, DAO_NUMBER, look_at_pdf(output).text) == UNKNOWN
