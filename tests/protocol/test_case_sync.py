import dataclasses
import json
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from byte_server import as_json
from hypothesis import given
from hypothesis import strategies as st

from protocol.case_lengths import LENGTHS, shortened
from protocol.case_parts import REUSED_INSTEAD, Fee, ResultFile, SubmittedFile, Supplement
from protocol.case_sync import (
    CaseMessage,
    KnownCase,
    ProgressMessage,
    StateMessage,
    case_body,
    lookup_body,
    parse_lookup,
    progress_body,
    state_body,
)
from protocol.errors import PortalRejected
from protocol.office_time import as_utc, office_time
from protocol.settings import Account

LOGIN = as_json({"session": "abc"})
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CASE = CaseMessage(
    number="H46-1",
    procedure_code="1.001193",
    procedure_name="Khai sinh",
    owner_name="Nguyễn Văn An",
    owner_kind="1",
    owner_number="000190000011",
    channel="1",
    state="9",
    received_on=NOON,
    identities=(("1", "000190000011"),),
    databases=("CSDLDC",),
    submitted=(
        SubmittedFile(
            file_id="7", name="a.pdf", document_code="TP1", is_digitised=True, reused=REUSED_INSTEAD,
            is_from_national_store=True, substitute_code="KQ.2",
        ),
    ),
    results=(ResultFile(file_id="8", name="Giấy khai sinh", result_code="KQ.1", link="https://x.gov.vn/kq"),),
)  # fmt: skip
STEP = ProgressMessage(
    number="H46-1", officer="Hoa", title="Chuyên viên", done_on=NOON, department="Sở", content="Tiếp nhận", state="2"
)
# Wire §7, as printed there.
CASE_FIELDS = (
    "MaHoSo MaTTHC TenTTHC MaLinhVuc TenLinhVuc KenhThucHien ChuHoSo LoaiDoiTuong MaDoiTuong SoDienThoai Email "
    "TrichYeuHoSo NgayTiepNhan NgayHenTra NgayTra NgayKetThucXuLy TrangThaiHoSo HinhThuc DonViXuLy GhiChu TaiLieuNop "
    "DanhSachLePhi DanhSachTepDinhKemKhac DanhSachHoSoBoSung DanhSachGiayToKetQua NoiNopHoSo HoSoCoThanhPhanSoHoa "
    "TaiKhoanDuocXacThucVoiVNeID DuocThanhToanTrucTuyen NgayNopHoSo DinhDanhCHS DSKetNoiCSDL"
)
STEP_FIELDS = (
    "MaHoSo NguoiXuLy ChucDanh ThoiDiemXuLy PhongBanXuLy NoiDungXuLy TrangThai NgayBatDau NgayKetThucTheoQuyDinh"
)


# Proves W.7-1.
def test_a_case_has_every_field_of_the_wire():
    body = case_body("token", " H46 ", CASE, is_update=True)
    assert {key: body[key] for key in body if key != "data"} == {
        "session": "token", "madonvi": "H46", "service": "DongBoHoSoMC", "isUpdating": "True",
    }  # fmt: skip
    [row] = body["data"]
    assert set(row) == set(CASE_FIELDS.split())
    assert (row["NgayTiepNhan"], row["NgayTra"]) == ("20261123190000", "")
    assert row["DinhDanhCHS"] == [{"LoaiDinhDanh": "1", "SoDinhDanh": "000190000011"}]
    assert row["DSKetNoiCSDL"] == [{"MaCSDL": "CSDLDC"}]
    assert row["TaiLieuNop"] == [
        {
            "TepDinhKemId": "7", "TenTepDinhKem": "a.pdf", "IsDeleted": "False", "MaThanhPhanHoSo": "TP1",
            "DuongDanTaiTepTin": "", "DuocSoHoa": 1, "DuocTaiSuDung": 2, "DuocLayTuKhoDMQG": 1,
            "MaKetQuaThayThe": "KQ.2",
        }
    ]  # fmt: skip
    assert row["DanhSachGiayToKetQua"] == [
        {
            "TenGiayTo": "Giấy khai sinh", "MaThanhPhanHoSo": "", "GiayToId": "8",
            "DuongDanTepTinKetQua": "https://x.gov.vn/kq", "MaGiayToKetQua": "KQ.1",
        }
    ]  # fmt: skip


# Proves W.7-1.
def test_a_step_has_every_field_of_the_wire():
    body = progress_body("token", "H46", STEP)
    assert (body["service"], set(body)) == ("CapNhatTienDoHoSoMC", {"session", "madonvi", "service", "data"})
    [row] = body["data"]
    assert set(row) == set(STEP_FIELDS.split())
    assert (row["ThoiDiemXuLy"], row["NgayBatDau"]) == ("20261123190000", "")


# Proves W.7-14.
def test_fees_and_requests_for_more_documents_have_every_field_of_the_wire():
    asked = Supplement(request_id="3", asked_by="Hoa", asked_on=NOON, content="Giấy khai sinh", due_before=NOON)
    received = dataclasses.replace(asked, received_on=NOON, received_by="Hoa", due_after=NOON)
    fee = Fee(name="Lệ phí", code="LP1", amount=135000, collected="1", kind="1")
    row = dataclasses.replace(CASE, fees=(fee,), supplements=(received, asked), refused_on=NOON).as_wire()
    assert row["DanhSachLePhi"] == [
        {"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP1", "HinhThucThu": "1", "Gia": "135000", "LoaiPhiLePhi": "1"}
    ]
    first, second = row["DanhSachHoSoBoSung"]
    assert first == {
        "HoSoBoSungId": "3", "NguoiYeuCauBoSung": "Hoa", "NoiDungBoSung": "Giấy khai sinh",
        "NgayBoSung": "20261123190000", "NguoiTiepNhanBoSung": "Hoa", "ThongTinTiepNhan": "",
        "NgayTiepNhanBoSung": "20261123190000", "TrangThaiBoSung": "1", "DanhSachGiayToBoSung": [],
        "NgayHenTraTruoc": "20261123190000", "NgayHenTraMoi": "20261123190000",
    }  # fmt: skip
    assert (second["TrangThaiBoSung"], second["NgayTiepNhanBoSung"], second["NgayHenTraMoi"]) == ("0", "", "")
    assert (row["NgayYeuCauBoSung"], row["NgayTuChoi"]) == ("20261123190000",) * 2


# Proves W.7-13.
def test_a_state_has_every_field_of_the_wire():
    state = StateMessage(number="H46-1", state="9", content="Đã xử lý xong", done_on=NOON, results=CASE.results)
    body = state_body("token", "H46", state)
    assert (body["service"], body["type"], body["madonvi"]) == ("DongBoTrangThaiHoSo", "2", "H46")
    assert {key: value for key, value in body["data"].items() if key != "TaiLieuXuLy"} == {
        "MaHoSo": "H46-1", "TrangThai": "9", "MaHoSoDonVi": "H46-1", "NoiDung": "Đã xử lý xong",
        "NgayXuLy": "20261123190000",
    }  # fmt: skip
    assert body["data"]["TaiLieuXuLy"] == [
        {
            "TepDinhKemId": "8", "TenTepDinhKem": "Giấy khai sinh", "IsDeleted": "False", "MaThanhPhanHoSo": "",
            "DuongDanTaiTepTin": "https://x.gov.vn/kq",
        }
    ]  # fmt: skip


@given(st.datetimes(timezones=st.just(timezone.utc), min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_times_are_those_of_the_office(moment):
    written = office_time(moment)
    assert len(written) == 14
    local = datetime(*(int(part) for part in (written[:4], *(written[i : i + 2] for i in range(4, 14, 2)))))
    assert local - timedelta(hours=7) == moment.replace(tzinfo=None, microsecond=0)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        office_time(datetime(2026, 1, 1))
    assert as_utc(datetime(2026, 1, 1)).tzinfo is timezone.utc
    assert as_utc(None) is None


# Proves W.7-11.
@pytest.mark.parametrize(
    "answer",
    [
        {"error_code": 0, "result": [{"MaHoSo": "H46-1", "TrangThaiHoSo": "9"}]},
        {"result": {"maHoSo": "H46-1", "TrangThai": 9}},
        {"data": [{"MaHoSo": "other"}, {"MAHOSO": " H46-1 ", "TRANGTHAIHOSO": "9"}]},
        [{"MaHoSo": "H46-1", "TrangThaiHoSo": "9"}],
        {"data": {"TrangThaiHoSo": "9"}},
        {"error_code": 0, "result": '[{"MaHoSo": "H46-1", "TrangThaiHoSo": "9"}]'},
    ],
)
def test_tolerated_shapes_of_a_known_case(answer):
    assert parse_lookup(answer, "H46-1") == KnownCase("H46-1", "9", None)


def test_the_steps_of_a_known_case():
    answer = {"result": [{"MaHoSo": "H46-1", "TrangThaiHoSo": "9", "TienDo": [{"ThoiDiemXuLy": "1", "TrangThai": 2}]}]}
    assert parse_lookup(answer, "H46-1").steps == (("1", "2"),)


@pytest.mark.parametrize(
    "answer",
    [
        {"result": []},
        {"result": None},
        {"error_code": "00"},
        {"data": [None, "x"]},
        {"data": {}},
        {"data": [{"MaHoSo": ""}]},
        {"error_code": 0, "result": "Không có dữ liệu"},
        {"error_code": 0, "result": {"total": 0, "items": []}},
        {"data": {"found": False}},
    ],
)
def test_a_case_that_is_not_known(answer):
    assert parse_lookup(answer, "H46-1") is None


def test_a_refusal_of_the_lookup_is_raised():
    with pytest.raises(PortalRejected):
        parse_lookup({"error_code": 9, "message": "no"}, "H46-1")


def test_the_client_sends_and_looks_up(server, make_client):
    client = make_client()
    server.by_path(login=LOGIN, call=as_json({"error_code": 0}))
    client.send_case(CASE, is_update=False)
    client.send_progress(STEP)
    assert client.find_case("H46-1") is None
    bodies = [asked.json for asked in server.asked[1:]]
    assert [body["service"] for body in bodies] == ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"]
    assert bodies[2] == lookup_body("abc", "H46", "H46-1")


def test_marks_that_were_typed_behind_their_letters_go_out_in_them(server, make_client):
    """Also where one stands first in its line, which is no letter's: in the text of the message it follows one."""
    apart, whole = ("Tiếp nhận\n\u0303lại", unicodedata.normalize("NFD", "Nguyễn Văn An")), "Nguyễn Văn An"
    paper = dataclasses.replace(CASE.results[0], name=apart[1])
    case = dataclasses.replace(CASE, note=apart[0], owner_name=apart[1], results=(paper,))
    server.by_path(login=LOGIN, call=as_json({"error_code": 0}))
    make_client().send_case(case, is_update=False)
    [told] = json.loads(server.asked[1].body)["data"]
    assert (told["GhiChu"], told["ChuHoSo"], told["DanhSachGiayToKetQua"][0]["TenGiayTo"]) == (apart[0], whole, whole)


def test_a_password_goes_out_as_it_was_given(server, make_client, make_settings):
    password = unicodedata.normalize("NFD", "mật khẩu")
    directory = dataclasses.replace(make_settings().directory, account=Account("h46", password))
    server.by_path(login=LOGIN, call=as_json({"error_code": 0}))
    make_client(directory=directory).send_case(CASE, is_update=False)
    assert server.asked[0].json["password"] == password


def test_a_rejected_case_has_the_words_of_the_portal(server, make_client):
    server.by_path(login=LOGIN, call=as_json({"error_code": 6, "message": "Thiếu trường"}))
    with pytest.raises(PortalRejected) as caught:
        make_client().send_case(CASE, is_update=False)
    assert (caught.value.message, caught.value.is_transient) == ("Thiếu trường", False)


# Proves W.7-5.
@pytest.mark.parametrize(("key", "most"), LENGTHS.items())
def test_what_is_too_long_is_cut_between_whole_characters(key, most):
    assert shortened(key, "đ" * most) == "đ" * most
    assert shortened(key, "đ" * (most + 1)) == "đ" * most
    # Two signs that are one character: neither half of it stays.
    assert shortened(key, "x" * (most - 1) + "a\u0301" + "y") == "x" * (most - 1)


def test_a_message_holds_what_the_portal_takes():
    long = "ơ" * 4001
    file = SubmittedFile(file_id="1", name=long, document_code="")
    result = ResultFile(file_id="1", name=long, result_code="KQ", link="https://a.vn")
    wire = dataclasses.replace(CASE, abstract=long, submitted=(file,), results=(result,)).as_wire()
    assert len(wire["TrichYeuHoSo"]) == 1000
    assert (len(wire["TaiLieuNop"][0]["TenTepDinhKem"]), len(wire["DanhSachGiayToKetQua"][0]["TenGiayTo"])) == (
        4000,
        2000,
    )
    assert len(dataclasses.replace(STEP, officer=long).as_wire()["NguoiXuLy"]) == 50
    assert dataclasses.replace(STEP, officer=long).cut_keys() == ("NguoiXuLy",)
    told = dataclasses.replace(CASE, abstract=long, submitted=(file, file), results=(result,))
    assert told.cut_keys() == ("TrichYeuHoSo", "TenTepDinhKem", "TenGiayTo")
    assert (CASE.cut_keys(), STEP.cut_keys()) == ((), ())


# Proves W.7-9.
@pytest.mark.parametrize("nothing", ["", " "])
def test_what_the_portal_refuses_empty_is_never_empty(nothing):
    assert dataclasses.replace(CASE, abstract=nothing).as_wire()["TrichYeuHoSo"] == "Khai sinh"
    assert dataclasses.replace(STEP, officer=nothing).as_wire()["NguoiXuLy"] == "Sở"
