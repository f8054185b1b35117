import hashlib
import io
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ROOT
from PIL import Image

from simulator import documents
from simulator.catalogue import DEGREE, PRACTICE
from simulator.people import AN

HA_GIANG = "https://dichvucong.hagiang.gov.vn"
HA_GIANG_DSTCODE = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"
EDUCATION = "https://vanbang.moet.gov.vn:8443"
EDUCATION_DSTCODE = "VN:GOV:000.00.00.G03:g03ss01"


def test_plain_link_by_way_of_the_owners_server(client):
    answer = client.file(HA_GIANG, "download/1023.pdf", HA_GIANG_DSTCODE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-") and answer.content.rstrip().endswith(b"%%EOF")
    assert client.file(HA_GIANG, "download/1023.pdf", HA_GIANG_DSTCODE, "XrdAdapter").content == answer.content


def test_link_with_a_query_of_its_own(client):
    found = client.file(EDUCATION, "document", EDUCATION_DSTCODE, query="id=7&t=9")
    assert found.status_code == 200
    for query in ("", "id=7", "id=7&t=8", "id=7&t=9&x=1"):
        assert client.file(EDUCATION, "document", EDUCATION_DSTCODE, query=query).status_code == 404


def test_a_file_without_a_query_does_not_mind_one(client):
    assert client.file(HA_GIANG, "download/1023.pdf", HA_GIANG_DSTCODE, query="n=1").status_code == 200


def test_composed_link_needs_another_host_only(sim, client):
    parts = urlsplit(sim.world.link_of(AN, PRACTICE))
    assert parts.netloc == "IP-SS-BNĐP:8080"
    answer = client.session.get(f"{client.url}{parts.path}?{parts.query}", timeout=5)
    assert answer.content.startswith(b"%PDF-")
    assert parse_qs(parts.query).keys() == {"dstcode", "providerurl"}


@pytest.mark.parametrize("path", ["//phieu//2051.pdf", "phieu/2051.pdf"])
def test_several_slashes_count_as_one(client, path):
    assert client.file("https://lltp.moj.gov.vn", path, "VN:GOV:000.00.00.G15:g15ss01").status_code == 200


@pytest.mark.parametrize(
    "path", ["Phi%E1%BA%BFu%20l%C3%BD%20l%E1%BB%8Bch/s%E1%BB%91%201.pdf", "Phiếu lý lịch/số 1.pdf"]
)
def test_vietnamese_names_in_links(client, path):
    dstcode = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
    assert client.file("https://luutru.vpcp.gov.vn", path, dstcode).status_code == 200


def test_all_links_of_the_world_lead_to_files(sim, client):
    for id_number in sim.world.people:
        for paper in sim.world.papers_of(id_number):
            for file in paper.files or ():
                parts = urlsplit(file.link)
                base = f"{parts.scheme}://{parts.netloc}"
                dstcode = sim.world.dstcode_of(base)
                if "RestService" in parts.path or paper.agency == "X99":
                    continue
                answer = client.file(base, parts.path.lstrip("/"), dstcode, query=parts.query)
                assert answer.status_code == 200, file.link


def test_two_sides_are_two_pictures(client):
    sides = [
        client.file("https://giayto.bocongan.gov.vn", f"the/0011/{side}.jpg", "VN:COM:0108212803:DVCTYBXDNTL")
        for side in ("truoc", "sau")
    ]
    assert {answer.headers["Content-Type"] for answer in sides} == {"image/jpeg"}
    assert len({hashlib.sha256(answer.content).digest() for answer in sides}) == 2
    for answer in sides:
        Image.open(io.BytesIO(answer.content)).verify()


@pytest.mark.parametrize(
    "providerurl, dstcode",
    [
        (HA_GIANG, ""),
        (HA_GIANG, "VN:GOV:unknown"),
        (HA_GIANG, EDUCATION_DSTCODE),
        ("https://elsewhere.gov.vn", HA_GIANG_DSTCODE),
        ("http://dichvucong.hagiang.gov.vn", HA_GIANG_DSTCODE),
        ("https://vanbang.moet.gov.vn", EDUCATION_DSTCODE),
        ("", HA_GIANG_DSTCODE),
    ],
)
def test_a_system_must_sit_behind_the_dstcode(client, providerurl, dstcode):
    answer = client.file(providerurl, "download/1023.pdf", dstcode)
    assert answer.status_code == 500
    assert answer.json().keys() == {"type", "message", "detail"}
    assert answer.headers["X-Road-Error"] == answer.json()["type"]


def test_dstcode_in_the_header(client):
    url = client.address("download/1023.pdf", "VXPAdapter")
    headers = {"dstcode": HA_GIANG_DSTCODE}
    assert client.session.get(url, params={"providerurl": HA_GIANG}, headers=headers, timeout=5).status_code == 200


def test_what_is_not_there_or_climbs(client):
    answer = client.file(HA_GIANG, "download/none.pdf", HA_GIANG_DSTCODE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert client.file(HA_GIANG, "download/%2e%2e/x.pdf", HA_GIANG_DSTCODE).status_code == 400


def test_methods_of_a_file(client):
    url = client.address("download/1023.pdf", "VXPAdapter")
    params = {"dstcode": HA_GIANG_DSTCODE, "providerurl": HA_GIANG}
    assert client.session.post(url, params=params, timeout=5).status_code == 405
    head = client.session.head(url, params=params, timeout=5)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 1000


def test_a_vanished_agency_serves_no_more(sim, client):
    sim.world.remove_agency("000.00.00.H22")
    assert client.file(HA_GIANG, "download/1023.pdf", HA_GIANG_DSTCODE).status_code == 500


def test_bulk_person(sim, client):
    sim.world.add_bulk_person("000000000099", files=20, size=100_000, agencies=5)
    sim.world.add_bulk_person("000000000098", files=3, size=10, agencies=5)
    papers = sim.world.papers_of("000000000099")
    links = [file.link for paper in papers for file in paper.files]
    assert (len(papers), len(links)) == (5, 20)
    assert len({paper.code for paper in papers}) == len({paper.agency for paper in papers}) == 5
    assert len([agency for agency in sim.world.agencies if ".B" in agency.code]) == 5
    contents = set()
    for link in links:
        parts = urlsplit(link)
        base = f"https://{parts.netloc}"
        contents.add(client.file(base, parts.path[1:], sim.world.dstcode_of(base)).content)
    assert len(contents) == 20
    for content in contents:
        assert len(content) == 100_000
        assert content.startswith(b"%PDF-") and content.endswith(b"%%EOF\n")


def test_bulk_person_of_one_code(sim):
    sim.world.add_bulk_person("000000000099", files=6, size=10, agencies=3, codes=(DEGREE,))
    assert {paper.code for paper in sim.world.papers_of("000000000099")} == {DEGREE}


def test_the_same_paper_has_the_same_bytes_in_every_process():
    words = ("Phiếu", "Số: 1")
    script = (
        "import hashlib; from simulator import documents;"
        f"print([hashlib.sha256(make(*{words!r})).hexdigest() for make in (documents.pdf, documents.jpeg)])"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    here = [hashlib.sha256(make(*words)).hexdigest() for make in (documents.pdf, documents.jpeg)]
    assert elsewhere.stdout.strip() == str(here)
    assert documents.pdf("Phiếu", "Số: 2") != documents.pdf(*words)


def test_documents_without_the_font(monkeypatch):
    monkeypatch.setattr(documents, "_font_path", lambda: None)
    for cached in (documents._pdf, documents._jpeg, documents._pdf_font):
        cached.cache_clear()
    try:
        assert documents.pdf("Giấy không có phông chữ").startswith(b"%PDF-")
        assert documents.jpeg("Thẻ không có phông chữ").startswith(b"\xff\xd8\xff")
    finally:
        for cached in (documents._pdf, documents._jpeg, documents._pdf_font):
            cached.cache_clear()
