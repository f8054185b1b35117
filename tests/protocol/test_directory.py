import json

import pytest
from conftest import ROOT

from protocol.answers import decode_json
from protocol.directory import Server, build_body, parse_directory
from protocol.errors import AnswerNotUnderstood, PortalRejected

ROW = {"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:COM:0108212803:DVCTYBXDNTL"}
POLICE = Server("000.00.00.G01", "Bộ Công an", "VN:COM:0108212803:DVCTYBXDNTL")


def test_the_body_is_what_the_guideline_prints():
    assert build_body("token", " H46 ") == {"session": "token", "madonvi": "H46", "service": "LayDanhMucSSTaiTep"}


# Proves V.1-2.
def test_the_sample_of_the_guideline():
    sample = [{**ROW, "MACOQUAN": f"000.00.00.G0{number}"} for number in (1, 2, 4)]
    directory = parse_directory({"result": sample})
    assert [found.code for found in directory.servers] == ["000.00.00.G01", "000.00.00.G02", "000.00.00.G04"]
    assert directory.skipped == 0


# Proves V.1-4.
def test_a_broken_answer_as_printed_is_not_understood():
    printed = json.dumps({"result": [ROW]}).replace("]", "")
    with pytest.raises(AnswerNotUnderstood):
        decode_json(printed.encode())


@pytest.mark.parametrize(
    "answer",
    [
        {"result": [ROW]},
        {"RESULT": [{"MaCoQuan": " 000.00.00.G01 ", "ten_co_quan": "Bộ Công an", "DstCode": ROW["DSTCODE"]}]},
        {"error_code": 0, "message": "", "result": [ROW]},
        {"error_code": "00", "result": [ROW, ROW]},
        {"error_code": 0.0, "data": ROW},
        {"result": None, "data": [ROW]},
        [ROW],
    ],
)
def test_all_tolerated_shapes(answer):
    assert parse_directory(answer).servers == (POLICE,)


def test_unusable_rows_are_counted():
    rows = [
        ROW,
        {**ROW, "DSTCODE": None},
        {**ROW, "MACOQUAN": " "},
        {},
        None,
        "x",
        {**ROW, "MACOQUAN": 22, "TENCOQUAN": True},
    ]
    directory = parse_directory({"result": rows})
    assert directory.servers == (POLICE, Server("22", "", POLICE.dstcode))
    assert directory.skipped == 5


def test_two_dstcodes_of_one_agency_both_stay():
    assert len(parse_directory({"result": [ROW, {**ROW, "DSTCODE": "VN:GOV:other:ss"}]}).servers) == 2


@pytest.mark.parametrize(
    "answer",
    [None, 7, "text", {}, [], {"result": None}, {"result": []}, {"result": "x"}, {"result": [[ROW]]}, {"x": 1}],
)
def test_an_answer_without_a_usable_row_is_not_understood(answer):
    with pytest.raises(AnswerNotUnderstood):
        parse_directory(answer)


def test_an_error_of_the_portal_is_passed_on():
    with pytest.raises(PortalRejected) as caught:
        parse_directory({"error_code": 17, "message": "Đơn vị không hợp lệ", "result": [ROW]})
    assert (caught.value.code, caught.value.message) == ("17", "Đơn vị không hợp lệ")


def test_bounds():
    many = [{**ROW, "MACOQUAN": str(number), "TENCOQUAN": "x" * 5000} for number in range(20_010)]
    directory = parse_directory({"result": many})
    assert (len(directory.servers), directory.skipped) == (20_000, 10)
    assert len(directory.servers[0].name) == 300


def test_the_samples_of_the_project_where_they_are_at_hand():
    samples = ROOT.parent / "shared" / "samples"
    if not samples.is_dir():
        pytest.skip("the samples are not part of the add-on")
    assert len(parse_directory(decode_json((samples / "directory.json").read_bytes())).servers) == 7
    with pytest.raises(AnswerNotUnderstood):
        decode_json((samples / "directory-as-printed.txt").read_bytes())
