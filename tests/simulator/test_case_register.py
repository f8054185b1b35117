import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

CASE = {
    "MaHoSo": "H46-1", "MaTTHC": "1.001193", "TenTTHC": "Khai sinh", "MaLinhVuc": "", "TenLinhVuc": "",
    "KenhThucHien": "1", "ChuHoSo": "An", "LoaiDoiTuong": "1", "MaDoiTuong": "000190000011", "SoDienThoai": "",
    "Email": "", "TrichYeuHoSo": "Khai sinh", "NgayTiepNhan": "20261123190000", "NgayHenTra": "", "NgayTra": "",
    "NgayKetThucXuLy": "", "TrangThaiHoSo": "9", "HinhThuc": "0", "DonViXuLy": "", "GhiChu": "", "TaiLieuNop": [],
    "DanhSachLePhi": [], "DanhSachTepDinhKemKhac": [], "DanhSachHoSoBoSung": [], "DanhSachGiayToKetQua": [],
    "NoiNopHoSo": "2", "HoSoCoThanhPhanSoHoa": 0, "TaiKhoanDuocXacThucVoiVNeID": 0, "DuocThanhToanTrucTuyen": 0,
    "NgayNopHoSo": "20261123190000", "DinhDanhCHS": [], "DSKetNoiCSDL": [],
}  # fmt: skip
STEP = {
    "MaHoSo": "H46-1", "NguoiXuLy": "Hoa", "ChucDanh": "", "ThoiDiemXuLy": "20261123190000", "PhongBanXuLy": "",
    "NoiDungXuLy": "Tiếp nhận", "TrangThai": "2", "NgayBatDau": "", "NgayKetThucTheoQuyDinh": "",
}  # fmt: skip
RESULT = {
    "TenGiayTo": "Giấy khai sinh", "MaThanhPhanHoSo": "", "GiayToId": "1", "MaGiayToKetQua": "KQ.G15.000007",
    "DuongDanTepTinKetQua": "https://own.gov.vn/kho_dl/papers/t/x.pdf",
}  # fmt: skip
SUBMITTED = {
    "TepDinhKemId": "1", "TenTepDinhKem": "x", "IsDeleted": "False", "MaThanhPhanHoSo": "", "DuongDanTaiTepTin": "",
    "DuocSoHoa": 1, "DuocTaiSuDung": 0, "DuocLayTuKhoDMQG": 0, "MaKetQuaThayThe": "",
}  # fmt: skip
FEE = {"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "", "HinhThucThu": "1", "Gia": "135000", "LoaiPhiLePhi": "1"}
SUPPLEMENT = {
    "HoSoBoSungId": "1", "NguoiYeuCauBoSung": "Hoa", "NoiDungBoSung": "Giấy khai sinh", "NgayBoSung": "20261123190000",
    "NguoiTiepNhanBoSung": "", "ThongTinTiepNhan": "", "NgayTiepNhanBoSung": "", "TrangThaiBoSung": "0",
    "DanhSachGiayToBoSung": [], "NgayHenTraTruoc": "", "NgayHenTraMoi": "",
}  # fmt: skip
STATE = {
    "MaHoSo": "H46-1", "TrangThai": "5", "MaHoSoDonVi": "H46-1", "NoiDung": "Giấy khai sinh",
    "NgayXuLy": "20261123190000", "TaiLieuXuLy": [],
}  # fmt: skip


def send(client, service="DongBoHoSoMC", **body):
    answer = client.directory(service=service, **body)
    assert answer.status_code == 200
    return answer.json()


def send_case(client, is_update=False, **changes):
    row = {name: value for name, value in {**CASE, **changes}.items() if value is not None}
    return send(client, isUpdating=is_update, data=[row])


def test_a_case_is_made_once_and_then_updated(client, sim):
    assert send_case(client)["error_code"] == 0
    assert "đã tồn tại" in send_case(client)["message"]
    assert send_case(client, is_update=True, TrangThaiHoSo="10")["error_code"] == 0
    assert "chưa được đồng bộ" in send_case(client, is_update=True, MaHoSo="H46-2")["message"]
    [case] = sim.cases()
    assert (case["TrangThaiHoSo"], case["madonvi"], case["TienDo"]) == ("10", "H46", [])


def test_steps_belong_to_a_known_case(client, sim):
    assert "chưa được đồng bộ" in send(client, "CapNhatTienDoHoSoMC", data=[STEP])["message"]
    send_case(client)
    assert send(client, "CapNhatTienDoHoSoMC", data=[STEP])["error_code"] == 0
    found = send(client, "TraCuuHoSo", mahoso="H46-1")["result"]
    assert [step["ThoiDiemXuLy"] for step in found[0]["TienDo"]] == ["20261123190000"]
    assert send(client, "TraCuuHoSo", mahoso="H46-9")["result"] == []
    assert len(sim.requests("sync")) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"MaHoSo": " "}, {"MaTTHC": None}, {"NgayTiepNhan": "2026-11-23"}, {"TrangThaiHoSo": "12"}, {"Khac": "1"},
        {"KenhThucHien": "4"}, {"LoaiDoiTuong": "5"}, {"TaiLieuNop": [{**SUBMITTED, "IsDeleted": False}]}, {"TaiLieuNop": {}}, {"TaiLieuNop": [{"x": 1}]},
        {"TaiLieuNop": [{**SUBMITTED, "DuocTaiSuDung": 2}]}, {"TaiLieuNop": [{**SUBMITTED, "MaKetQuaThayThe": "KQ"}]},
        {"NgayTuChoi": "x"}, {"DanhSachLePhi": [{**FEE, "Gia": "x"}]}, {"DanhSachLePhi": [{}]},
        {"DanhSachHoSoBoSung": [{**SUPPLEMENT, "NoiDungBoSung": ""}]},
        {"DanhSachHoSoBoSung": [{**SUPPLEMENT, "NgayBoSung": "x"}]},
        {"DanhSachGiayToKetQua": ["x"]}, {"DanhSachGiayToKetQua": [{**RESULT, "DuongDanTepTinKetQua": ""}]},
    ],
)  # fmt: skip
def test_what_is_refused_of_a_case(client, sim, changes):
    assert send_case(client, **changes)["error_code"] == 6
    assert sim.cases() == []


def test_fees_and_requests_for_more_documents_are_kept(client, sim):
    told = {"DanhSachLePhi": [FEE], "DanhSachHoSoBoSung": [SUPPLEMENT], "NgayYeuCauBoSung": "20261123190000"}
    assert send_case(client, **told)["error_code"] == 0
    assert {name: sim.cases()[0][name] for name in told} == told


def test_a_state_by_itself_is_taken_in_the_field_only(client, sim):
    def tell(**changes):
        body = {"type": "2", "data": {**STATE, **changes}}
        return client.directory(session, service="DongBoTrangThaiHoSo", **body).json()["error_code"]

    session = client.directory_login().json()["session"]
    send_case(client)
    assert tell() == 5
    sim.speak("field_2024")
    assert tell() == 0
    assert (sim.cases()[0]["TrangThaiHoSo"], sim.cases()[0]["TrangThai"]) == ("5", [STATE])
    for changes in ({"TrangThai": "0"}, {"NoiDung": ""}, {"TaiLieuXuLy": {}}, {"MaHoSo": "H46-2"}, {"x": 1}):
        assert tell(**changes) == 6
    sim.reject_case("H46-1", "Thiếu lệ phí")
    assert tell() == 6


@pytest.mark.parametrize("changes", [{"TrangThai": "0"}, {"ThoiDiemXuLy": "x"}, {"NguoiXuLy": ""}, {"x": 1}])
def test_what_is_refused_of_a_step(client, changes):
    send_case(client)
    assert send(client, "CapNhatTienDoHoSoMC", data=[{**STEP, **changes}])["error_code"] == 6


@pytest.mark.parametrize(
    "body", [{}, {"data": []}, {"data": [1], "isUpdating": False}, {"data": [CASE]}, {"data": [CASE], "isUpdating": 1}]
)
def test_bodies_that_are_none(client, body):
    assert send(client, **body)["error_code"] == 6


def test_a_case_can_be_refused_by_order(client, sim):
    sim.reject_case("H46-1", "Thiếu lệ phí")
    assert send_case(client)["message"] == "Thiếu lệ phí"
    sim.reject_case("H46-1", "")
    assert send_case(client)["error_code"] == 0
    sim.reset()
    assert sim.cases() == []


def test_a_case_that_is_not_known_can_be_an_error(client, sim):
    sim.refuse_unknown_cases("Không tìm thấy hồ sơ")
    assert send(client, "TraCuuHoSo", mahoso="H46-1") == {"error_code": 6, "message": "Không tìm thấy hồ sơ"}
    send_case(client)
    assert send(client, "TraCuuHoSo", mahoso="H46-1")["error_code"] == 0
    sim.reset()
    assert send(client, "TraCuuHoSo", mahoso="H46-9")["result"] == []


def test_results_are_papers_that_others_find(client):
    send_case(client, DanhSachGiayToKetQua=[RESULT], MaDoiTuong="000190000099")
    send_case(client, is_update=True, DanhSachGiayToKetQua=[RESULT], MaDoiTuong="000190000099")
    [paper] = client.found("000190000099", "KQ.G15.000007")
    assert (paper["TenGiayTo"], paper["CoQuanChuQuan"]) == ("Giấy khai sinh", "H46")
    assert [file["DuongDan"] for file in paper["DanhSachTepDinhKem"]] == [RESULT["DuongDanTepTinKetQua"]]
    send_case(client, is_update=True, DanhSachGiayToKetQua=[], MaDoiTuong="000190000099")
    assert client.found("000190000099", "KQ.G15.000007") == []


def test_the_second_agency_has_its_own_account(client):
    session = client.post("mapi/login", {"username": "h22", "password": "h22-demo"}).json()["session"]
    assert client.directory(session, madonvi="H22").json()["result"]
    assert client.post("mapi/login", {"username": "h22", "password": "h46-demo"}).json()["error_code"] == 2


class _System(BaseHTTPRequestHandler):
    """The real system of an agency: tells what it was asked."""

    def do_GET(self):
        body = f"{self.path} {self.headers.get('X-Road-Client')} {self.headers.get('Range')}".encode()
        self.send_response(206)
        self.send_header("Content-Type", "application/pdf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


def test_files_of_a_real_system_are_passed_on(client, sim):
    system = HTTPServer(("127.0.0.1", 0), _System)
    threading.Thread(target=system.serve_forever, daemon=True).start()
    providerurl = "https://dichvucong.hagiang.gov.vn"
    dstcode = sim.world.dstcode_of(providerurl)
    address = client.address("kho_dl/papers/t/a b.pdf", "VXPAdapter")
    parameters = {"dstcode": dstcode, "providerurl": providerurl, "x": "1"}
    try:
        sim.world.set_provider(providerurl, f"http://127.0.0.1:{system.server_port}")
        answer = client.session.get(address, params=parameters, headers={"Range": "bytes=0-"}, timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"]) == (206, "application/pdf")
        assert answer.text == "/kho_dl/papers/t/a%20b.pdf?x=1 VN/GOV/000.00.00.H46/simulator bytes=0-"
    finally:
        system.shutdown()
        system.server_close()
    assert client.session.get(address, params=parameters, timeout=10).status_code == 500
    sim.world.set_provider(providerurl, "")
    assert client.session.get(address, params=parameters, timeout=10).status_code == 404
    with pytest.raises(ValueError, match="http address"):
        sim.world.set_provider(providerurl, "ftp://x")


# Proves W.7-5, W.7-9.
@pytest.mark.parametrize("words", ["", " ", "x" * 1001])
def test_a_summary_that_is_empty_or_too_long_is_refused(client, words):
    assert "TrichYeuHoSo" in send_case(client, TrichYeuHoSo=words)["message"]


def test_an_officer_with_a_long_name_is_refused(client):
    send_case(client)
    answer = send(client, "CapNhatTienDoHoSoMC", data=[{**STEP, "NguoiXuLy": "x" * 51}])
    assert answer["message"] == "NguoiXuLy dài quá 50 ký tự"
