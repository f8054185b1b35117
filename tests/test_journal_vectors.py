from collections import defaultdict
from datetime import datetime

from odoo.tests import TransactionCase, tagged

from ..models.journal.journal_seals import digest_of, is_payload_sound, seal_of

MOMENT = datetime(2026, 1, 2, 3, 4, 5)
SALT = "5a17" * 8
# Digests and seals as the code of 19.0.1.3.1 made them, by records: {journal: (facts, digest, seal)}.
SEALED = {
    "kho.dl.query": (
        {
            "asked_on": MOMENT,
            "user_id": 2,
            "case_id": 3,
            "procedure_id": 4,
            "procedure_code": "1.012289",
            "officer_id": 5,
            "channel": "1",
            "consent_given": True,
            "consent_user_id": 2,
            "consent_on": MOMENT,
            "outcome": "found",
            "paper_count": 2,
            "duration": 1.25,
            "closed_on": MOMENT,
            "company_id": 1,
            "owner_id_number": "000190000011",
            "officer_id_number": "000188000077",
            "officer_name": "Hoà",
            "codes": "KQ.G15.000007",
            "asked": {"b": ["KQ.G15.000007", ""], "a": 1},
            "answer": [{"tên": "Phiếu lý lịch", "n": 1}],
        },
        "0f4d96e2f51be60f22ec7ea3926ab9c0a16ed9669c50c16b7799ee30203ac081",
        "b2b3fa0f0a04627e63c62cb8703ff69fdf74e748e03d02c45865260cbd00a4b9",
    ),
    "kho.dl.retrieval": (
        {
            "case_document_id": 3,
            "query_id": 7,
            "user_id": 2,
            "requested_on": MOMENT,
            "result_code_id": 4,
            "agency_code": "H46",
            "agency_name": "Sở Tư pháp",
            "link_key": "k",
            "provider_host": "a.example",
            "server_id": 6,
            "state": "attached",
            "tries": 1,
            "started_on": MOMENT,
            "closed_on": MOMENT,
            "error_kind": "x",
            "size": 1234,
            "sha256": "b" * 64,
            "company_id": 1,
            "link": "https://a.example/x",
            "paper_name": "Phiếu",
            "paper_number": "7",
            "file_name": "a.pdf",
        },
        "fe44088f987740e14325a6dbcf72ed1e332b8b3f7dcd13198b5582625c92ead6",
        "a8420f3381068742308a14abf9ac23a7c7e0d30829d0c739419b00a0bef5cb5f",
    ),
    "kho.dl.serving": (
        {
            "served_on": MOMENT,
            "paper_file_id": 3,
            "paper_file_name": "a.pdf",
            "sha256": "b" * 64,
            "caller": "H46",
            "address": "192.0.2.1",
            "method": "GET",
            "status": 200,
            "size": 1234,
            "closed_on": MOMENT,
            "company_id": 1,
        },
        "b468b1545fd71a64a904081772d9419e38bd9dfcd06eccdbd596b7472de6769e",
        "5f928adce12affa0fc10bd1f97bda96ccb29f1bb878ad600d23ea295ace4c8b6",
    ),
}


@tagged("-at_install", "post_install")
class TestVectors(TransactionCase):
    def test_what_an_earlier_version_sealed_is_whole(self):
        for name, (facts, digest, seal) in SEALED.items():
            journal = self.env[name]
            row = defaultdict(lambda: None, facts)
            row |= {
                "id": 7,
                "chain_position": 42,
                "chain_previous": "a" * 64,
                "payload_digest": digest,
                "payload_salt": SALT,
            }
            with self.subTest(journal=name):
                self.assertEqual(digest_of(journal, row, SALT), digest)
                self.assertEqual(seal_of(journal, row), seal)
                self.assertTrue(is_payload_sound(journal, row))
