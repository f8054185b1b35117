import base64

import pytest
from conftest import ROOT

from simulator.catalogue import CRIMINAL_RECORD, DEGREE
from simulator.effects import EFFECTS
from simulator.fault_words import FAULT_WORDS
from simulator.people import AN, CHAU

HA_GIANG_DSTCODE = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"
PAPER = {"code": "x", "name": "x", "number": "x", "agency": "x"}


@pytest.fixture
def control(client):
    """Return a function that calls the simulator's own interface; what it says must be fine."""

    def call(method, path, body=None, status=200):
        answer = client.session.request(method, f"{client.url}/_control/{path}", json=body, timeout=10)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def test_health(sim, client, control):
    client.token()
    sim.order("file", "empty")
    health = control("GET", "health")
    # Since the start, whatever was reset.
    assert health.pop("calls") >= health.pop("connections") >= 1
    assert health == {
        "ok": True, "agencies": 12, "people": 5, "logins": {"directory": 0, "papers": 1}, "faults": 1,
        "profile": "printed",
    }  # fmt: skip


def test_faults_over_http(client, control):
    order = {"call": "papers", "fault": "error_code", "times": None, "match": "user", "code": "7"}
    assert control("POST", "faults", order) == control("GET", "faults") == [{**order, "message": "Lỗi hệ thống"}]
    assert client.papers(AN, CRIMINAL_RECORD).json()["errorCode"] == "7"
    control("DELETE", "faults")
    assert control("GET", "faults") == []


def test_a_share_of_the_calls_suffers(client, control):
    control("POST", "faults", {"call": "papers", "fault": "error_code", "times": None, "share": 0.5})
    failed = [client.papers(AN, CRIMINAL_RECORD).json()["errorCode"] != "0" for _call in range(40)]
    assert 5 < sum(failed) < 35
    assert control("GET", "faults")[0]["share"] == 0.5
    for share in (0, 1.5, "half", True):
        assert (
            "share" in control("POST", "faults", {"call": "any", "fault": "reset", "share": share}, status=400)["error"]
        )


def test_connections_that_bring_calls_are_counted(sim, client, control):
    before = control("GET", "health")["connections"]
    for _call in range(3):
        client.papers(AN, CRIMINAL_RECORD)
    assert control("GET", "health")["connections"] - before <= 1


def test_faults_by_query(client, control):
    [order] = control("POST", "faults?call=file&fault=server_error&times=2&status=503")
    assert (order["times"], order["status"]) == (2, 503)


def test_generated_agencies_are_others_every_time(control):
    for _time in range(2):
        control("POST", "agencies/generated", {"count": 5})
    codes = [agency["code"] for agency in control("GET", "world")["agencies"]]
    assert len(set(codes)) == len(codes) == 12 + 10


def test_head_is_a_get_without_body(client):
    for path in ("/", "/_control/health"):
        answer = client.session.head(client.url + path, timeout=5)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 50


def test_the_record(client, control):
    token = client.token()
    client.papers(AN, CRIMINAL_RECORD, token=token)
    [row] = control("GET", "requests?call=papers")
    assert row["number"] > 0 and row["time"] > 1e9
    assert (row["call"], row["method"], row["status"]) == ("papers", "POST", 200)
    assert row["path"] == "/XrdAdapter/RestService/forward/bndp/public/v1/user/papers"
    assert row["query"]["providerurl"] == "https://apigiaytocanhan.dichvucong.gov.vn"
    assert row["headers"]["authorization"] == token
    assert row["headers"]["content-type"] == "application/json"
    assert row["body"]["SoDinhDanhChuSoHuu"] == AN
    assert [row["call"] for row in control("GET", "requests")] == ["login", "papers"]
    control("DELETE", "requests")
    assert control("GET", "requests") == []


def test_what_got_no_answer_is_on_the_record_too(sim, client, control):
    sim.order("login", "reset")
    with pytest.raises(OSError):
        client.directory_login()
    [row] = control("GET", "requests")
    assert (row["call"], row["status"]) == ("login", None)


def test_agencies_over_http(sim, control):
    second = {"code": "000.00.00.H22", "name": "Hà Giang 2", "dstcode": "VN:2", "providerurl": "https://x.vn/"}
    control("POST", "agencies", second)
    control("PUT", "agencies", {"code": "000.00.00.G15", "name": "Tư pháp"})
    control("DELETE", "agencies?code=000.00.00.G18")
    control("POST", "agencies/generated", {"count": 10})
    agencies = control("GET", "world")["agencies"]
    assert len(agencies) == 12 + 1 - 1 + 10
    assert sim.world.serves("VN:2", "https://x.vn")
    assert "Tư pháp" in [agency["name"] for agency in agencies]
    control("POST", "reset")
    assert control("GET", "health")["agencies"] == 12


def test_people_over_http(client, control):
    link = "https://dichvucong.hagiang.gov.vn/new.pdf"
    paper = {"code": DEGREE, "name": "Bằng", "number": "1", "agency": "H22", "files": [{"name": "a.pdf", "link": link}]}
    empty = {**paper, "number": "2", "files": None}
    control("POST", "people", {"id_number": "000000000123", "name": "Người mới", "papers": [paper, empty]})
    found = client.found("000000000123", DEGREE)
    assert [paper["DanhSachTepDinhKem"] for paper in found] == [[{"TenFile": "a.pdf", "DuongDan": link}], None]
    answer = client.file("https://dichvucong.hagiang.gov.vn", "new.pdf", HA_GIANG_DSTCODE)
    assert answer.content.startswith(b"%PDF-")
    control("PUT", "papers", {"id_number": CHAU, "papers": [None]})
    assert client.found(CHAU, DEGREE) == [None]
    control("POST", "people/bulk", {"id_number": "000000000124", "files": 4, "size": 1000, "agencies": 2})
    assert len(client.found("000000000124", CRIMINAL_RECORD, DEGREE)) == 2


def test_content_of_a_file_over_http(client, control):
    link = "https://dichvucong.hagiang.gov.vn/download/1023.pdf"
    control("PUT", "files", {"link": link, "content": base64.b64encode(b"%PDF-given").decode()})
    answer = client.file("https://dichvucong.hagiang.gov.vn", "download/1023.pdf", HA_GIANG_DSTCODE)
    assert answer.content == b"%PDF-given"


def test_tokens_expire_over_http(client, control):
    token = client.token()
    control("POST", "expire")
    assert client.papers(AN, CRIMINAL_RECORD, token=token).status_code == 401


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "faults", {"call": "papers", "fault": "explode"}),
        ("POST", "faults", {}),
        ("POST", "faults", []),
        ("POST", "agencies", {"code": "1"}),
        ("POST", "agencies/generated", {"count": "many"}),
        ("PUT", "agencies", {"code": "none", "name": "x"}),
        ("PUT", "agencies", {"code": "000.00.00.G15", "colour": "x"}),
        ("DELETE", "agencies?code=none", None),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [{"code": "x"}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [
            {"code": "x", "name": "x", "number": "x", "agency": "x", "files": [{"name": "x", "link": "x"}]}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [
            {"code": "x", "name": "x", "number": "x", "agency": "x", "files": [
                {"name": "x", "link": "http://x/x", "kind": "gif"}]}]}),
        ("GET", "health?x=1", None),
        ("GET", "requests?call=files", None),
        ("POST", "faults", {"call": "file", "fault": "empty", "match": 5}),
        ("POST", "faults", {"call": "file", "fault": "empty", "simulator": 1}),
        ("POST", "agencies", {"code": "1", "name": "x", "dstcode": "x", "providerurl": 5}),
        ("POST", "agencies", {"code": ["1"], "name": "x", "dstcode": "x"}),
        ("PUT", "agencies", {"code": "000.00.00.G15", "name": {}}),
        ("POST", "agencies/generated", {"count": 10**9}),
        ("POST", "agencies/generated", {"count": -1}),
        ("POST", "people", {"id_number": "1", "name": ["x"]}),
        ("POST", "people", {"id_number": {}, "name": "x"}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": 5}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": ["x"]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [{**PAPER, "code": ["x"]}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [{**PAPER, "files": 5}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [{**PAPER, "files": ["x"]}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [
            {**PAPER, "files": [{"name": 5, "link": "http://x/x"}]}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [
            {**PAPER, "files": [{"name": "x", "link": "http://x/RestService/forward/x"}]}]}),
        ("POST", "people", {"id_number": "1", "name": "x", "papers": [
            {**PAPER, "files": [{"name": "x", "link": "http://[x/x"}]}]}),
        ("POST", "people/bulk", {"id_number": "1", "codes": 5}),
        ("POST", "people/bulk", {"id_number": "1", "size": 2**40}),
        ("POST", "people/bulk", {"id_number": "1", "codes": ["x", 5]}),
        ("POST", "people/bulk", {"id_number": "1", "files": "4"}),
        ("PUT", "papers", {"id_number": ["1"], "papers": []}),
        ("PUT", "files", {"link": "https://x.vn/none.pdf", "content": ""}),
        ("PUT", "files", {"link": "https://dichvucong.hagiang.gov.vn/download/1023.pdf", "content": "no base64!"}),
        ("PUT", "files", {"link": 5, "content": ""}),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(sim, control, method, path, body):
    before = sim.world.as_json()
    error = control(method, path, body, status=400)["error"]
    assert " " in error and "Error" not in error
    assert sim.world.as_json() == before


def test_unknown_control(client):
    assert client.session.get(f"{client.url}/_control/none", timeout=5).status_code == 404
    assert client.session.post(f"{client.url}/_control/health", timeout=5).status_code == 404


def test_the_page_for_people(sim, client):
    sim.order("papers", "error_code", message="<b>đậm</b>")
    page = client.session.get(client.url, timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    shown = (
        "Nguyễn Thị An", "000392000033", "1023/STP-LLTP", "KQ.G15.000007", "UBND tỉnh Hà Giang", "1.012289", "h46-demo",
        "&lt;b&gt;", "không có máy chủ", f"curl -X POST {sim.url}/_control/faults", *EFFECTS,
    )  # fmt: skip
    for words in shown:
        assert words in page.text
    assert "<b>" not in page.text
    # A name that turns the line around would show another name than there is.
    assert "\u202e" not in page.text and r"\u202e" in page.text
    assert not sim.requests()


def test_links_of_the_page_work(client):
    links = [part.partition('"')[0] for part in client.session.get(client.url, timeout=5).text.split('href="')[1:]]
    assert len(links) > 15
    for link in links:
        answer = client.session.get(client.url + link.replace("&amp;", "&"), timeout=5)
        assert answer.status_code == 200, link


def test_the_example_of_the_page_works(sim, client):
    page = client.session.get(client.url, timeout=5).text
    order = page.partition("-d '")[2].partition("'</code>")[0]
    client.session.post(f"{client.url}/_control/faults", data=order, timeout=5).raise_for_status()
    assert sim.faults.standing() == [
        {"call": "file", "fault": "server_error", "times": 2, "match": "download", "status": 500, "retry_after": 0}
    ]


def test_every_fault_is_in_the_words_of_people():
    notes = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert FAULT_WORDS.keys() == EFFECTS.keys()
    for name, effect in EFFECTS.items():
        [row] = [line for line in notes.splitlines() if line.startswith(f"| `{name}` ")]
        assert all(f"`{parameter}`" in row for parameter in effect.defaults), row
