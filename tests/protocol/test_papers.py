import dataclasses
import json

import pytest

from protocol.answers import decode_json
from protocol.errors import AnswerNotUnderstood, PortalRejected
from protocol.papers import CodeAsked, Paper, PaperFile, Question, build_body, parse_papers

QUESTION = Question(
    procedure_code="1.001193",
    codes=(CodeAsked("000.00.00.G02-KQ0685"), CodeAsked(" 000.00.00.G40-KQ0686 ", " AB 12 ")),
    owner_id_number="001099000001",
    channel="1",
    officer_id_number="001099000002",
    officer_name="Nguyễn Văn Thanh",
)
FILE = {"TenFile": "Giấy khai sinh.pdf", "DuongDan": "https://abc.gov.vn/123.pdf"}
ROW = {
    "MaKetQua": "000.00.00.G01-KQ0266",
    "TenGiayTo": "Giấy khai sinh",
    "SoKyHieu": "123456",
    "CoQuanChuQuan": "G22.99",
    "DanhSachTepDinhKem": [FILE],
}
PAPER = Paper(
    "000.00.00.G01-KQ0266",
    "Giấy khai sinh",
    "123456",
    "G22.99",
    (PaperFile("Giấy khai sinh.pdf", "https://abc.gov.vn/123.pdf"),),
)


def answer(*rows, **more):
    return {"errorCode": "0", "message": "ok", "result": {"DanhSachGiayToKetQua": list(rows)}, **more}


# Proves V.2-3.
@pytest.mark.parametrize("channel", ["1", "3"])
def test_the_body_at_the_counter(channel):
    assert build_body(dataclasses.replace(QUESTION, channel=channel)) == {
        "MaThuTuc": "1.001193",
        "DanhSachDanhMucKetQua": [
            {"MaKetQua": "000.00.00.G02-KQ0685", "SoKyHieu": ""},
            {"MaKetQua": "000.00.00.G40-KQ0686", "SoKyHieu": "AB 12"},
        ],
        "SoDinhDanhChuSoHuu": "001099000001",
        "SoDinhDanhNguoiYeuCau": "001099000002",
        "HoTenNguoiYeuCau": "Nguyễn Văn Thanh",
        "KenhThucHien": channel,
    }


def test_what_nobody_sees_is_not_asked_for():
    unseen = "\ufeff{}\u200b\u202c"
    codes = tuple(CodeAsked(unseen.format(one.result_code), unseen.format(one.paper_number)) for one in QUESTION.codes)
    question = dataclasses.replace(
        QUESTION,
        procedure_code=unseen.format("1.001193"),
        owner_id_number=unseen.format("001099000001"),
        codes=codes,
    )
    assert build_body(question) == build_body(QUESTION)


# Proves V.2-5.
def test_online_nobody_asks_on_behalf():
    body = build_body(dataclasses.replace(QUESTION, channel="2"))
    assert body.keys() == {"MaThuTuc", "DanhSachDanhMucKetQua", "SoDinhDanhChuSoHuu", "KenhThucHien"}


@pytest.mark.parametrize(
    "change",
    [
        {"codes": ()},
        {"codes": (CodeAsked(" "),)},
        {"procedure_code": ""},
        {"owner_id_number": " "},
        {"channel": "4"},
        {"channel": ""},
        {"officer_id_number": ""},
        {"channel": "3", "officer_name": " "},
    ],
)
def test_a_question_that_is_not_complete_is_not_asked(change):
    with pytest.raises(ValueError, match=r"question needs|channel") as caught:
        build_body(dataclasses.replace(QUESTION, **change))
    assert "0010" not in str(caught.value)


# Proves V.2-7.
def test_the_sample_of_the_guideline():
    second = {**ROW, "TenGiayTo": "Giấy chứng minh nhân dân", "SoKyHieu": "A098888"}
    found = parse_papers(answer(ROW, second, message="Successfully", signature="Signature"))
    assert found.papers == (PAPER, dataclasses.replace(PAPER, name="Giấy chứng minh nhân dân", number="A098888"))
    assert (found.skipped, found.message) == (0, "Successfully")


# Proves V.2-6.
@pytest.mark.parametrize("code", [0, "0", "00", 0.0, "0.0", None, "", " ", False, " 0 "])
def test_success_in_every_spelling(code):
    assert parse_papers(answer(ROW, errorCode=code)).papers == (PAPER,)


@pytest.mark.parametrize(
    "result", [None, "", {}, [], *({"DanhSachGiayToKetQua": nothing} for nothing in (None, "", {}, [], "[]"))]
)
def test_nothing_was_found(result):
    assert parse_papers({"errorCode": "0", "result": result}).papers == ()
    assert parse_papers({"result": result}).papers == ()


def test_success_without_a_result_means_nothing_was_found():
    assert parse_papers({"errorCode": 0, "result": {"total": 0, "DanhSach": []}}).papers == ()
    assert parse_papers({"errorCode": 0, "message": "Không có dữ liệu"}).message == "Không có dữ liệu"


# Proves V.2-8.
@pytest.mark.parametrize(
    "rows",
    [
        [{"maketqua": " 000.00.00.G01-KQ0266 ", **{key: ROW[key] for key in list(ROW)[1:]}}],
        [{**ROW, "SoKyHieu": 123456}],
        [
            {
                **ROW,
                "DanhSachTepDinhKem": [{"TenTep": "Giấy khai sinh.pdf", "DuongDan": " https://abc.gov.vn/123.pdf\n"}],
            }
        ],
        [{**ROW, "DanhSachTepDinhKem": FILE}],
        [{**ROW, "DanhSachTepDinhKem": json.dumps([FILE])}],
        [{**ROW, "DanhSachTepDinhKem": [{**FILE, "TenFile": "Gi%E1%BA%A5y+khai+sinh.pdf"}]}],
    ],
)
def test_tolerated_spellings(rows):
    assert parse_papers(answer(*rows)).papers == (PAPER,)
    assert parse_papers({"errorCode": 0, "result": rows}).papers == (PAPER,)
    listed = {"DanhSachGiayToKetQua": rows}
    for shape in (listed, rows, json.dumps(listed), {"DanhSachGiayToKetQua": json.dumps(rows)}):
        assert parse_papers({"errorCode": 0, "result": shape}).papers == (PAPER,)
        assert parse_papers({"errorCode": 0, "result": None, "data": shape}).papers == (PAPER,)
    assert parse_papers({"code": 200, "result": {"data": listed}}).papers == (PAPER,)
    assert parse_papers(rows).papers == (PAPER,)
    assert parse_papers({"errorCode": 0, "data": rows[0]}).papers == (PAPER,)


def test_rows_that_stand_under_the_same_key_again_are_all_read():
    """As what makes XML into JSON writes a list."""
    row, other = json.dumps(ROW), json.dumps(ROW | {"SoKyHieu": "7"})
    empty, wrong = '"DanhSachGiayToKetQua": []', '"errorCode": "5"'
    for listed, count in (
        (f'"DanhSachGiayToKetQua": {row}, "DanhSachGiayToKetQua": {other}', 2),
        (f'"DanhSachGiayToKetQua": [{row}], "DanhSachGiayToKetQua": [{other}, {row}]', 3),
        (f'"DanhSachGiayToKetQua": [{row}], {empty}, "DanhSachGiayToKetQua": null', 1),
        (f'"DanhSachGiayToKetQua": {row}, "DanhSachGiayToKetQua": ""', 1),
    ):
        body = f'{{"errorCode": "0", "result": {{{listed}}}}}'
        assert len(parse_papers(decode_json(body.encode())).papers) == count
    with pytest.raises(PortalRejected):
        parse_papers(decode_json(f'{{"errorCode": "0", {wrong}, "result": {{{empty}}}}}'.encode()))


def test_what_stands_twice_but_holds_something_once_is_as_if_it_stood_once():
    held = f'{{"DanhSachGiayToKetQua": [{json.dumps(ROW)}]}}'
    for twice in (f'"result": {held}, "result": null', f'"result": "", "result": {held}'):
        body = f'{{"errorCode": null, "errorCode": null, {twice}}}'
        assert parse_papers(decode_json(body.encode())).papers == (PAPER,)


# Proves W.3-4.
def test_one_broken_entry_hides_no_other():
    without_files = [{**ROW, "DanhSachTepDinhKem": value} for value in (None, [])]
    broken = [{**ROW, "MaKetQua": None}, {"TenGiayTo": "x"}, None, 7, "text", [ROW]]
    found = parse_papers(answer(*broken, *without_files, {"MaKetQua": "KQ.G15.000007"}, ROW))
    assert [paper.files for paper in found.papers] == [(), (), (), PAPER.files]
    assert found.papers[2] == Paper("KQ.G15.000007", "", "", "", ())
    assert found.skipped == 6


def test_files_without_link_are_dropped_and_counted():
    files = [
        FILE,
        {"TenFile": "b.pdf"},
        {**FILE, "DuongDan": " "},
        {**FILE, "DuongDan": 7},
        None,
        {"DuongDan": "https://a"},
    ]
    found = parse_papers(answer({**ROW, "DanhSachTepDinhKem": files}, {**ROW, "DanhSachTepDinhKem": "text"}))
    assert found.papers[0].files == (*PAPER.files, PaperFile("document", "https://a"))
    assert found.papers[1].files == ()
    assert found.skipped == 5


@pytest.mark.parametrize(
    "files",
    [
        ["https://a.vn/giay.pdf", "http://b.vn/2", None, "giay.pdf", ""],
        ["https://a.vn/giay.pdf", {"DuongDan": "http://b.vn/2"}, 7, "not a link", " "],
        json.dumps(["https://a.vn/giay.pdf", "http://b.vn/2", "x", "", "y"]),
    ],
)
def test_a_list_of_nothing_but_links_is_one_of_files(files):
    found = parse_papers(answer({**ROW, "DanhSachTepDinhKem": files}))
    assert found.papers[0].files == (PaperFile("giay", "https://a.vn/giay.pdf"), PaperFile("2", "http://b.vn/2"))
    assert found.skipped == 3


def test_a_link_in_place_of_the_list_of_files_is_the_only_one():
    [paper] = parse_papers(answer({**ROW, "DanhSachTepDinhKem": " https://a.vn/giay.pdf "})).papers
    assert paper.files == (PaperFile("giay", "https://a.vn/giay.pdf"),)


def test_names_of_files_are_safe():
    name = "../../etc/\u202epassw\x00d.pdf"
    found = parse_papers(answer({**ROW, "DanhSachTepDinhKem": [{**FILE, "TenFile": name}]}))
    assert found.papers[0].files[0].name == "_.._etc_passwd.pdf"


def test_bounds():
    found = parse_papers(answer(*[{**ROW, "DanhSachTepDinhKem": [FILE] * 60, "TenGiayTo": "x" * 999}] * 510))
    assert (len(found.papers), len(found.papers[0].files), len(found.papers[0].name)) == (500, 50, 300)
    assert found.skipped == 10 + 500 * 10
    long = {**ROW, "DanhSachTepDinhKem": [{**FILE, "DuongDan": "https://a.vn/" + "x" * 9000}]}
    assert parse_papers(answer(long)).papers[0].files == ()


# Proves V.2-6.
@pytest.mark.parametrize("code", ["1", 1, -1, "E01", 0.5, True, [], {"a": 1}])
def test_every_other_code_is_an_error(code):
    with pytest.raises(PortalRejected) as caught:
        parse_papers({"errorCode": code, "message": "Mã kết quả\x00 không\r\nhợp lệ" + "!" * 900, "result": None})
    assert caught.value.message.startswith("Mã kết quả  không  hợp lệ!")
    assert len(caught.value.message) == 500
    assert "Mã" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], "text", 7, {}, {"message": "x"}, {"errorCode": 0, "result": "x"}, {"result": 7},
        {"errorCode": 0, "result": [{"MaGiayTo": "x"}]}, {"data": [{"Papers": [ROW]}]},
        {"data": {"Papers": [ROW]}}, {"errorCode": 0, "result": {"total": 1, "items": [ROW]}},
    ],
)  # fmt: skip
def test_a_wrong_shape_is_not_understood(wrong):
    with pytest.raises(AnswerNotUnderstood):
        parse_papers(wrong)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"DanhSachGiayToKetQua": [ROW]}, {"result": None, "danhsachgiaytoketqua": [ROW]}, {"results": [ROW]},
        {"response": {"DanhSachGiayToKetQua": ROW}}, {"result": {"GiayTo": ROW}}, {"result": {"page": {"items": [ROW]}}},
        {"result": [], "data": {"rows": json.dumps([ROW])}},
    ],
)  # fmt: skip
def test_papers_where_nobody_looks_for_them_are_not_none(elsewhere):
    with pytest.raises(AnswerNotUnderstood):
        parse_papers({"errorCode": "0", **elsewhere})


def test_what_was_asked_is_no_paper_where_it_is_said_again():
    asked = build_body(QUESTION)
    assert parse_papers({"errorCode": "0", "result": None, "request": asked}).papers == ()
    assert parse_papers({"errorCode": "0", "result": {"request": json.dumps(asked), "total": 0}}).papers == ()


@pytest.mark.parametrize(
    "listed", [{}, {"DanhSachTepDinhKem": None}, {"DanhSachTepDinhKem": []}, {"DanhSachTepDinhKem": ""}]
)
def test_the_one_file_of_a_paper_may_stand_beside_its_name(listed):
    row = {"MaKetQua": "KQ", "TenGiayTo": "Giấy", "TenTep": "giay.pdf", "DuongDan": "https://a.vn/1", **listed}
    [paper] = parse_papers({"errorCode": "0", "result": [row]}).papers
    assert paper.files == (PaperFile("giay.pdf", "https://a.vn/1"),)
    files = [{"TenTep": "b.pdf", "DuongDan": "https://a.vn/2"}]
    [paper] = parse_papers({"errorCode": "0", "result": [{**row, "DanhSachTepDinhKem": files}]}).papers
    assert [file.name for file in paper.files] == ["b.pdf"]
