import io
from datetime import datetime, timezone

from conftest import ROOT
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader

from simulator.authority import NAME, ROOT_FILE, root, signed
from simulator.catalogue import CRIMINAL_RECORD
from simulator.documents import pdf
from simulator.people import AN


def test_the_certificate_that_is_handed_out_fits_every_run():
    kept = x509.load_pem_x509_certificate(ROOT_FILE.read_bytes())
    assert kept.public_key() == root().public_key()
    assert kept.not_valid_after_utc > datetime(2040, 1, 1, tzinfo=timezone.utc)
    assert ROOT_FILE.is_relative_to(ROOT / "simulator")


def test_a_paper_is_signed_once():
    content = pdf("Phiếu", "Số: 1")
    assert signed(content, "Sở Tư pháp") is signed(content, "Sở Tư pháp")
    [signature] = PdfFileReader(io.BytesIO(signed(content, "Sở Tư pháp"))).embedded_signatures
    assert signature.signer_cert.subject.native["common_name"] == "Sở Tư pháp"
    assert signature.signer_cert.issuer.native["common_name"] == NAME


def test_the_office_that_keeps_a_paper_has_signed_it(sim, client):
    link = sim.world.link_of(AN, CRIMINAL_RECORD)
    office, _slash, path = link.rpartition("/download/")
    answer = client.file(office, f"download/{path}", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
    [signature] = PdfFileReader(io.BytesIO(answer.content)).embedded_signatures
    assert "Hà Giang" in signature.signer_cert.subject.native["common_name"]
