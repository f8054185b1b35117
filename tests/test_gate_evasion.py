import base64
import io
import time
import zipfile

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ByteStringObject, DictionaryObject, NameObject

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..inspection import sandbox
from .clamd import Clamd
from .common import AN, BINH, CRIMINAL_RECORD, DEGREE, new_test_user
from .inspection.authority import pdf
from .test_gate import GateCase


def titled(title):
    """Return a PDF whose title is the bytes `title`, whatever they mean."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer._info = writer._add_object(DictionaryObject({NameObject("/Title"): ByteStringObject(title)}))
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


class TestGateEvasion(GateCase):
    """Ways past the gate, each of which stood open once."""

    def setUp(self):
        super().setUp()
        self.trust(self.authority.root)

    def broken(self):
        return self.authority.sign(pdf("Amount: 1")).replace(b"/Title", b"/Titel", 1)

    def selected(self, case):
        """Return the waiting rows of the best paper of a case, of which nothing has been fetched yet."""
        wizard = self.make_wizard(case)
        wizard.action_search()
        line = self.line(wizard, CRIMINAL_RECORD)[:1]
        servers = self.env["kho.dl.security.server"]._server_resolver()
        return self.env["kho.dl.retrieval"]._enqueue(line.candidate_id._prepare_retrievals(servers))

    def test_characters_that_no_database_keeps_harm_no_other_file(self):
        self.give(titled(b"\x00N\x00a\x00m\x00e\xff"))
        wizard = self.attach(CRIMINAL_RECORD, DEGREE)
        self.assertEqual(set(self.retrievals(wizard.case_id).mapped("state")), {"done"})

    def test_a_paper_for_another_person_than_the_case_is_about_now(self):
        case = self.make_case(AN)
        row = self.selected(case)
        case.owner_id_number = BINH
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.error_kind), ("failed", "case_changed"))
        self.assertIn("has changed", row.error)
        self.assertFalse(self.document(case, CRIMINAL_RECORD).attachment_ids)

    def test_a_paper_for_a_case_that_was_withdrawn(self):
        case = self.make_case(AN)
        row = self.selected(case)
        case.state = "7"
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.error_kind), ("failed", "case_changed"))

    def test_no_context_brings_back_a_root_that_is_trusted_no_more(self):
        self.env["kho.dl.trust.certificate"].search([]).active = False
        self.give(self.authority.sign(pdf()))
        wizard = self.make_wizard(self.make_case(AN)).with_context(active_test=False)
        wizard.action_search()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        wizard.action_attach()
        self.assertEqual(self.row(wizard).signature_state, "unknown_signer")
        check = self.document(wizard.case_id, CRIMINAL_RECORD).check_ids
        check.with_user(self.clerk).with_context(active_test=False).action_check_again()
        self.assertEqual(check.signature_state, "unknown_signer")

    def upload(self, content, **values):
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        document.attachment_ids = [Command.create({"name": "paper.pdf", "raw": content, **values})]
        return document

    def test_no_context_hides_the_content_from_a_new_look(self):
        document = self.upload(self.broken())
        self.assertEqual(document.check_ids.signature_state, "broken")
        document.check_ids.with_context(bin_size=True).action_check_again()
        self.assertEqual(document.check_ids.signature_state, "broken")

    def test_a_badge_does_not_outlive_its_content(self):
        document = self.upload(self.authority.sign(pdf()))
        self.assertEqual(document.check_ids.signature_state, "valid")
        document.attachment_ids.sudo().write({"raw": self.broken()})
        self.assertEqual(document.check_ids.signature_state, "broken")

    def test_a_file_uploaded_by_the_route_of_the_form_is_checked(self):
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        file = (
            self.env["ir.attachment"]
            .with_user(self.clerk)
            .create({"name": "a.pdf", "raw": self.broken(), "res_model": document._name, "res_id": document.id})
        )
        document.attachment_ids = [Command.link(file.id)]
        self.assertEqual(document.check_ids.signature_state, "broken")
        document.attachment_ids = [Command.create({"name": "b.pdf", "raw": pdf()})]
        self.assertEqual(len(document.check_ids), 2)

    def test_a_reason_covers_only_what_the_clerk_was_told(self):
        own = sandbox.Sandbox(sandbox.Limits(seconds=0.0001))
        self.addCleanup(own.close)
        self.patch(sandbox, "_sandbox", own)
        self.give(self.broken())
        wizard = self.attach()
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertIn("too much to look through", line.message)
        roomy = sandbox.Sandbox()
        self.addCleanup(roomy.close)
        self.patch(sandbox, "_sandbox", roomy)
        line.reason = "The server was busy"
        wizard.action_attach()
        self.assertEqual((line.status, line.needs_reason), ("failed", True))
        self.assertIn("broken", line.message)
        wizard.action_attach()
        self.assertEqual(line.status, "attached")

    def test_one_file_that_takes_the_scanner_long_keeps_it_from_no_other(self):
        slow = pdf("slow one")

        class Slow(Clamd):
            def judge(self, content):
                if content == slow:
                    time.sleep(3)
                return super().judge(content)

        daemon = self.enterContext(Slow())
        self.company.write({"kho_dl_scanner_address": daemon.address, "kho_dl_timeout": 1})
        self.give(slow)
        wizard = self.attach(CRIMINAL_RECORD, DEGREE)
        states = {row.result_code_id.code: (row.state, row.error_kind) for row in self.retrievals(wizard.case_id)}
        self.assertEqual(states, {CRIMINAL_RECORD: ("failed", "file_not_scanned"), DEGREE: ("done", False)})

    def test_only_system_administrators_say_what_all_companies_trust(self):
        administrator = new_test_user(self.env, "one_company", groups="kho_dl.group_administrator")
        certificates = self.env["kho.dl.trust.certificate"].with_user(administrator)
        values = {"certificate": base64.b64encode(self.authority.middle.pem), "role": "intermediate"}
        with self.assertRaises(AccessError):
            certificates.create({**values, "company_id": False})
        own = certificates.create(values)
        with self.assertRaises(AccessError):
            own.company_id = False
        administrator.group_ids += self.env.ref("base.group_system")
        own.company_id = False

    def test_the_form_of_a_new_certificate_opens_empty_and_fills_with_the_file(self):
        form = Form(self.env["kho.dl.trust.certificate"])
        self.assertFalse(form.fingerprint)
        form.certificate = base64.b64encode(self.authority.root.pem)
        self.assertTrue(form.fingerprint)

    def test_a_doubtful_paper_of_our_own_needs_a_reason_too(self):
        earlier = self.make_case(AN)
        self.document(earlier, CRIMINAL_RECORD).attachment_ids = [
            Command.create({"name": "old.pdf", "raw": self.broken()})
        ]
        earlier.state = "9"
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_attach()
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.status, line.needs_reason), ("failed", True))
        self.assertIn("broken", line.message)
        document = self.document(wizard.case_id, CRIMINAL_RECORD)
        self.assertFalse(document.attachment_ids)
        with self.assertRaises(UserError):
            wizard.action_attach()
        line.reason = "Compared with the original"
        wizard.action_attach()
        self.assertEqual((line.status, document.check_ids.reason), ("attached", "Compared with the original"))

    def test_what_a_worker_left_that_died_at_its_very_end_is_caught_up_with(self):
        wizard = self.attach()
        rows = self.retrievals(wizard.case_id)
        notes = len(wizard.case_id.message_ids)
        rows._write_below_the_guard({"is_told": False, "is_summed_up": False, "is_announced": False, "worker_key": "1"})
        announced = []
        self.patch(
            self.registry["kho.dl.case"], "_documents_attached", lambda _case, documents: announced.append(documents)
        )
        for _run in range(2):
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual([rows.mapped(name) for name in ("is_told", "is_summed_up", "is_announced")], [[True]] * 3)
        self.assertEqual(len(wizard.case_id.message_ids), notes + 1)
        self.assertEqual([set(documents.ids) for documents in announced if documents], [set(rows.case_document_id.ids)])

    def test_half_a_paper_needs_a_reason(self):
        content = pdf(*["Ho va ten: NGUYEN THI AN"] * 20)
        self.give(content[: len(content) * 2 // 3])
        wizard = self.attach()
        self.assertEqual(self.row(wizard).error_kind, "file_questioned")
        self.assertIn("missing", self.line(wizard, CRIMINAL_RECORD).message)

    def test_a_zip_of_which_a_later_member_is_locked_is_marked(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", b"x")
            archive.writestr("b.txt", b"y")
        content = bytearray(buffer.getvalue())
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        self.assertEqual(self.upload(bytes(content), name="papers.zip").check_ids.gate_marks, "encrypted")
