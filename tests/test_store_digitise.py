import base64
import io
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from unittest.mock import patch

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import config, real_time

from ..inspection.sandbox import inspect_file
from ..inspection.trust import Trust
from .common import AN, CRIMINAL_RECORD
from .inspection.attacks import signed_range
from .paper_case import PaperCase

# The invented authority is that of the tests of signatures, which know nothing of Odoo.
sys.path.append(str(Path(__file__).parent / "inspection"))
from authority import Authority, pdf
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    pkcs12,
)

PASSWORD = "mat-khau"


def key_file(holder, others=()):
    """Return a PKCS#12 file, as the settings hold it."""
    return base64.b64encode(
        pkcs12.serialize_key_and_certificates(
            b"seal", holder.key, holder.certificate, [other.certificate for other in others],
            BestAvailableEncryption(PASSWORD.encode()),
        )
    )  # fmt: skip


def photo():
    output = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(output, "JPEG")
    return output.getvalue()


class TestDigitise(PaperCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority()

    def prepare(self):
        super().prepare()
        self.company.write(
            {"kho_dl_seal_pkcs12": key_file(self.authority.office, [self.authority.middle]),
             "kho_dl_seal_password": PASSWORD, "name": "Sở Tư pháp tỉnh Thử Nghiệm"}
        )  # fmt: skip
        self.procedure.result_code_ids = self.codes[CRIMINAL_RECORD]

    def form(self, content, name="scan.pdf", **values):
        case = self.make_case(AN)
        case.owner_id.sudo().name = "Nguyễn Văn An"
        contents = content if isinstance(content, list) else [content]
        files = [Command.create({"name": name, "raw": raw}) for raw in contents]
        return (
            self.env["kho.dl.digitise"]
            .with_user(self.clerk)
            .create(
                {"case_id": case.id, "number": "5/2026", "date_issued": "2026-01-15", "attachment_ids": files, **values}
            )
        )

    # Proves J.4-4.
    def test_it_says_where_the_result_went(self):
        form = self.form(photo())
        form.owner_id.sudo().email = "an@example.com"
        params = form.action_digitise()["params"]
        [link] = params["links"]
        self.assertEqual((params["message"], link["label"]), ("%s", form.paper_id.display_name))
        self.assertTrue(link["url"].endswith(f"action_kho_dl_paper/{form.paper_id.id}"))
        self.assertEqual(params["next"]["type"], "ir.actions.act_window_close")

    # Proves J.4-4.
    def test_it_says_that_no_mail_could_be_sent(self):
        form = self.form(photo())
        form.owner_id.sudo().email = False
        action = form.action_digitise()
        self.assertEqual((action["res_model"], action["res_id"]), (form._name, form.id))
        self.assertIn("no mail address of Nguyễn Văn An", form.mail_words)
        self.assertEqual(form.action_open_paper()["res_id"], form.paper_id.id)
        self.assertIn(str(form.paper_id.attachment_ids.id), form.action_print_paper()["url"])
        # An office that writes no mails misses no address.
        self.company.kho_dl_tell_applicant = False
        quiet = self.form(photo(), number="6/2026")
        self.assertEqual(quiet.action_digitise()["tag"], "display_notification")

    def test_the_slip_is_offered_where_something_is_to_be_brought(self):
        form = self.form(photo())
        # Its procedure has an application form, which no office has already.
        self.assertTrue(form.can_print_slip)
        self.assertIn("/kho_dl/slip/", form.action_print_slip()["url"])
        to_bring = form.case_id.document_ids.filtered(lambda document: document._is_to_bring())
        to_bring.attachment_ids = [Command.create({"name": "x.pdf", "raw": b"%PDF-1.4 %%EOF"})]
        # As the next call reads it.
        form.invalidate_recordset()
        self.assertFalse(form.can_print_slip)
        self.assertFalse(form.action_print_slip())

    def test_before_anything_was_made_nothing_is_opened(self):
        form = self.form(photo())
        self.assertFalse(form.mail_words)
        self.assertFalse(form.action_print_paper())
        self.assertFalse(form.action_open_paper())

    # Proves III.1-1.
    def test_a_scan_becomes_a_sealed_copy_in_the_store(self):
        form = self.form([photo(), pdf("Phieu ly lich tu phap")])
        form.action_digitise()
        paper = form.paper_id
        self.assertEqual((paper.state, paper.kind, paper.trust_level), ("effective", "copy", "3"))
        self.assertEqual((paper.case_id, paper.owner_id_number, paper.number), (form.case_id, AN, "5/2026"))
        content = paper.attachment_ids.raw
        first, second = PdfReader(io.BytesIO(content)).pages
        self.assertIn("Sao y; Sở Tư pháp tỉnh Thử Nghiệm; ", " ".join(first.extract_text().split()))
        self.assertIn("Phieu", second.extract_text())
        now = datetime.now(timezone.utc)
        report = inspect_file(io.BytesIO(content), "application/pdf", Trust((self.authority.root.der,), ()), now)
        self.assertEqual([(found.is_intact, found.is_trusted) for found in report.signatures], [(True, True)])

    def test_a_print_has_a_code_where_people_can_reach_the_page(self):
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        parameters = self.env["ir.config_parameter"].sudo()
        checks = self.env["kho.dl.check"]
        for base in (
            "http://dvc.example.gov.vn", "https://localhost:8069", "https://10.0.0.5", "https://odoo", "https://[", "",
        ):  # fmt: skip
            parameters.set_param("web.base.url", base)
            self.assertEqual(checks._new_code(self.company), ("", ""), base)
        parameters.set_param("web.base.url", "https://dvc.example.gov.vn")
        form = self.form(photo())
        form.action_digitise()
        [page] = PdfReader(io.BytesIO(form.paper_id.attachment_ids.raw)).pages
        self.assertIn("Quét để kiểm tra", page.extract_text())
        code = form.paper_id.sudo().check_code
        self.assertEqual([verdict.state for verdict in checks._verdicts_of_code(code)], ["in_force"])
        with self.assertRaises(UserError):
            form.paper_id.write({"check_code": "mine"})
        self.company.kho_dl_serve_addresses = False
        self.assertEqual(checks._new_code(self.company), ("", ""))

    # Proves III.2-2.
    def test_a_file_signed_elsewhere_stays_as_it_is(self):
        signed = self.authority.sign(pdf("Phieu ly lich tu phap"))
        form = self.form(signed, way="signed", signed_kind="certified")
        form.action_digitise()
        self.assertEqual((form.paper_id.kind, form.paper_id.attachment_ids.raw), ("certified", signed))

    def test_what_is_refused_makes_nothing(self):
        signed = self.authority.sign(pdf("Phieu"))
        broken = signed.replace(b"/Title", b"/Titel", 1)
        _start, before, after, _rest = signed_range(signed)
        emptied = signed[: before + 1] + b"0" * (after - before - 2) + signed[after - 1 :]
        refused = [
            ("cannot be told, so nothing was made. It is damaged", self.form(emptied, way="signed")),
            ("not.*signed|Nobody", self.form(pdf("Phieu"), way="signed")),
            ("broken", self.form(broken, way="signed")),
            ("signature", self.form(signed)),
            ("neither", self.form(b"<html>", name="x.html")),
            ("Choose the scan", self.form([])),
            ("cannot be read", self.form(b"%PDF-1.7 nothing %%EOF")),
            ("somebody else", self.form(pdf("Ho va ten: Tran Thi Binh"))),
        ]
        for words, form in refused:
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                form.action_digitise()
        self.assertFalse(self.env["kho.dl.paper"].search([]))

    def test_a_copy_is_a_picture_of_a_paper_and_nothing_more(self):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Phieu ly lich tu phap"))))
        script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
        output = io.BytesIO()
        writer.write(output)
        with self.assertRaisesRegex(UserError, "JavaScript"):
            self.form(output.getvalue()).action_digitise()
        self.assertFalse(self.env["kho.dl.paper"].search([]))

    def test_an_image_that_is_a_pdf_too_is_an_image(self):
        with self.assertRaisesRegex(UserError, "cannot be read"):
            self.form(b"\xff\xd8\xff\xe0 " + pdf("Phieu ly lich tu phap")).action_digitise()
        self.assertFalse(self.env["kho.dl.paper"].search([]))

    def test_what_hid_from_the_first_look_is_seen_before_it_is_sealed(self):
        plain = pdf("Phieu ly lich tu phap")
        form = self.form(plain)
        script = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
        )
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
        writer.root_object[NameObject("/OpenAction")] = script
        output = io.BytesIO()
        writer.write(output)
        module = "odoo.addons.kho_dl.wizard.kho_dl_digitise.marked_copy"
        with patch(module, lambda *_scans: output.getvalue()), self.assertRaisesRegex(UserError, "JavaScript"):
            form.action_digitise()

    def test_what_there_is_no_time_for_is_no_fault_of_the_scan(self):
        self.enterContext(patch.dict(config.options, {"limit_time_real": 120}))
        thread = threading.current_thread()
        self.addCleanup(delattr, thread, "perf_t0")
        for content in (pdf("Phieu"), photo()):
            form = self.form(content)
            # As Odoo notes when the request began that this thread works at.
            thread.perf_t0 = real_time() - 101
            with self.assertRaisesRegex(UserError, "the scan is not at fault"):
                form.action_digitise()
            self.assertFalse(form.paper_id)

    def test_nobody_seals_for_another_agency(self):
        other = self.env["res.company"].create({"name": "Sở khác"})
        form = self.form(pdf("Phieu"))
        with self.assertRaises(AccessError):
            form.write({"company_id": other.id})
        # A form that carries another agency's seal already, however that came about, tells nothing of it.
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_digitise SET company_id = %s WHERE id = %s", [other.id, form.id])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            form.read(["seal_problem"])
        with self.assertRaises(AccessError):
            form.action_digitise()

    def test_whether_it_is_the_right_paper_is_asked_where_it_is_in_doubt(self):
        form = self.form(pdf("Ho va ten: Tran Thi Binh"))
        self.assertFalse(form.doubt)
        action = form.action_digitise_or_ask()
        self.assertEqual((action["res_model"], action["res_id"], action["target"]), (form._name, form.id, "new"))
        # The same form as before, under its name.
        self.assertEqual(action["name"], form.case_id.action_digitise()["name"])
        self.assertIn("somebody else", form.doubt)
        self.assertFalse(form.paper_id or self.env["kho.dl.paper"].search([]))
        with Form(form) as shown:
            shown.is_right_paper = True
            # What was said of one file is not said of the next.
            shown.attachment_ids.add(
                self.env["ir.attachment"].with_user(self.clerk).create({"name": "other.pdf", "raw": photo()})
            )
            self.assertFalse(shown.is_right_paper or shown.doubt)
        # Nor when that one is refused for something else, and the form shown again.
        self.assertFalse(form.is_right_paper or form.doubt)
        form.action_digitise_or_ask()
        self.assertFalse(form.paper_id)
        with Form(form) as shown:
            shown.is_right_paper = True
        form.action_digitise_or_ask()
        self.assertEqual(form.paper_id.state, "effective")
        plain = self.form(photo(), number="6/2026")
        plain.action_digitise_or_ask()
        self.assertTrue(plain.paper_id)
        self.assertFalse(plain.doubt)

    def test_all_files_that_are_in_doubt_are_named(self):
        """One tick is for all of them."""
        form = self.form([pdf("Ho va ten: Tran Thi Binh"), photo(), pdf("Ho va ten: Le Van Chau")])
        for file, name in zip(form.attachment_ids.sorted("id"), ("front.pdf", "photo.png", "back.pdf"), strict=True):
            file.name = name
        form.action_digitise_or_ask()
        self.assertIn("“front.pdf”, “back.pdf” seems", form.doubt)
        self.assertNotIn("photo", form.doubt)
        form.is_right_paper = True
        form.action_digitise_or_ask()
        self.assertTrue(form.paper_id)

    def test_the_right_paper_all_the_same(self):
        form = self.form(pdf("Ho va ten: Tran Thi Binh"), is_right_paper=True)
        form.action_digitise()
        self.assertEqual(form.paper_id.state, "effective")

    def test_without_a_certificate_the_form_says_so(self):
        self.company.kho_dl_seal_pkcs12 = False
        form = self.form(pdf("Phieu"))
        self.assertIn("No certificate", form.seal_problem)
        with self.assertRaisesRegex(UserError, "No certificate"):
            form.action_digitise()
        form.way = "signed"
        self.assertFalse(form.seal_problem)

    def test_an_expired_certificate_says_its_last_day(self):
        self.company.kho_dl_seal_pkcs12 = key_file(self.authority.expired)
        self.assertIn("last day", self.form(pdf("Phieu")).seal_problem)

    def test_settings_refuse_what_cannot_seal(self):
        with self.assertRaisesRegex(ValidationError, "password"):
            self.company.kho_dl_seal_password = "other"
        with self.assertRaisesRegex(ValidationError, "no key file"):
            self.company.kho_dl_seal_pkcs12 = base64.b64encode(b"nothing")

    def test_settings_name_the_holder(self):
        settings = self.env["res.config.settings"].create({})
        self.assertIn("So Tu phap Thu nghiem", settings.kho_dl_seal_holder)

    def test_the_case_opens_the_form_with_what_it_knows(self):
        case = self.make_case(AN)
        action = case.with_user(self.clerk).action_digitise()
        form = self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"]).create({})
        self.assertEqual((form.owner_id, form.result_code_id), (case.owner_id, self.codes[CRIMINAL_RECORD]))
        self.assertEqual((form.name, form.agency_code), (self.codes[CRIMINAL_RECORD].name, "H46"))
