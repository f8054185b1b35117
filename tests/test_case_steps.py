import io
import json
import zipfile

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AN, BINH, CRIMINAL_RECORD, KhoDLCase, new_test_user

SCAN = b"%PDF-1.4 what the applicant handed in %%EOF"
WHY = "The original was shown at the counter"


@tagged("-at_install", "post_install")
class TestCaseSteps(KhoDLCase):
    """Finishing a case without its required documents, and setting one back, is answered for."""

    users = {
        "auditor": {"login": "step_auditor", "groups": "kho_dl.group_auditor"},
        "administrator": {"login": "step_admin", "groups": "kho_dl.group_administrator"},
    }

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.mine = self.case.with_user(self.clerk)
        self.names = self.case.document_ids.mapped("name")

    def rows(self, cases=None):
        cases = cases or self.case
        return self.env["kho.dl.case.decision"].search([("case_id", "in", cases.ids)], order="id")

    def hand_in(self, documents):
        for document in documents:
            document.write(
                {"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN + document.name.encode()})]}
            )

    def form(self, state="9", case=None):
        action = (case or self.mine).action_step(state)
        return self.env[action["res_model"]].with_user(self.clerk).browse(action["res_id"])

    # Proves J.4-3.
    def test_a_case_without_its_documents_is_finished_with_a_reason(self):
        form = self.form()
        self.assertEqual(form.missing_words.split("\n"), self.names)
        self.assertEqual(self.case.state, "1")
        for silence in (False, "", " \n "):
            form.reason = silence
            with self.assertRaisesRegex(UserError, "say why"):
                form.action_finish()
        self.assertEqual((self.case.state, len(self.rows())), ("1", 0))
        form.reason = WHY
        form.action_finish()
        self.assertEqual(self.case.state, "9")
        [row] = self.rows()
        self.assertEqual(
            (row.kind, row.user_id, row.reason, row.state_before, row.state_after, row.missing.split("\n")),
            ("finished", self.clerk, WHY, "1", "9", self.names),
        )
        self.assertTrue(row.closed_on)
        told = "".join(self.case.message_ids.mapped("body"))
        self.assertIn("Finished without these required documents", told)
        self.assertNotIn(WHY, told)
        # The result is returned next: nobody asks again.
        self.assertFalse(self.mine.action_step("10"))
        self.assertEqual((self.case.state, len(self.rows())), ("10", 1))

    # Proves J.4-3.
    def test_a_program_finishes_cases_as_before_and_the_journal_tells_what_was_missing(self):
        other = self.make_case(AN)
        (self.mine + other.with_user(self.clerk)).write({"state": "9"})
        self.assertEqual((self.case.state, other.state), ("9", "9"))
        self.assertEqual({row.missing for row in self.rows(self.case + other)}, {"\n".join(self.names)})
        self.assertFalse(any(self.rows(self.case + other).mapped("reason")))
        self.assertIn("nobody said why", "".join(self.case.message_ids.mapped("body")))
        for odd in (["x"], True, 1, {}, "  "):
            third = self.make_case(AN)
            third.with_user(self.clerk).with_context(kho_dl_reason=odd).write({"state": "9"})
            self.assertEqual((third.state, self.rows(third).reason), ("9", False))
        fourth = self.make_case(AN)
        fourth.with_user(self.clerk).with_context(kho_dl_reason=f" {WHY} ").write({"state": "9"})
        self.assertEqual((fourth.state, self.rows(fourth).mapped("reason")), ("9", [WHY]))

    def test_our_own_code_and_other_steps_are_not_asked(self):
        for state in ("2", "4", "5", "8"):
            self.assertFalse(self.mine.action_step(state))
        self.assertFalse(self.rows())
        self.case.sudo().write({"state": "9"})
        self.assertFalse(self.rows())
        finished = (
            self.env["kho.dl.case"]
            .with_user(self.clerk)
            .create({"procedure_id": self.procedure.id, "owner_id": self.case.owner_id.id, "state": "9"})
        )
        self.assertEqual(finished.state, "9")

    def test_only_required_documents_that_have_no_file_are_asked_for(self):
        self.hand_in(self.case.document_ids[1:])
        self.assertEqual(self.form().missing_words, self.names[0])
        self.procedure.document_ids[0].required = False
        self.assertFalse(self.mine.action_step("9"))
        self.assertEqual((self.case.state, len(self.rows())), ("9", 0))

    def test_a_case_without_documents_is_finished_at_once(self):
        empty = self.env["kho.dl.procedure"].create({"code": "9.000001", "name": "Nothing asked"})
        case = self.make_case(AN, procedure_id=empty.id)
        self.assertFalse(case.with_user(self.clerk).action_step("10"))
        self.assertEqual(case.state, "10")

    def test_what_is_on_its_way_is_said_so(self):
        document = self.document(self.case, CRIMINAL_RECORD)
        self.hand_in(self.case.document_ids - document)
        self.env["kho.dl.retrieval"].create(
            {
                "case_document_id": document.id,
                "link": "x",
                "link_key": "x",
                "file_name": "x.pdf",
                "user_id": self.clerk.id,
            }
        )
        form = self.form()
        self.assertEqual((form.missing_words, form.fetching_words), ("", document.name))

    # Proves J.4-3.
    def test_a_case_is_set_back(self):
        self.mine.action_step("4")
        self.assertFalse(self.mine.action_step("2"))
        [row] = self.rows()
        self.assertEqual((row.kind, row.state_before, row.state_after, row.missing), ("back", "4", "2", False))
        self.mine.with_context(kho_dl_reason=WHY).write({"state": "10"})
        form = self.form("4")
        self.assertTrue(form.is_back)
        with self.assertRaisesRegex(UserError, "say why"):
            form.action_finish()
        form.reason = "Pressed by mistake"
        form.action_finish()
        self.assertEqual(self.case.state, "4")
        self.assertEqual(self.rows()[-1].mapped(lambda row: (row.kind, row.reason)), [("back", "Pressed by mistake")])
        # A program need not say why.
        self.mine.write({"state": "1"})
        self.assertEqual(self.rows().mapped("kind"), ["back", "finished", "back", "back"])

    def test_what_is_typed_stays_until_the_step_is_taken(self):
        form = self.form()
        form.write({"reason": WHY})
        again = self.form()
        self.assertEqual((again, again.reason), (form, WHY))
        again.action_finish()
        self.form("4").write({"reason": "Wrong"})
        self.form("4").action_finish()
        self.assertEqual(self.form().reason, False)

    def test_the_proof_pack_of_a_case_tells_of_it(self):
        self.mine.with_context(kho_dl_reason=WHY).write({"state": "9"})
        self.env["kho.dl.journal"]._seal_closed(self.company)
        with zipfile.ZipFile(io.BytesIO(self.case.with_user(self.administrator)._proof_pack())) as pack:
            [step] = json.loads(pack.read("steps.json"))
            [sealed] = json.loads(pack.read("chain.json"))["rows"]
        self.assertEqual((step["reason"], step["state_after"]), (WHY, "9"))
        self.assertEqual(sealed["id"], self.rows().id)

    def test_a_colleague_was_first(self):
        form = self.form()
        form.reason = WHY
        self.case.state = "8"
        with self.assertRaisesRegex(UserError, "A colleague"):
            form.action_finish()
        form = self.form()
        self.case.with_context(kho_dl_reason="Mine").state = "9"
        form.action_finish()
        self.assertEqual(self.rows().mapped("reason"), ["Mine"])

    def test_nobody_answers_for_what_came_off_since(self):
        self.hand_in(self.case.document_ids)
        first = self.case.document_ids[0]
        other = self.case.document_ids[1]
        first.with_context(kho_dl_reason="x").write({"attachment_ids": [Command.clear()]})
        form = self.form()
        form.reason = WHY
        other.with_context(kho_dl_reason="x").write({"attachment_ids": [Command.clear()]})
        with self.assertRaisesRegex(UserError, "A colleague"):
            form.action_finish()
        self.hand_in(first + other)
        form.action_finish()
        self.assertEqual((self.case.state, len(self.rows())), ("9", 0))

    def test_files_of_another_number_are_said_first(self):
        self.attach_all(self.case)
        self.case.owner_id_number = BINH
        with self.assertRaisesRegex(UserError, "another number"):
            self.mine.action_step("9")
        self.assertFalse(self.rows())

    def test_odd_steps_are_refused(self):
        for odd in (None, "", "11", 9, "x"):
            with self.subTest(odd), self.assertRaises(UserError):
                self.mine.action_step(odd)
        with self.assertRaises(AccessError):
            self.case.with_user(self.auditor).action_step("2")

    def test_the_form_is_about_what_it_was_made_for(self):
        form = self.form()
        for values in ({"state": "10"}, {"case_id": self.case.id}, {"document_ids": [Command.clear()]}):
            with self.assertRaises(AccessError):
                form.write(values)
        with self.assertRaises(AccessError):
            self.env["kho.dl.finish.case"].with_user(self.clerk).create({"case_id": self.case.id, "state": "9"})

    def test_the_journal_is_read_by_those_who_read_journals(self):
        self.mine.with_context(kho_dl_reason=WHY).write({"state": "9"})
        row = self.rows()
        for reader in (self.administrator, self.auditor):
            self.assertEqual(row.with_user(reader).reason, WHY)
        with self.assertRaises(AccessError):
            row.with_user(self.clerk).read(["reason"])
        with self.assertRaises(UserError):
            row.reason = "Other"
        with self.assertRaises(UserError):
            row.unlink()
        stranger = new_test_user(self.env, "step_other", groups="kho_dl.group_clerk")
        with self.assertRaises(AccessError):
            self.form("4").with_user(stranger).read(["reason"])
