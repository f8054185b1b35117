import base64
import io
import json
import zipfile
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import AN, CRIMINAL_RECORD, DEGREE, DUNG, KhoDLCase, new_test_user
from .test_lookup_counter import CounterTours

SCAN = b"%PDF-1.4 scan of somebody else %%EOF"
WHY = {"kho_dl_reason": "Wrong person"}


class TestTakeOff(KhoDLCase):
    """What leaves a case leaves a row in the journal, which keeps it."""

    users = {
        "auditor": {"login": "file_auditor", "groups": "kho_dl.group_auditor"},
        "administrator": {"login": "file_admin", "groups": "kho_dl.group_administrator"},
    }

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.attach_all(self.case)
        self.document = self.document(self.case, CRIMINAL_RECORD)
        self.uploaded = self.case.document_ids[0]
        self.uploaded.write({"attachment_ids": [Command.create({"name": "wrong.pdf", "raw": SCAN})]})

    def form(self, files, **values):
        return (
            self.env["kho.dl.decide.file"]
            .with_user(self.clerk)
            .create({"file_ids": [Command.set(files.ids)], "reason": "Wrong person", **values})
        )

    def rows(self):
        return self.env["kho.dl.file.decision"].search([("case_id", "=", self.case.id)], order="id")

    def test_a_fetched_file_is_taken_off_and_fetched_again(self):
        [file] = self.document.attachment_ids
        content, [retrieval] = file.raw, self.document.retrieval_ids
        self.form(file).action_take_off()
        self.assertEqual((self.document.status, self.document.source), ("fetchable", False))
        self.assertFalse(file.exists() or self.document.provenance_sha256)
        [row] = self.rows()
        self.assertEqual(
            (row.kind, row.user_id, row.reason, row.source, row.retrieval_id, row.fetched_for),
            ("taken_off", self.clerk, "Wrong person", "national", retrieval, AN),
        )
        self.assertEqual((row.sha256, row.size, row.attachment_id.raw), (retrieval.sha256, len(content), content))
        self.attach_all(self.case)
        self.assertEqual((self.document.status, len(self.document.attachment_ids)), ("attached", 1))
        self.assertEqual(self.document.retrieval_ids.mapped("state"), ["done", "done"])

    def test_a_file_that_was_handed_in_is_replaced(self):
        new = self.env["ir.attachment"].with_user(self.clerk).create({"name": "right.pdf", "raw": b"%PDF-1.4 right"})
        self.form(self.uploaded.attachment_ids, new_file_ids=[Command.set(new.ids)]).action_take_off()
        self.assertEqual((self.uploaded.attachment_ids, self.uploaded.source), (new, "upload"))
        self.assertEqual((new.res_model, new.res_id), (self.uploaded._name, self.uploaded.id))
        [row] = self.rows()
        self.assertEqual((row.source, row.file_name, row.attachment_id.raw), ("upload", "wrong.pdf", SCAN))

    def test_nothing_leaves_without_a_reason_through_the_form_nor_a_closed_case(self):
        file = self.document.attachment_ids
        for reason in (False, " "):
            with self.assertRaises(UserError):
                self.form(file, reason=reason).action_take_off()
        self.assertTrue(self.document.with_user(self.clerk).file_badges[str(file.id)]["can_take_off"])
        self.case.state = "9"
        self.assertFalse(self.document.with_user(self.clerk).file_badges[str(file.id)]["can_take_off"])
        with self.assertRaises(UserError):
            self.form(file).action_take_off()
        self.assertEqual((self.document.attachment_ids, len(self.rows())), (file, 0))

    def test_one_of_two_files_keeps_the_hash_of_the_other(self):
        card = self.case.document_ids.filtered(lambda document: len(document.attachment_ids) == 2)
        first, second = card.attachment_ids.sorted("id")
        self.form(first).action_take_off()
        self.assertEqual((card.attachment_ids, card.source), (second, "national"))
        self.assertEqual(card.provenance_sha256, card.retrieval_ids.filtered("attachment_id").sha256)

    def test_whatever_way_a_file_leaves_it_is_kept(self):
        clerk_document = self.document.with_user(self.clerk)
        degree = next(one for one in self.case.document_ids if one.result_code_ids.code == DEGREE)
        clerk_document.with_context(**WHY).write({"attachment_ids": [Command.clear()]})
        degree.attachment_ids.with_user(self.clerk).with_context(**WHY).unlink()
        self.uploaded.attachment_ids.with_user(self.clerk).sudo().unlink()
        card = self.case.document_ids.filtered(lambda document: len(document.attachment_ids) == 2)
        first, second = card.attachment_ids
        card.with_user(self.clerk).with_context(**WHY).write({"attachment_ids": [Command.delete(first.id)]})
        second.with_user(SUPERUSER_ID).unlink()
        rows = self.rows()
        self.assertEqual(rows.mapped("case_document_id"), self.document | degree | self.uploaded | card)
        said, silent = (rows.filtered("reason"), rows.filtered(lambda row: not row.reason))
        self.assertEqual(said.case_document_id, self.document | degree | card)
        self.assertEqual((set(said.mapped("reason")), said.user_id), ({"Wrong person"}, self.clerk))
        # Integrations are trusted to have asked.
        self.assertEqual(silent.case_document_id, self.uploaded | card)
        self.assertEqual(silent.user_id.ids, [self.clerk.id, SUPERUSER_ID])
        self.assertIn(SCAN, silent.mapped("attachment_id.raw"))

    def ways(self, document):
        """Yield ways in which a person's program could change the files of `document` past the form."""
        file = document.attachment_ids
        for user in (self.clerk, self.administrator):
            own, files = document.with_user(user), file.with_user(user)
            new = {"name": "new.pdf", "raw": b"%PDF-1.4 new"}
            for command in (Command.clear(), Command.unlink(file.id), Command.delete(file.id), Command.set([])):
                yield lambda own=own, command=command: own.write({"attachment_ids": [command]})
            line = Command.update(document.id, {"attachment_ids": [Command.clear()]})
            yield lambda own=own, line=line: own.case_id.write({"document_ids": [line]})
            yield lambda own=own, new=new: own.write({"attachment_ids": [Command.clear(), Command.create(new)]})
            yield lambda files=files: files.unlink()

    def test_nobody_takes_a_file_off_past_the_form_without_a_reason(self):
        for document in (self.document, self.uploaded):
            file = document.attachment_ids
            for reason in ({}, {"kho_dl_reason": " "}, {"kho_dl_reason": ["x"]}, {"_force_unlink": True}):
                for way in self.ways(document.with_context(**reason)):
                    with self.assertRaises(UserError) as raised:
                        way()
                    self.assertIn("Take off or replace", str(raised.exception))
            self.assertEqual(document.attachment_ids, file)
        self.assertFalse(self.rows())

    def test_the_content_of_a_file_is_not_exchanged_on_its_place(self):
        for user in (self.clerk, self.administrator):
            with self.assertRaises(UserError):
                self.uploaded.attachment_ids.with_user(user).write({"raw": b"%PDF-1.4 other"})
        self.uploaded.attachment_ids.with_user(self.clerk).write({"name": "better.pdf"})
        self.assertEqual(self.uploaded.attachment_ids.raw, SCAN)

    def test_the_files_of_a_closed_case_stay_as_they_are(self):
        new = Command.create({"name": "late.pdf", "raw": SCAN})
        for state in ("9", "3"):
            self.case.state = state
            for document in (self.document, self.uploaded):
                own = document.with_user(self.clerk)
                for way in (*self.ways(document.with_context(**WHY)), partial(own.write, {"attachment_ids": [new]})):
                    with self.assertRaises(UserError) as raised:
                        way()
                    self.assertIn("closed", str(raised.exception))
        self.assertFalse(self.rows())
        self.assertTrue(self.document.with_user(self.clerk).write({"attachment_ids": []}))
        self.case.with_user(self.clerk).state = "4"
        self.uploaded.with_user(self.clerk).write({"attachment_ids": [new]})
        self.assertEqual(len(self.uploaded.attachment_ids), 2)

    def test_a_file_does_not_lose_where_it_came_from_on_another_document(self):
        other = self.make_case(AN)
        paper = self.env["kho.dl.paper"].create(
            {
                "result_code_id": self.codes[DEGREE].id,
                "owner_id_number": AN,
                "attachment_ids": [Command.create({"name": "p.pdf", "raw": SCAN})],
            }
        )
        for document in (other.document_ids[0], self.uploaded):
            for file in (self.document.attachment_ids, paper.attachment_ids):
                link = [Command.link(file.id)]
                with self.assertRaises(UserError) as raised:
                    document.with_user(self.clerk).write({"attachment_ids": link})
                self.assertIn("Look for existing papers", str(raised.exception))
                with self.assertRaises(UserError):
                    self.form(self.uploaded.attachment_ids, new_file_ids=link).action_take_off()
        self.assertFalse(other.document_ids.attachment_ids)

    def test_a_colleague_was_faster(self):
        new = self.env["ir.attachment"].with_user(self.clerk).create({"name": "right.pdf", "raw": b"%PDF-1.4 right"})
        file = self.uploaded.attachment_ids
        forms = self.form(file), self.form(file, new_file_ids=[Command.set(new.ids)])
        self.form(file).action_take_off()
        for form in (*forms, self.form(file.browse()), self.form(file.browse(), reason=False)):
            for act in (form.action_take_off, form.action_stay):
                with self.assertRaises(UserError):
                    act()
        with self.assertRaises(UserError) as raised:
            forms[1].action_take_off()
        self.assertIn("paper clip", str(raised.exception))
        self.assertTrue(new.exists())
        self.assertFalse(self.uploaded.attachment_ids)

    def test_what_was_chosen_after_a_refusal_does_not_go_with_the_form(self):
        form = self.form(self.uploaded.attachment_ids)
        new = {"name": "right.pdf", "raw": b"%PDF-1.4 right", "res_model": form._name, "res_id": form.id}
        form.new_file_ids = self.env["ir.attachment"].with_user(self.clerk).create(new)
        form.action_take_off()
        form.sudo().unlink()
        self.assertEqual(self.uploaded.attachment_ids.mapped("name"), ["right.pdf"])
        self.assertEqual(self.uploaded.attachment_ids.res_id, self.uploaded.id)

    def test_what_was_refused_is_not_in_the_journal(self):
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="kho_dl.group_clerk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        file = self.document.attachment_ids
        with self.assertRaises(AccessError):
            file.with_user(stranger).unlink()
        for method in ("action_take_off", "action_stay"):
            with self.assertRaises(UserError):
                form = self.env["kho.dl.decide.file"].with_user(stranger)
                form = form.create({"file_ids": [Command.set(file.ids)], "reason": "Mine"})
                getattr(form, method)()
        self.assertTrue(file.exists())
        self.assertFalse(self.rows())

    def test_clerks_do_not_reach_what_was_taken_off_and_auditors_do(self):
        self.form(self.document.attachment_ids).action_take_off()
        [row] = self.rows()
        kept = row.attachment_id
        for record in (row, kept):
            with self.assertRaises(AccessError):
                record.with_user(self.clerk).read(["display_name"])
        self.assertNotIn(kept, self.env["ir.attachment"].with_user(self.clerk).search([("id", "=", kept.id)]))
        for user in (self.auditor, self.administrator):
            self.assertEqual(kept.with_user(user).raw, kept.raw)
            self.assertIn(f"/web/content/{kept.id}", row.with_user(user).action_open_file()["url"])
            for change in (
                lambda user=user: kept.with_user(user).unlink(),
                lambda user=user: kept.with_user(user).write({"raw": b"x"}),
                lambda user=user: row.with_user(user).write({"reason": "Better"}),
            ):
                with self.assertRaises(UserError):
                    change()
        with self.assertRaises(UserError):
            row.sudo().write({"reason": "Better"})
        with self.assertRaises(UserError):
            row.sudo().unlink()

    def test_the_row_is_sealed_and_stands_in_the_proof_pack(self):
        content = self.document.attachment_ids.raw
        self.form(self.document.attachment_ids).action_take_off()
        [row] = self.rows()
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.assertTrue(row.chain_position)
        chain = self.env["kho.dl.journal.chain"]
        self.assertEqual(chain._verify(self.company).fault, "")
        for record, user in (
            (self.case, self.administrator),
            (row, self.auditor),
            (row.retrieval_id, self.auditor),
            (row.retrieval_id.query_id, self.auditor),
        ):
            with self.subTest(record=record._name):
                record.with_user(user).action_proof_pack()
                with zipfile.ZipFile(io.BytesIO(record.with_user(user)._proof_pack())) as pack:
                    [entry] = json.loads(pack.read("decisions.json"))
                    self.assertEqual((entry["reason"], entry["sha256"]), ("Wrong person", row.sha256))
                    self.assertEqual(pack.read(f"taken_off/{row.id}"), content)
                    sealed = {(one["model"], one["id"]) for one in json.loads(pack.read("chain.json"))["rows"]}
                    self.assertIn((row._name, row.id), sealed)
        self.env.cr.execute("UPDATE kho_dl_file_decision SET sha256 = 'x' WHERE id = %s", [row.id])
        self.assertEqual(chain._verify(self.company).fault, "changed")

    def test_it_can_still_be_compared(self):
        self.form(self.uploaded.attachment_ids).action_take_off()
        values = {"case_id": self.case.id, "file": base64.b64encode(SCAN)}
        compared = self.env["kho.dl.compare.file"].with_user(self.clerk).create(values)
        compared.action_compare()
        self.assertEqual(compared.outcome, "same")
        self.assertIn("taken off", compared.message)

    def test_it_goes_with_the_personal_data(self):
        self.form(self.uploaded.attachment_ids).action_take_off()
        [row] = self.rows()
        kept = row.attachment_id
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.company.kho_dl_retention_days = 30
        journal = row.sudo()
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.assertFalse(journal._empty_batch(journal._outdated_domain(self.company)))
            self.case.state = "9"
            self.assertEqual(journal._empty_batch(journal._outdated_domain(self.company)), 1)
        self.assertFalse(kept.exists() or row.reason or row.file_name or row.attachment_id)
        self.assertEqual(self.env["kho.dl.journal.chain"]._verify(self.company).fault, "")

    def test_administrators_see_on_the_case_what_left_it(self):
        self.form(self.uploaded.attachment_ids).action_take_off()
        case = self.case.with_user(self.administrator)
        self.assertEqual(case.decision_count, 1)
        self.assertEqual(self.env["kho.dl.file.decision"].search(case.action_view_decisions()["domain"]), self.rows())
        with self.assertRaises(AccessError):
            self.case.with_user(self.clerk).read(["decision_count"])

    def test_the_indicators_follow(self):
        self.case.sudo().date_received = "2026-03-10 05:00:00"
        self.env.flush_all()
        fact = self.env["kho.dl.indicator.fact"].sudo().search([("case_id", "=", self.case.id)])
        self.assertEqual((fact.has_file, fact.has_national), (True, True))
        self.form(self.case.document_ids.attachment_ids).action_take_off()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((fact.has_file, fact.has_national), (False, False))

    def test_the_history_tells_that_it_left_and_not_why(self):
        self.uploaded.attachment_ids.sudo().name = f"{AN}.pdf"
        before = self.case.message_ids
        self.form(self.uploaded.attachment_ids, reason=f"Of {AN}").action_take_off()
        [message] = self.case.message_ids - before
        self.assertIn(self.uploaded.name, message.body)
        self.assertNotIn(AN, message.body)

    def test_a_case_that_nobody_asked_about_can_go_and_the_row_stays(self):
        case = self.make_case(AN)
        case.document_ids[0].write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": SCAN})]})
        self.form(case.document_ids.attachment_ids).action_take_off()
        row = self.env["kho.dl.file.decision"].search([("case_id", "=", case.id)])
        self.env["kho.dl.journal"]._seal_closed(self.company)
        name = case.name
        case.with_user(self.env.ref("base.user_admin")).unlink()
        self.env.invalidate_all()
        self.assertEqual((row.case_name, row.case_id.id), (name, False))
        self.assertEqual(self.env["kho.dl.journal.chain"]._verify(self.company).fault, "")


@tagged("-at_install", "post_install")
class TestTakeOffTour(CounterTours):
    def test_a_clerk_replaces_a_file(self):
        case = self.make_case(AN)
        case.document_ids[0].write({"attachment_ids": [Command.create({"name": "wrong.pdf", "raw": SCAN})]})
        self.start("kho_dl_replace_file", case)
        self.assertEqual(case.document_ids[0].attachment_ids.mapped("name"), ["right.pdf"])
        [row] = self.env["kho.dl.file.decision"].search([("case_id", "=", case.id)])
        self.assertEqual((row.reason, row.attachment_id.raw), ("Scan of somebody else", SCAN))

    def test_what_a_clerk_has_typed_is_not_lost(self):
        case = self.make_case(AN)
        case.document_ids[0].write({"attachment_ids": [Command.create({"name": "wrong.pdf", "raw": SCAN})]})
        self.start("kho_dl_typed_is_kept", case)
        self.assertFalse(case.document_ids.attachment_ids)
        self.assertEqual(case.owner_id_number, DUNG)
