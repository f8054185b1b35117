import json

import pytest

from simulator.national_catalogue import NationalCatalogue


def control(client, method, path, **body):
    return client.session.request(method, f"{client.url}/_control/{path}", json=body, timeout=10)


def ask(client, service, **extra):
    answer = client.directory(service=service, **extra)
    assert answer.status_code == 200
    return answer.json()


def test_two_thousand_procedures_with_ten_thousand_documents():
    rows = NationalCatalogue().answer("LayDanhSachTTHC", {"madonvi": "H46"})
    assert len(rows) == len({row["MATTHC"] for row in rows}) == 2008
    assert sum(len(group["GIAYTO"]) for row in rows for group in row["THANHPHANHOSO"]) > 10_000


def test_the_list_and_its_parts(client, sim):
    control(client, "POST", "catalogue", count=3, with_parts=False)
    rows = ask(client, "LayDanhSachTTHC")["result"]
    assert [set(row) for row in rows] == [{"MATTHC", "TENTTHC", "TRANGTHAI"}] * 11
    found = ask(client, "LayThuTuc", maTTHC=rows[-1]["MATTHC"])["result"]
    assert found["THANHPHANHOSO"][0]["GIAYTO"][0]["TENGIAYTO"].startswith("Đơn đề nghị")
    assert ask(client, "LayThuTuc", maTTHC="9")["error_code"] == 6
    assert ask(client, "LayDanhSachTTHC", trang=1)["error_code"] == 6
    assert len(ask(client, "LayDanhMucLinhVuc")["result"]) == 20
    assert {row["CAPDONVI"] for row in ask(client, "LayDanhMucCoQuan")["result"]} == {"Cấp tỉnh", "Cấp huyện", "Cấp xã"}
    assert len(sim.requests("catalogue")) == 6


def test_procedures_come_and_go(client, sim):
    control(client, "PUT", "catalogue/procedures", row={"MATTHC": "7", "TENTTHC": "Mới"})
    assert ask(client, "LayThuTuc", maTTHC="7")["result"]["TENTTHC"] == "Mới"
    control(client, "DELETE", "catalogue/procedures", code="7")
    assert control(client, "DELETE", "catalogue/procedures", code="7").status_code == 400
    sim.reset()
    assert len(ask(client, "LayDanhSachTTHC")["result"]) == 2008


@pytest.mark.parametrize("arguments", [{"count": -1}, {"count": "x"}, {"count": 10**9}])
def test_nonsense_is_refused(client, arguments):
    assert control(client, "POST", "catalogue", **arguments).status_code == 400


def test_a_row_needs_a_code(client):
    assert control(client, "PUT", "catalogue/procedures", row={"TENTTHC": "x"}).status_code == 400
    assert control(client, "PUT", "catalogue/procedures", row=[]).status_code == 400


def test_the_made_catalogue_is_always_the_same():
    first, second = (NationalCatalogue(20).answer("LayDanhSachTTHC", {"madonvi": "H46"}) for _time in range(2))
    assert json.dumps(first) == json.dumps(second)
