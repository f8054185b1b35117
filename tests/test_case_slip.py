import io
import json
from datetime import timedelta

from freezegun import freeze_time
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .application_case import ApplicationCase
from .common import AN, BINH, CHAU, CRIMINAL_RECORD, DEGREE, KhoDLCase, KhoDLFixtures, new_test_user


class SlipCase(KhoDLCase):
    def asked(self, number=AN):
        """Return a case about which the national store has answered."""
        case = self.make_case(number)
        self.make_wizard(case).action_search()
        return case

    def text(self, case):
        content, name = case._slip()
        self.assertTrue(name.endswith(".pdf"))
        return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)

    def mails(self, case):
        return self.env["mail.mail"].search([("model", "=", "kho.dl.case"), ("res_id", "=", case.id)])


# Proves J.3-1.
class TestStatus(SlipCase):
    def test_before_anybody_was_asked_it_is_not_looked_for(self):
        case = self.make_case()
        self.assertEqual(set(case.document_ids.mapped("status")), {"hand_in", "not_asked"})
        self.assertFalse(any(case.document_ids.mapped("asked_on")))

    def test_while_somebody_asks_the_case_says_so(self):
        case = self.make_case()
        record = self.document(case, CRIMINAL_RECORD)
        # sudo: on record as it is before a question leaves.
        questions, pair = self.env["kho.dl.query"].sudo(), (record.result_code_ids[:1], "")
        query = questions.create(questions._prepare(case.sudo(), [pair], {record: [pair]}))
        self.assertEqual((case.asking_count, record.asked_words), (1, "being asked"))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=31)):
            # Whose process died.
            case.invalidate_recordset()
            self.assertEqual(case.asking_count, 0)
            query._close_abandoned()
        self.env.invalidate_all()
        self.assertEqual((case.asking_count, record.status), (0, "failed"))
        self.assertNotEqual(record.asked_words, "being asked")
        # Once more, of what is known already.
        questions.create(questions._prepare(case.sudo(), [pair], {record: [pair]}))
        self.env.invalidate_all()
        self.assertEqual((case.asking_count, record.asked_words), (1, "being asked"))

    def test_an_answer_is_told_with_its_time(self):
        case = self.asked()
        [query] = case.query_ids
        found, none = self.document(case, CRIMINAL_RECORD), self.document(case, DEGREE)
        self.assertEqual((found.status, found.asked_on), ("fetchable", query.asked_on))
        form = case.document_ids[0]
        self.assertEqual((form.status, form.asked_on), ("hand_in", False))
        nobody = self.asked(CHAU)
        self.assertEqual(self.document(nobody, DEGREE).status, "none")
        self.assertTrue(none.asked_on)

    def test_what_could_not_be_asked_says_so(self):
        self.simulator.order("papers", "server_error", times=None)
        case = self.asked()
        self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "failed")
        self.simulator.reset()
        self.make_wizard(case).action_search()
        self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "fetchable")

    def test_an_answer_about_another_number_is_none(self):
        case = self.asked()
        case.owner_id_number = BINH
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual((document.status, document.asked_on), ("not_asked", False))

    def test_of_several_results_one_is_enough(self):
        document = self.procedure.document_ids.filtered(lambda one: one.result_code_ids.code == CRIMINAL_RECORD)
        document.result_code_ids |= self.codes[DEGREE]
        case = self.asked()
        self.assertEqual(
            case.document_ids.filtered(lambda one: one.procedure_document_id == document).status, "fetchable"
        )

    def test_a_paper_without_a_file_is_known_and_no_more(self):
        case = self.asked()
        query = case.query_ids.sudo()
        key = str(self.document(case, CRIMINAL_RECORD).id)
        asked = {**query.asked, key: {**query.asked[key], "has_file": False}}
        # As an answer without files leaves it (`test_retrieval_bad_input`).
        self.env.cr.execute("UPDATE kho_dl_query SET asked = %s::jsonb WHERE id = %s", [json.dumps(asked), query.id])
        query.invalidate_recordset()
        self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "no_file")


# Proves J.3-2.
class TestSlip(SlipCase):
    def test_it_names_all_that_is_missing_and_nothing_else(self):
        case = self.asked(CHAU)
        optional = self.document(case, DEGREE)
        self.procedure.document_ids.filtered(lambda one: one.name == optional.name).required = False
        text = self.text(case)
        for document in case.document_ids.filtered(lambda one: one._is_to_bring()):
            self.assertIn(document.name, text)
        self.assertIn("Application form", text)
        self.assertIn("optional: only where it applies to you", text)
        self.assertIn("do not have it", text)
        self.assertNotIn(CHAU, text)
        fetchable = self.asked(AN)
        asked_for = self.text(fetchable).split("Not to be brought for now")[0]
        self.assertNotIn(self.document(fetchable, CRIMINAL_RECORD).name, asked_for)

    def test_what_nobody_looked_for_is_not_asked_of_the_applicant(self):
        case = self.make_case()
        bring, later = self.text(case).split("Not to be brought for now")
        self.assertIn("Application form", bring)
        self.assertNotIn("Medical degree", bring)
        self.assertIn("Medical degree", later)

    def test_where_nothing_is_to_be_brought_it_says_so(self):
        case = self.make_case()
        attachment = self.env["ir.attachment"].with_user(self.clerk).create({"name": "form.pdf", "raw": b"%PDF-1.4"})
        case.document_ids[0].write({"attachment_ids": [(4, attachment.id)]})
        for action in (case.action_print_slip, case.action_send_slip):
            with self.assertRaisesRegex(UserError, "nothing to bring"):
                action()

    def test_printing_shows_it(self):
        case = self.make_case()
        action = case.action_print_slip()
        self.assertEqual((action["type"], action["url"]), ("ir.actions.act_url", f"/kho_dl/slip/{case.id}"))

    def test_without_an_address_nothing_is_sent_and_the_print_is_offered(self):
        case = self.make_case()
        told = case.action_send_slip()["params"]
        self.assertEqual(told["type"], "warning")
        self.assertEqual(told["links"][0]["url"], f"/kho_dl/slip/{case.id}")
        self.assertFalse(self.mails(case))

    def test_with_an_address_it_goes_by_mail(self):
        case = self.asked(CHAU)
        case.owner_id.sudo().email = "chau@example.com"
        told = case.action_send_slip()["params"]
        self.assertEqual(told["type"], "success")
        [mail] = self.mails(case)
        self.assertEqual(mail.recipient_ids, case.owner_id)
        self.assertIn("Application form", mail.body_html)
        self.assertIn("Medical degree", mail.body_html)
        self.assertNotIn(CHAU, mail.body_html)
        self.assertIn("Application form", case.message_ids[0].body)

    def test_very_many_documents_fit_into_a_message(self):
        self.procedure.document_ids = [(0, 0, {"name": f"Paper {number} {'x' * 90}"}) for number in range(60)]
        case = self.make_case()
        case._write_slip(case._slip_documents(), self.clerk)
        body = case.message_line_ids.body
        self.assertLessEqual(len(body), 2000)
        self.assertIn("others", body.splitlines()[-1])

    def test_a_business_and_a_procedure_without_mapping_have_a_slip(self):
        self.procedure.document_ids.result_code_ids = False
        case = self.make_case("0100109106")
        text = self.text(case)
        self.assertNotIn("Not to be brought", text)
        self.assertIn("Citizen card", text)

    def test_who_may_not_see_the_case_gets_no_slip(self):
        case = self.make_case()
        stranger = new_test_user(self.env, "slip_stranger")
        for name in ("action_print_slip", "action_send_slip", "_slip"):
            with self.assertRaises(AccessError):
                getattr(case.with_user(stranger), name)()


@tagged("-at_install", "post_install")
class TestSlipAddress(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()

    def test_it_is_shown_to_clerks_and_is_not_there_for_others(self):
        case = self.make_case()
        new_test_user(self.env, "slip_nobody")
        address = f"/kho_dl/slip/{case.id}"
        self.authenticate("kho_clerk", "kho_clerk")
        answer = self.url_open(address)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/pdf"))
        self.assertTrue(answer.headers["Content-Disposition"].startswith("inline"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertTrue(answer.content.startswith(b"%PDF-"))
        self.authenticate("slip_nobody", "slip_nobody")
        self.assertEqual(self.url_open(address).status_code, 404)
        self.assertEqual(self.url_open("/kho_dl/slip/999999999").status_code, 404)


@tagged("-at_install", "post_install")
class TestSlipOnline(ApplicationCase):
    def test_who_has_a_login_reads_it_online(self):
        case = self.own_case(self.an, AN)
        self.an.partner_id.email = "an@example.com"
        told = case.with_user(self.clerk).action_send_slip()["params"]
        self.assertEqual(told["type"], "success")
        [message] = case.message_line_ids
        self.assertFalse(message.is_from_applicant)
        self.assertIn("- Application form", message.body)
        # What is to be brought stands behind the login.
        mail = self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.case")], order="id desc", limit=1)
        self.assertNotIn("Application form", mail.body_html)
