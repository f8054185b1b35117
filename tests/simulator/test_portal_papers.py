import pytest
from client import ACCOUNT, PORTAL

from simulator.catalogue import BIRTH, CITIZEN_CARD, CRIMINAL_RECORD, DEGREE, HEALTH, LAND, PRACTICE
from simulator.people import AN, BINH, CHAU, COMPANY, DUNG

ALL = (CRIMINAL_RECORD, CITIZEN_CARD, DEGREE, PRACTICE, HEALTH)


def refusal(answer):
    """Return the portal's message; the answer must be a proper refusal."""
    assert answer.status_code == 200
    data = answer.json()
    assert data["errorCode"] == "400"
    assert data["result"] is None
    return data["message"]


def test_answer_in_the_shape_of_the_guideline(client):
    answer = client.papers(AN, CRIMINAL_RECORD).json()
    assert answer == {
        "errorCode": "0",
        "message": "Successfully",
        "signature": "Signature",
        "result": {
            "DanhSachGiayToKetQua": [
                {
                    "MaKetQua": CRIMINAL_RECORD,
                    "TenGiayTo": "Phiếu lý lịch tư pháp số 1",
                    "SoKyHieu": "1023/STP-LLTP",
                    "CoQuanChuQuan": "H22",
                    "DanhSachTepDinhKem": [
                        {
                            "TenFile": "1762977948612_Phiếu LLTP số 1_signed.pdf",
                            "DuongDan": "https://dichvucong.hagiang.gov.vn/download/1023.pdf",
                        }
                    ],
                }
            ]
        },
    }


def test_only_papers_asked_for_come_back(client):
    assert [paper["MaKetQua"] for paper in client.found(AN, *ALL)] == [CRIMINAL_RECORD, CITIZEN_CARD, DEGREE, PRACTICE]
    assert [paper["MaKetQua"] for paper in client.found(AN, DEGREE)] == [DEGREE]
    assert client.found(CHAU, *ALL) == []
    assert client.found("000000000001", *ALL) == []


def test_two_sides_of_a_card(client):
    [card] = client.found(AN, CITIZEN_CARD)
    assert [file["TenTep"] for file in card["DanhSachTepDinhKem"]] == ["Căn cước mặt trước.jpg", "Căn cước mặt sau.jpg"]


def test_several_papers_under_one_code(client):
    found = client.found(BINH, CRIMINAL_RECORD)
    assert len({paper["SoKyHieu"] for paper in found}) == len({paper["TenGiayTo"] for paper in found}) == 2


def test_a_number_picks_one_paper(sim, client):
    for number in sim.world.numbers_of(BINH, LAND):
        assert [paper["SoKyHieu"] for paper in client.found(BINH, (LAND, number))] == [number]
    assert len(client.found(BINH, *[(LAND, number) for number in sim.world.numbers_of(BINH, LAND)])) == 2
    assert client.found(BINH, (LAND, "CH 99999")) == []
    assert client.found(DUNG, (CRIMINAL_RECORD, "555"))[0]["SoKyHieu"] == 555


def test_awkward_papers(client):
    papers = {paper["MaKetQua"]: paper for paper in client.found(DUNG, *ALL)}
    assert papers[CRIMINAL_RECORD]["SoKyHieu"] == 555
    assert papers[CRIMINAL_RECORD]["CoQuanChuQuan"] == "G22.99"
    [long] = papers[CRIMINAL_RECORD]["DanhSachTepDinhKem"]
    assert len(long["TenFile"]) == 300
    assert " " in long["DuongDan"]
    assert {"/", "\\", "\u0007"} < set(papers[CITIZEN_CARD]["DanhSachTepDinhKem"][0]["TenTep"])
    assert papers[PRACTICE]["DanhSachTepDinhKem"][0].keys() == {"DuongDan"}
    assert papers[DEGREE]["CoQuanChuQuan"] == "X99"
    assert papers[HEALTH]["DanhSachTepDinhKem"] is None


def test_the_other_procedure(client):
    assert client.found(AN, BIRTH, CITIZEN_CARD, MaThuTuc="2.000488")[0]["MaKetQua"] == CITIZEN_CARD


@pytest.mark.parametrize("value", [None, "", "  ", 1])
@pytest.mark.parametrize("name", ["MaThuTuc", "KenhThucHien", "DanhSachDanhMucKetQua"])
def test_required_fields(client, name, value):
    assert refusal(client.papers(AN, CRIMINAL_RECORD, **{name: value}))


@pytest.mark.parametrize("owner", [None, "", "  ", 1])
def test_the_owner_is_required(client, owner):
    assert "SoDinhDanhChuSoHuu" in refusal(client.papers(owner, CRIMINAL_RECORD))


@pytest.mark.parametrize("channel", ["1", "3"])
@pytest.mark.parametrize("name", ["SoDinhDanhNguoiYeuCau", "HoTenNguoiYeuCau"])
@pytest.mark.parametrize("value", [None, ""])
def test_officer_is_required_in_person(client, channel, name, value):
    assert name in refusal(client.papers(AN, CRIMINAL_RECORD, KenhThucHien=channel, **{name: value}))


@pytest.mark.parametrize("value", [None, ""])
def test_officer_is_not_required_online(client, value):
    officer = {"SoDinhDanhNguoiYeuCau": value, "HoTenNguoiYeuCau": value}
    assert client.found(AN, CRIMINAL_RECORD, KenhThucHien="2", **officer)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"KenhThucHien": "4"}, "Kênh"),
        ({"KenhThucHien": 1}, "chuỗi"),
        ({"MaThuTuc": "9.999999"}, "thủ tục"),
        ({"SoDinhDanhNguoiYeuCau": "12"}, "người yêu cầu"),
        ({"Extra": "1"}, "Extra"),
        ({"DanhSachDanhMucKetQua": []}, "để trống"),
        ({"DanhSachDanhMucKetQua": {"MaKetQua": CRIMINAL_RECORD}}, "để trống"),
        ({"DanhSachDanhMucKetQua": [CRIMINAL_RECORD]}, "không hợp lệ"),
        ({"DanhSachDanhMucKetQua": [{"MaKetQua": ""}]}, "MaKetQua"),
        ({"DanhSachDanhMucKetQua": [{"MaKetQua": CRIMINAL_RECORD, "SoKyHieu": 5}]}, "SoKyHieu"),
        ({"DanhSachDanhMucKetQua": [{"MaKetQua": CRIMINAL_RECORD, "Ten": "x"}]}, "Ten"),
    ],
)
def test_nonsense_is_refused(client, changes, words):
    assert words in refusal(client.papers(AN, CRIMINAL_RECORD, **changes))


def test_codes_must_belong_to_the_procedure(client):
    message = refusal(client.papers(AN, CRIMINAL_RECORD, BIRTH))
    assert BIRTH in message and "1.012289" in message


@pytest.mark.parametrize("number", ["", " "])
def test_codes_that_one_can_hold_several_of_need_a_number(client, number):
    assert LAND in refusal(client.papers(BINH, (LAND, number)))


def test_a_code_asked_twice_is_refused(client):
    assert "trùng" in refusal(client.papers(AN, CRIMINAL_RECORD, CRIMINAL_RECORD))


@pytest.mark.parametrize("owner", ["000000000001", "013419012", COMPANY, "0099999902-001", "0099999902001"])
def test_numbers_of_people_and_organisations(client, owner):
    client.found(owner, CRIMINAL_RECORD)


@pytest.mark.parametrize("owner", ["1", "12345678901234", "00019000001a", "000190000011 "])
def test_other_numbers_are_refused(client, owner):
    assert "định danh" in refusal(client.papers(owner, CRIMINAL_RECORD))


def test_routing_of_the_papers_call(client):
    token, body = client.token(), {}
    for params in (None, {"dstcode": PORTAL["dstcode"]}, {**PORTAL, "providerurl": "https://dichvucong.gov.vn"}):
        assert client.ask(body, token, params).status_code == 500
    only_providerurl = {"providerurl": PORTAL["providerurl"]}
    in_header = {"dstcode": PORTAL["dstcode"]}
    for params in (only_providerurl, PORTAL):
        assert client.ask(body, token, params, in_header).status_code == 200
    assert client.ask(body, token, PORTAL, {"dstcode": "VN:GOV:other"}).status_code == 500
    assert client.ask(body, token, [*PORTAL.items(), ("dstcode", PORTAL["dstcode"])]).status_code == 500


def test_unknown_paths_and_adapters(client):
    assert client.session.post(client.address("mapi/login", "OtherAdapter"), json=ACCOUNT, timeout=5).status_code == 404
    assert client.session.post(f"{client.url}/mapi/login", json=ACCOUNT, timeout=5).status_code == 404
    assert client.session.post(client.address(""), json=ACCOUNT, timeout=5).status_code == 404
    assert client.post("mapi/logout", ACCOUNT).status_code == 405


def test_raw_papers_come_as_they_are(sim, client):
    for papers in ([None, "nonsense", {"MaKetQua": "\ud800"}], None, {}, "nonsense"):
        sim.world.set_raw_papers(CHAU, papers)
        assert client.found(CHAU, DEGREE) == papers
    sim.reset()
    assert client.found(CHAU, DEGREE) == []
