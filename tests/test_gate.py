import base64
import io
import sys
import zipfile
from unittest.mock import patch

from pypdf import PdfWriter
from pypdf.actions import JavaScript

from odoo import Command
from odoo.exceptions import ValidationError

from ..inspection import sandbox
from ..models.gate import virus_scanner
from ..models.retrieval import retrieval_run
from ..wizard import kho_dl_retrieve_wizard
from .clamd import TEST_VIRUS, Clamd
from .common import AN, CRIMINAL_RECORD, DEGREE, KhoDLCase
from .inspection.authority import Authority, pdf
from .leaps import let_time_leap
from .protocol.office_files import WORD_WITH_MACROS, compound, office, related, zipped


def _written(writer):
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


class GateCase(KhoDLCase):
    """Papers of which the simulator sends what a test gives it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority()

    def setUp(self):
        super().setUp()
        self.clerk.lang = "en_US"

    def give(self, content, code=CRIMINAL_RECORD):
        """Let the agency send `content` as the first file of the paper of `code`."""
        self.simulator.world.put_content(self.simulator.world.link_of(AN, code), content)

    def attach(self, *codes, case=None):
        """Return a wizard after an attempt to attach the best papers of `codes`."""
        wizard = self.make_wizard(case or self.make_case(AN))
        wizard.action_search()
        for line in wizard.line_ids:
            line.selected = line.selected and line.case_document_id.result_code_ids.code in (codes or [CRIMINAL_RECORD])
        wizard.action_attach()
        return wizard

    def row(self, wizard):
        return self.retrievals(wizard.case_id)[-1:]

    def trust(self, holder, **values):
        return self.env["kho.dl.trust.certificate"].create({"certificate": base64.b64encode(holder.pem), **values})


class TestGate(GateCase):
    def test_what_came_in_place_of_a_paper_is_named(self):
        sent = {".heic": b"\0\0\0\x18ftypheic\0\0\0\0", ".jpg": b"\xff\xd8\xff\xe0\0\x10JFIF", "": b"\0\1\2\3"}
        told = []
        for kind, content in sent.items():
            self.give(content)
            row = self.row(self.attach())
            self.assertEqual((row.state, row.error_kind), ("failed", "file_not_as_claimed"))
            self.assertIn(f"of the kind {kind}," if kind else "of a kind that is not accepted", row.error)
            self.assertIn("Ask", row.error)
            told.append(row.error)
        self.assertEqual(len(set(told)), len(sent))

    def test_only_accepted_kinds_are_attached(self):
        self.company.kho_dl_file_kind_ids = self.env.ref("kho_dl.file_kind_jpeg")
        wizard = self.attach()
        self.assertEqual((self.row(wizard).state, self.row(wizard).error_kind), ("failed", "file_not_as_claimed"))
        self.assertIn("not accepted", self.row(wizard).error)
        self.company.kho_dl_file_kind_ids |= self.env.ref("kho_dl.file_kind_pdf")
        self.assertEqual(self.row(self.attach()).state, "done")
        # What is kept in memory goes with the kind that changes.
        gateway, kind = self.env["kho.dl.gateway"], self.env.ref("kho_dl.file_kind_jpeg")
        self.company.kho_dl_file_kind_ids = kind
        self.assertEqual(gateway._settings(self.company).accepted_kinds, {"image/jpeg"})
        kind.mimetypes = "image/jpeg image/png"
        self.assertEqual(gateway._settings(self.company).accepted_kinds, {"image/jpeg", "image/png"})

    def test_whom_a_company_that_is_gone_trusted_nobody_else_trusts(self):
        agency = self.env["res.company"].create({"name": "Other agency"})
        trusted = self.trust(self.authority.root, company_id=agency.id)
        self.env.flush_all()
        agency.unlink()
        self.assertFalse(trusted.exists())
        self.assertFalse(self.env["kho.dl.trust.certificate"]._trust(self.company).roots)

    def test_every_kind_that_can_be_chosen_is_known(self):
        every = self.env["kho.dl.file.kind"].search([])
        self.company.kho_dl_file_kind_ids = every
        gateway = self.env["kho.dl.gateway"]
        chosen = gateway._settings(self.company).accepted_kinds
        self.company.kho_dl_file_kind_ids = False
        self.assertEqual(chosen, gateway._settings(self.company).accepted_kinds)

    def test_active_content_is_attached_and_marked(self):
        writer = PdfWriter(clone_from=io.BytesIO(pdf()))
        writer.add_open_action(JavaScript("app.alert(1)"))
        writer.add_attachment("hidden.exe", b"MZ")
        self.give(_written(writer))
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual(row.state, "done")
        self.assertLessEqual({"javascript", "embedded_files"}, set(row.gate_marks.split(",")))
        self.assertIn("JavaScript", self.line(wizard, CRIMINAL_RECORD).message)
        document = self.document(wizard.case_id, CRIMINAL_RECORD)
        [badge] = document.file_badges.values()
        self.assertIn("It holds a program (JavaScript).", badge["warnings"])
        self.assertIn("JavaScript", wizard.case_id.message_ids[0].body)

    def test_a_file_with_a_password_is_never_attached_without_notice(self):
        writer = PdfWriter(clone_from=io.BytesIO(pdf()))
        writer.encrypt("secret")
        self.give(_written(writer))
        self.assertEqual(self.row(self.attach()).gate_marks, "encrypted")

    def test_a_file_without_a_page_is_never_attached_without_notice(self):
        writer = PdfWriter()
        writer.add_open_action(JavaScript("app.alert(1)"))
        self.give(_written(writer))
        self.assertEqual(self.row(self.attach()).gate_marks, "unreadable,javascript")

    def test_an_encrypted_zip_is_marked(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("paper.txt", b"x")
        content = bytearray(buffer.getvalue())
        content[6] |= 1  # the flag of the first member that says it is encrypted
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        document.attachment_ids = [Command.create({"name": "papers.zip", "raw": bytes(content)})]
        self.assertEqual(document.check_ids.gate_marks, "encrypted")

    def test_an_office_document_with_macros_is_marked_whatever_its_name_says(self):
        for number, name in enumerate(("don.docm", "don.docx")):
            content = office(WORD_WITH_MACROS, f"word/data{number}.bin")
            document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
            document.attachment_ids = [Command.create({"name": name, "raw": content})]
            self.assertEqual(document.check_ids.gate_marks, "macros")
            [badge] = document.file_badges.values()
            self.assertIn("It holds a program (macros). Leave macros off when you open it.", badge["warnings"])

    def test_what_an_older_document_or_one_in_a_zip_does_is_told(self):
        for name, content, marks, words in (
            ("don.doc", compound("WordDocument", "Macros"), "macros", "It holds a program (macros)"),
            ("don.docx", compound("EncryptedPackage"), "encrypted", "It opens with a password only"),
            ("don.docx", related("https://example.vn/mau.dotm"), "remote_link", "It wants to send or fetch data."),
            ("ho-so.zip", zipped(**{"don.docx": office(WORD_WITH_MACROS)}), "macros", "It holds a program (macros)"),
        ):
            with self.subTest(name=name, marks=marks):
                document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
                document.attachment_ids = [Command.create({"name": name, "raw": content})]
                self.assertEqual(document.check_ids.gate_marks, marks)
                [badge] = document.file_badges.values()
                self.assertIn(words, " ".join(badge["warnings"]))

    def test_what_a_pdf_in_a_zip_does_is_told(self):
        acting, locked = PdfWriter(), PdfWriter()
        for writer in (acting, locked):
            writer.add_blank_page(100, 100)
        acting.add_open_action(JavaScript("app.alert(1)"))
        locked.encrypt("secret")
        for pdfs, marks in (
            ((pdf("Giấy phép"),), False),
            ((pdf("Giấy phép"), _written(acting)), "javascript"),
            ((_written(locked),), "encrypted"),
            ((b"%PDF-1.7\nno PDF",), "unclear"),
        ):
            with self.subTest(marks=marks):
                content = zipped(**{f"{number}.pdf": one for number, one in enumerate(pdfs)})
                document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
                document.attachment_ids = [Command.create({"name": "ho-so.zip", "raw": content})]
                self.assertEqual(document.check_ids.gate_marks, marks)

    def test_a_damaged_file_is_attached_and_marked(self):
        self.give(b"%PDF-1.4\nnot much of a PDF\n%%EOF\n")
        row = self.row(self.attach())
        self.assertEqual((row.state, row.gate_marks), ("done", "unreadable"))

    def inspect_with(self, limits):
        own = sandbox.Sandbox(limits)
        self.addCleanup(own.close)
        self.patch(sandbox, "_sandbox", own)

    def test_a_file_that_is_too_much_to_look_through_needs_a_reason(self):
        # Else that would be the way past the check for who breaks a signature.
        self.inspect_with(sandbox.Limits(seconds=0.0001))
        wizard = self.attach()
        row, line = self.row(wizard), self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((row.state, row.error_kind, row.signature_state), ("failed", "file_questioned", "unknown"))
        line.reason = "Compared with the original"
        wizard.action_attach()
        self.assertEqual(line.status, "attached")
        self.assertIn("too much to look through", line.message)

    def test_a_file_that_nobody_can_look_at_now_waits(self):
        with patch.object(sys, "executable", "/nowhere/python"):
            self.inspect_with(sandbox.Limits())
            row = self.row(self.attach())
        self.assertEqual((row.state, row.error_kind), ("pending", "inspection_unavailable"))
        row._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(row.state, "done")

    def test_what_there_was_no_time_to_look_at_is_fetched_again(self):
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 60)
        self.patch(retrieval_run, "LOOK_SECONDS", -5)
        settled, settle = [], retrieval_run.RetrievalRun._settle

        def noted(run, results):
            settled.append(results)
            settle(run, results)

        self.patch(retrieval_run.RetrievalRun, "_settle", noted)
        # Time is over once the first one is there.
        let_time_leap(self, 60, lambda: settled)
        wizard = self.attach(CRIMINAL_RECORD, DEGREE)
        states = self.retrievals(wizard.case_id).mapped("state")
        self.assertIn("done", states)
        self.assertLessEqual(set(states), {"done", "pending"})
        # Each run looks at one at least.
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(set(self.retrievals(wizard.case_id).mapped("state")), {"done"})

    def test_the_same_content_twice_on_a_case_is_shown(self):
        content = pdf("The same")
        self.give(content)
        self.give(content, DEGREE)
        wizard = self.attach(CRIMINAL_RECORD, DEGREE)
        degree = self.document(wizard.case_id, DEGREE)
        [badge] = self.document(wizard.case_id, CRIMINAL_RECORD).file_badges.values()
        self.assertEqual(badge["warnings"], [f"The same file also stands under: {degree.name}."])

    def test_what_was_found_goes_with_the_file(self):
        document = self.document(self.attach().case_id, CRIMINAL_RECORD).with_user(self.clerk)
        self.assertEqual(len(document.file_badges), 1)
        document.with_context(kho_dl_reason="Unreadable").attachment_ids = [Command.clear()]
        self.assertFalse(document.file_badges or document.check_ids)

    def test_what_was_found_comes_along_with_a_copy(self):
        self.trust(self.authority.root)
        self.give(self.authority.sign(pdf()))
        self.attach().case_id.state = "9"
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_attach()
        document = self.document(wizard.case_id, CRIMINAL_RECORD)
        self.assertEqual((document.source, document.check_ids.signature_state), ("local", "valid"))


class TestScanner(GateCase):
    def scanning(self, **options):
        daemon = self.enterContext(Clamd(**options))
        self.company.kho_dl_scanner_address = daemon.address
        return daemon

    def test_what_is_clean_is_attached(self):
        daemon = self.scanning()
        row = self.row(self.attach())
        self.assertEqual((row.state, row.scan_state), ("done", "clean"))
        self.assertEqual(daemon.scanned, [row.attachment_id.raw])

    def test_what_is_infected_is_not(self):
        self.scanning()
        self.give(pdf() + b"\n% " + TEST_VIRUS + b"\n%%EOF\n")
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.error_kind, row.scan_state), ("failed", "file_infected", "infected"))
        self.assertIn("Eicar-Test", self.line(wizard, CRIMINAL_RECORD).message)
        self.assertFalse(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids)
        self.assertTrue(row.sha256)

    def test_without_the_scanner_nothing_is_attached_until_it_is_back(self):
        with Clamd() as daemon:
            self.company.kho_dl_scanner_address = daemon.address
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.error_kind), ("pending", "scanner_unreachable"))
        self.assertFalse(row.sha256)
        self.assertIn("scanner does not answer", self.line(wizard, CRIMINAL_RECORD).message)
        self.scanning()
        row._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.scan_state), ("done", "clean"))

    def test_a_file_too_large_for_the_scanner_is_told_so(self):
        self.scanning(limit=100)
        row = self.row(self.attach())
        self.assertEqual((row.state, row.error_kind), ("failed", "file_not_scanned"))

    def test_the_setting(self):
        for address in ("scanner", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "clamd.ctl"):
            with self.subTest(address=address), self.assertRaises(ValidationError):
                self.company.kho_dl_scanner_address = address
        self.patch(virus_scanner, "IS_INSTALLED", False)
        with self.assertRaises(ValidationError):
            self.company.kho_dl_scanner_address = "/run/clamav/clamd.ctl"

    def test_the_button(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.action_kho_dl_test_scanner()["params"]["type"], "danger")
        self.scanning()
        self.assertEqual(settings.action_kho_dl_test_scanner()["params"]["type"], "success")
        self.company.kho_dl_scanner_address = "/nowhere/clamd.ctl"
        message = settings.action_kho_dl_test_scanner()["params"]["message"]
        self.assertIn("does not answer at /nowhere/clamd.ctl", message)
        self.assertNotIn("your administrator", message, "who presses it is one")
