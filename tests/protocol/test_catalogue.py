import json
import unicodedata

import pytest
from byte_server import as_json
from hypothesis import given
from hypothesis import strategies as st

from protocol.catalogue import (
    Agency,
    Procedure,
    RequiredDocument,
    Result,
    Sector,
    parse_agencies,
    parse_listing,
    parse_procedure,
    parse_sectors,
    without_suffix,
)
from protocol.errors import AnswerNotUnderstood, CatalogueUnusable, KhoDLError, PortalRejected

LOGIN = as_json({"session": "abc"})
PAPER = {"MAGIAYTO": "GT1", "TENGIAYTO": "Giấy khai sinh", "TENMAUDON": "Mẫu 1", "URL": "https://a.gov.vn/1"}
ROW = {
    "MATTHC": "1.001193",
    "TENTTHC": "Đăng ký khai sinh",
    "LINHVUCTHUCHIEN": [{"MALINHVUC": "LV1", "TENLINHVUC": "Hộ tịch"}],
    "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [PAPER]}],
    "KETQUATHUCHIEN": [{"MAKETQUA": "KQ1", "TENKETQUA": "Giấy khai sinh"}],
    "COQUANTHUCHIEN": [{"MADONVI": "H46.1", "TENDONVI": "UBND xã"}],
    "TRANGTHAI": "1",
}
DOCUMENT = RequiredDocument("GT1", "GT1", "Giấy khai sinh", "Mẫu 1", "https://a.gov.vn/1")
PROCEDURE = Procedure(
    "1.001193", "Đăng ký khai sinh", (Sector("LV1", "Hộ tịch"),), (Agency("H46.1", "UBND xã"),),
    (Result("KQ1", "Giấy khai sinh"),), (), (DOCUMENT,),
)  # fmt: skip


def documents(*groups):
    """Return the procedure that asks for what `groups`, pairs of circumstances and papers, name."""
    rows = [{"TRUONGHOP": name, "GIAYTO": papers} for name, papers in groups]
    return parse_procedure({"result": {**ROW, "THANHPHANHOSO": rows}}, ROW["MATTHC"])


def test_fields_and_agencies():
    assert parse_sectors({"result": [{"MALINHVUC": "LV1", "TENLINHVUC": "Hộ tịch"}, {}, None]}) == (
        Sector("LV1", "Hộ tịch"),
    )
    found = parse_agencies({"data": [{"MaDonVi": "H46", "TenDonVi": "Tỉnh", "CapDonVi": "1"}, {"MADONVI": "H47"}]})
    assert found == (Agency("H46", "Tỉnh", "1"), Agency("H47", ""))


@pytest.mark.parametrize("answer", [{"result": ROW}, {"result": [ROW]}, {"data": [{"MATTHC": "x"}, ROW]}, [ROW]])
def test_a_procedure_in_all_tolerated_shapes(answer):
    assert parse_procedure(answer, "1.001193") == PROCEDURE


def test_a_list_with_parts_and_without():
    listing = parse_listing(
        {"result": [ROW, {"MATTHC": "2"}, ROW, {"TENTTHC": "x"}, 5, {"MATTHC": "2", "TENTTHC": "y"}]}
    )
    assert (listing.whole, listing.codes, listing.skipped) == ((PROCEDURE,), ("2",), 2)


@pytest.mark.parametrize("state", ["0", 0, False, "Hết hiệu lực", "ĐÃ BÃI BỎ"])
def test_what_ended_is_left_out(state):
    listing = parse_listing({"result": [{**ROW, "TRANGTHAI": state}, {"MATTHC": "2"}]})
    assert (listing.whole, listing.codes) == ((), ("2",))
    with pytest.raises(CatalogueUnusable):
        parse_listing({"result": [{**ROW, "TRANGTHAI": state}]})
    assert parse_procedure({"result": {**ROW, "TRANGTHAI": state}}, ROW["MATTHC"]).is_ended


@pytest.mark.parametrize("state", ["1", 1, True, None, "", "Đang áp dụng"])
def test_what_goes_on_stays(state):
    assert parse_listing({"result": [{**ROW, "TRANGTHAI": state}]}).whole == (PROCEDURE,)


def test_a_procedure_survives_a_journey_as_json():
    found = documents(("A", [PAPER]), ("B", [{"TENGIAYTO": "Đơn"}]))
    assert Procedure.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_one_circumstance_is_none():
    assert documents(("Trực tiếp", [PAPER])) == PROCEDURE


def test_documents_of_several_circumstances():
    other = {"MAGIAYTO": "GT2", "TENGIAYTO": "Giấy ủy quyền"}
    found = documents(("Trực tiếp", [PAPER]), ("Ủy quyền", [PAPER, other]))
    assert found.variants == ("Trực tiếp", "Ủy quyền")
    assert [(document.code, document.variants) for document in found.documents] == [("GT1", ()), ("GT2", ("Ủy quyền",))]
    found = documents(("A", [PAPER]), ("", [other]), ("B", [other]))
    assert [(document.code, document.variants) for document in found.documents] == [("GT1", ("A",)), ("GT2", ())]


def test_documents_are_told_apart_by_code_and_name():
    same_code = [PAPER, {**PAPER, "TENGIAYTO": "Hộ khẩu"}, {**PAPER, "TENGIAYTO": "Hộ khẩu"}]
    without = [{"TENGIAYTO": "Đơn"}, {"TENGIAYTO": "đơn"}, {"MAGIAYTO": ""}, {"MAGIAYTO": "GT9"}]
    found = documents(("", same_code + without)).documents
    assert [document.key for document in found] == ["GT1", "GT1 ho khau", "don", "don don", "GT9"]
    assert (found[-1].code, found[-1].name) == ("GT9", "")


@pytest.mark.parametrize(
    "broken", [None, "", {}, "{}", 5, "x", [None], {"GIAYTO": 7}, [{"TRUONGHOP": [], "GIAYTO": [[]]}]]
)
def test_a_broken_part_says_nothing_and_spoils_nothing_else(broken):
    found = parse_procedure({"result": {**ROW, "THANHPHANHOSO": broken}}, ROW["MATTHC"])
    assert (found.name, found.sectors, found.documents, found.variants) == (
        PROCEDURE.name,
        PROCEDURE.sectors,
        None,
        None,
    )
    assert Procedure.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize("key", ["LINHVUCTHUCHIEN", "KETQUATHUCHIEN", "COQUANTHUCHIEN"])
@pytest.mark.parametrize("value", [None, {}, 5, "x", [None], "missing", []])
def test_a_part_that_is_missing_is_told_from_one_that_is_empty(key, value):
    row = {name: part for name, part in {**ROW, key: value}.items() if part != "missing"}
    found = parse_procedure({"result": row}, ROW["MATTHC"])
    parts = dict(
        zip(
            ("LINHVUCTHUCHIEN", "KETQUATHUCHIEN", "COQUANTHUCHIEN"),
            (found.sectors, found.results, found.agencies),
            strict=True,
        )
    )
    assert parts.pop(key) == (() if value == [] else None)
    assert None not in parts.values()


@pytest.mark.parametrize("parts", [None, "", {}, [], "x", [None]])
def test_a_row_of_the_list_without_documents_is_asked_for_by_itself(parts):
    listing = parse_listing({"result": [{**ROW, "THANHPHANHOSO": parts}]})
    assert (listing.whole, listing.codes) == ((), (ROW["MATTHC"],))


def test_a_code_that_came_as_a_number_has_its_six_decimals():
    listing = parse_listing({"result": [{"MATTHC": 2.00048}, {**ROW, "MATTHC": 1.00119}]})
    assert (listing.codes, listing.whole[0].code) == (("2.000480",), "1.001190")
    assert parse_procedure({"result": {**ROW, "MATTHC": 1.00119}}, "1.001190").code == "1.001190"


def test_names_have_single_blanks_and_composed_letters():
    [found] = documents(
        ("", [{**PAPER, "TENGIAYTO": unicodedata.normalize("NFD", " Giấy  khai\u00a0sinh ")}])
    ).documents
    assert found.name == "Giấy khai sinh"


@pytest.mark.parametrize(
    "parse", [parse_sectors, parse_agencies, parse_listing, lambda answer: parse_procedure(answer, "1")]
)
@pytest.mark.parametrize("answer", [None, {}, {"result": []}, {"result": "x"}, {"result": [{"x": 1}]}, 7])
def test_nothing_usable_is_an_error(parse, answer):
    with pytest.raises(AnswerNotUnderstood):
        parse(answer)


_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats()
_KEYS = st.sampled_from([*ROW, *PAPER, "TRUONGHOP", "GIAYTO", "result", "MALINHVUC", "MAKETQUA", "MADONVI"])
_JSON = st.recursive(
    _LEAVES, lambda part: st.lists(part, max_size=4) | st.dictionaries(_KEYS, part, max_size=6), max_leaves=30
)


@given(_JSON)
def test_whatever_comes_is_parsed_or_refused(answer):
    for parse in (parse_sectors, parse_agencies, parse_listing, lambda one: parse_procedure(one, "1")):
        try:
            parse(answer)
        except KhoDLError:
            continue


def test_the_client_asks_with_its_token(make_client, server):
    server.by_path(login=LOGIN, call=as_json({"error_code": 0, "result": [ROW]}))
    client = make_client()
    assert client.procedure("1.001193") == PROCEDURE
    assert server.asked[-1].json == {"session": "abc", "madonvi": "H46", "service": "LayThuTuc", "maTTHC": "1.001193"}
    assert client.procedures().whole == (PROCEDURE,)
    for ask in (client.sectors, client.agencies):
        with pytest.raises(AnswerNotUnderstood):
            ask()


def test_a_service_that_there_is_not_has_the_words_of_the_portal(make_client, server):
    server.by_path(login=LOGIN, call=as_json({"error_code": 5, "message": "không có dịch vụ"}))
    with pytest.raises(PortalRejected):
        make_client().procedures()


# Proves W.3-5.
@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("1.004616.000.00.00.H56", "1.004616"),
        ("1.004616", "1.004616.000.00.00.H56"),
        ("1.004616.H56", "1.004616.000.00.00.H56"),
    ],
)
def test_a_code_with_the_suffix_of_an_agency_is_the_same_procedure(told, asked):
    assert parse_procedure({"result": {**ROW, "MATTHC": told}}, asked).code == asked
    with pytest.raises(CatalogueUnusable):
        parse_procedure({"result": {**ROW, "MATTHC": told.replace("4616", "4617")}}, asked)


@pytest.mark.parametrize("code", ["1.004616", "H56-1", "1.0046167", "1.004616.", "", "12.004616.H56"])
def test_what_is_no_suffix_stays(code):
    assert without_suffix(code) == code
