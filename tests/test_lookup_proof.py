import base64
import contextlib
import io
import json
import os
import tempfile
import zipfile

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import AN, CRIMINAL_RECORD, KhoDLCase, KhoDLFixtures, new_test_user


def unpacked(pack):
    """Return {name: text} of the zip `pack`."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


class TestProof(KhoDLCase):
    users = {
        "administrator": {"login": "prover", "groups": "kho_dl.group_administrator"},
        "auditor": {"login": "proof_auditor", "groups": "kho_dl.group_auditor"},
    }

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        wizard = self.attach_all(self.case)
        self.query = wizard.query_id.sudo(False)

    def test_a_question_is_called_by_its_procedure_for_auditors_too(self):
        query = self.query.with_user(self.auditor)
        query.invalidate_recordset(["display_name"])
        self.assertEqual(query.display_name, self.case.procedure_id.display_name)
        self.assertIn(self.case.procedure_id.name, query.display_name)

    def test_the_pack_tells_who_when_why_and_what_came(self):
        parts = unpacked(self.case.with_user(self.administrator)._proof_pack())
        [request] = json.loads(parts["request.json"])
        self.assertEqual((request["owner_id_number"], request["user_id"][1]), (AN, "Hoa"))
        self.assertTrue(request["consent_given"] and request["consent_on"])
        [answer] = json.loads(parts["answer.json"])
        self.assertEqual(answer["outcome"], "found")
        files = {entry["sha256"] for entry in json.loads(parts["files.json"])}
        self.assertEqual(files, set(self.retrievals(self.case).mapped("sha256")))
        chain = json.loads(parts["chain.json"])
        self.assertEqual(len(chain["rows"]), 1 + len(self.retrievals(self.case)))
        self.assertEqual([verdict["fault"] for verdict in chain["verified"].values()], [""])

    def test_one_page_tells_it_to_a_person(self):
        self.case.owner_id.sudo().name = "An <b>"
        self.case.withdraw_consent("Brings it in person")
        case = self.case.with_user(self.administrator)
        parts = unpacked(case._proof_pack())
        [withdrawn] = json.loads(parts["withdrawals.json"])
        self.assertEqual(withdrawn["reason"], "Brings it in person")
        page = parts["story.html"]
        # For who has it read aloud.
        self.assertIn('<html lang="en-US">', page)
        row = self.retrievals(self.case)[0]
        told = ["Hoa", "An &lt;b&gt;", AN, "Consent confirmed by", "Found", row.sha256, row.chain_hash, "in person"]
        places = [page.find(words) for words in told]
        self.assertEqual(sorted(places), places)
        self.assertGreater(places[0], 0)
        self.assertNotIn("<b>", page)
        query_page = unpacked(self.query.with_user(self.auditor)._proof_pack())["story.html"]
        self.assertNotIn("in person", query_page)
        self.assertIn(row.sha256, query_page)

    def test_each_name_and_code_of_the_pack_is_said_in_words(self):
        case = self.case.with_user(self.administrator)
        case.with_context(kho_dl_reason="Shown at the counter").state = "9"
        parts = unpacked(case._proof_pack())
        words = parts["words.txt"]
        for name in ("request.json", "answer.json", "files.json", "decisions.json", "steps.json", "withdrawals.json"):
            section = words.partition(f"{name}\n")[2].partition(".json\n")[0]
            for field in {field for row in json.loads(parts[name]) for field in row} - {"id"}:
                self.assertIn(f"  {field}: ", section, name)
        self.assertIn("9 = Processed", words)
        self.assertIn("handed_over = ", words)
        # Each file of the pack is said in its readme.
        for name in parts.keys() - {"README.txt"}:
            self.assertEqual(parts["README.txt"].count(f"\n{name} "), 2, name)

    def test_the_readme_checks_the_seals(self):
        parts = unpacked(self.query.with_user(self.auditor)._proof_pack())
        code = parts["README.txt"][parts["README.txt"].index("import hashlib") :]
        self.assertNotIn("BROKEN", self.run_in_folder(code, parts["chain.json"]))
        forged = parts["chain.json"].replace(AN, "000190000099")
        self.assertNotEqual(forged, parts["chain.json"])
        self.assertIn("BROKEN", self.run_in_folder(code, forged))

    def run_in_folder(self, code, chain):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            with open("chain.json", "w", encoding="utf-8") as file:
                file.write(chain)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, {})
            self.assertEqual(os.listdir("."), ["chain.json"])
        self.assertIn("kho.dl.query", printed.getvalue())
        return printed.getvalue()

    def test_one_file_has_its_own_pack(self):
        row = self.retrievals(self.case)[0]
        parts = unpacked(row.with_user(self.auditor)._proof_pack())
        [entry] = json.loads(parts["files.json"])
        self.assertEqual((entry["sha256"], bool(entry["link"])), (row.sha256, True))

    def test_clerks_make_no_packs(self):
        for record in (self.case, self.query, self.retrievals(self.case)[0]):
            for method in ("action_proof_pack", "_proof_pack"):
                with self.assertRaises(AccessError):
                    getattr(record.with_user(self.clerk), method)()
        with self.assertRaises(AccessError):
            self.case.with_user(self.auditor)._proof_pack()
        action = self.query.with_user(self.auditor).action_proof_pack()
        self.assertEqual(action["url"], f"/kho_dl/proof/kho.dl.query/{self.query.id}")

    def test_a_pack_is_called_by_what_people_know(self):
        number = self.case.name
        self.assertEqual(self.case.with_user(self.administrator)._proof_name(), f"proof-{number}.zip")
        row = self.retrievals(self.case)[0]
        row._write_below_the_guard({"paper_name": f"Phiếu lý lịch tư pháp/{AN} (Nguyễn Thị An)"})
        name = row.with_user(self.auditor)._proof_name()
        self.assertEqual(name, f"proof-{number}-phieu-ly-lich-tu-phap-nguyen-thi-an-{row.id}.zip")
        row._write_below_the_guard({"paper_name": False})
        self.assertEqual(row._proof_name(), f"proof-{number}-{row.id}.zip")
        name = self.query.with_user(self.auditor)._proof_name()
        self.assertRegex(name, rf"^proof-{number}-[a-z-]+-{self.query.id}\.zip$")
        self.case.name = "Số 12/2026 “Đ”"
        self.assertRegex(self.case._proof_name(), r"^proof-[A-Za-z0-9.-]*12-2026[A-Za-z0-9.-]*\.zip$")
        self.case.name = "Đ 1/" * 100
        row.sudo()._write_below_the_guard({"paper_name": "dài " * 200})
        for record in (self.case, row):
            self.assertLess(len(record._proof_name()), 150)
            self.assertRegex(record._proof_name(), r"^proof(-[A-Za-z0-9.]+)+\.zip$")
        self.case.name = "/"
        self.assertEqual(self.case._proof_name(), f"proof-{self.case.id}.zip")

    def compare(self, content):
        wizard = (
            self.env["kho.dl.compare.file"]
            .with_user(self.clerk)
            .create({"case_id": self.case.id, "file": base64.b64encode(content)})
        )
        wizard.action_compare()
        self.assertFalse(wizard.file)
        return wizard

    def test_a_fetched_file_is_recognised(self):
        document = self.document(self.case, CRIMINAL_RECORD)
        content = document.attachment_ids.raw
        compared = self.compare(content)
        self.assertEqual((compared.outcome, compared.retrieval_id.case_document_id), ("same", document))
        self.assertIn(document.name, compared.message)
        other = self.compare(content + b" ")
        self.assertEqual((other.outcome, other.retrieval_id.id), ("other", False))

    def test_a_file_that_was_handed_in_is_recognised(self):
        content = b"%PDF-1.4 handed in %%EOF"
        attachment = self.env["ir.attachment"].with_user(self.clerk).create({"name": "a.pdf", "raw": content})
        self.case.document_ids[0].attachment_ids = attachment
        compared = self.compare(content)
        self.assertEqual((compared.outcome, compared.retrieval_id.id), ("same", False))

    def test_comparing_needs_a_file_and_a_case_of_ones_own(self):
        wizard = self.env["kho.dl.compare.file"].with_user(self.clerk).create({"case_id": self.case.id})
        with self.assertRaises(UserError):
            wizard.action_compare()
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="kho_dl.group_clerk",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            self.env["kho.dl.compare.file"].with_user(stranger).create(
                {"case_id": self.case.id, "file": base64.b64encode(b"x")}
            ).action_compare()


@tagged("-at_install", "post_install")
class TestProofDownload(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        # A database made for Vietnam may have Vietnamese alone.
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        case = self.make_case(AN)
        self.query = self.env["kho.dl.query"].create(
            {
                "user_id": self.clerk.id,
                "case_id": case.id,
                "procedure_id": self.procedure.id,
                "procedure_code": self.procedure.code,
                "owner_id": case.owner_id.id,
                "owner_id_number": AN,
                "channel": "1",
                "codes": CRIMINAL_RECORD,
                "outcome": "none",
                "closed_on": fields.Datetime.now(),
                "company_id": self.company.id,
            }
        )
        new_test_user(self.env, "proof_auditor", groups="kho_dl.group_auditor", lang="en_US")

    def download(self, login, path):
        self.authenticate(login, login)
        return self.url_open(f"/kho_dl/proof/{path}")

    def test_auditors_download_the_pack_and_others_learn_nothing(self):
        path = f"kho.dl.query/{self.query.id}"
        answer = self.download("proof_auditor", path)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/zip"))
        self.assertIn(AN, unpacked(answer.content)["request.json"])
        self.assertRegex(answer.headers["Content-Disposition"], rf"''proof-[A-Za-z0-9.-]+-{self.query.id}\.zip$")
        self.assertEqual(self.download("kho_clerk", path).status_code, 404)
        for path in ("kho.dl.query/999999999", "res.users/2", f"kho.dl.case/{self.query.case_id.id}"):
            self.assertEqual(self.download("proof_auditor", path).status_code, 404, path)
