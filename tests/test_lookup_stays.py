from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError

from .common import AN, BINH, CHAU, CRIMINAL_RECORD, DEGREE, LAND, KhoDLCase


class LookupCase(KhoDLCase):
    users = {
        "colleague": {
            "login": "colleague",
            "groups": "kho_dl.group_clerk",
            "name": "Colleague",
            "kho_dl_id_number": "000188000078",
        },
    }

    def open(self, case, user=None):
        """Return the form as the button on the case opens it."""
        action = case.with_user(user or self.clerk).action_kho_dl_retrieve()
        return self.env[action["res_model"]].with_user(user or self.clerk).browse(action["res_id"])

    def searched(self, number=AN, **values):
        wizard = self.make_wizard(self.make_case(number, **values))
        wizard.action_search()
        return wizard

    def ask_for_land(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land certificate", "holds_many": True})
        self.procedure.document_ids = [
            Command.create({"name": "Land certificate", "result_code_ids": [Command.set(land.ids)]})
        ]

    def codes_asked(self):
        return [[row["MaKetQua"] for row in body["DanhSachDanhMucKetQua"]] for body in self.asked()]

    def queries(self, case):
        return self.env["kho.dl.query"].search([("case_id", "=", case.id)])


class TestAnswerStays(LookupCase):
    """An answer is shown again for a while, whoever opens the form on the case."""

    def test_a_closed_window_loses_nothing(self):
        first = self.searched()
        line = self.line(first, CRIMINAL_RECORD)
        line.write({"selected": False, "reason": "Seen at the counter"})
        again = self.open(first.case_id)
        self.assertNotEqual(again, first)
        self.assertEqual((again.outcome, again.consent_given), ("found", True))
        self.assertEqual(len(again.line_ids), len(first.line_ids))
        shown = self.line(again, CRIMINAL_RECORD)
        self.assertEqual((shown.selected, shown.reason), (False, "Seen at the counter"))
        again.line_ids.selected = False
        shown.selected = True
        again.action_attach()
        self.assertEqual(self.document(first.case_id, CRIMINAL_RECORD).status, "attached")
        self.assertEqual((len(self.asked()), len(self.queries(first.case_id))), (1, 1))

    def test_a_colleague_sees_the_same_without_a_second_consent_or_question(self):
        first = self.searched()
        theirs = self.open(first.case_id, self.colleague)
        self.assertEqual(theirs.lookup_id, first.lookup_id)
        self.assertEqual(theirs.lookup_id.consent_user_id, self.clerk)
        self.line(theirs, CRIMINAL_RECORD).selected = False
        self.assertFalse(self.line(first, CRIMINAL_RECORD).selected)
        theirs.action_search()
        theirs.action_attach()
        self.assertEqual(self.document(first.case_id, DEGREE).status, "attached")
        self.assertEqual(len(self.queries(first.case_id)), 1)

    def test_a_tick_before_any_question_stays_too(self):
        case = self.make_case()
        self.open(case).consent_given = True
        self.assertTrue(self.open(case, self.colleague).consent_given)
        self.open(case, self.colleague).action_search()
        query = self.queries(case)
        self.assertEqual((query.user_id, query.consent_user_id), (self.colleague, self.clerk))

    def test_pressing_twice_asks_once(self):
        wizard = self.searched()
        ids = wizard.line_ids.ids
        wizard.action_search()
        self.assertEqual((len(self.asked()), wizard.line_ids.ids), (1, ids))

    def test_asking_anew_asks_everything(self):
        wizard = self.searched()
        self.line(wizard, CRIMINAL_RECORD).selected = False
        wizard.action_search_again()
        self.assertEqual(len(self.asked()), 2)
        self.assertEqual(*map(sorted, self.codes_asked()))
        self.assertTrue(self.line(wizard, CRIMINAL_RECORD).selected)
        self.assertEqual(len(self.line(wizard, CRIMINAL_RECORD)), 1)
        self.assertEqual(len(self.queries(wizard.case_id)), 2)

    def test_a_failed_question_is_asked_again(self):
        self.simulator.order("papers", "server_error", times=None)
        wizard = self.searched()
        self.assertEqual(wizard.outcome, "failed")
        self.assertFalse(wizard.asked_on)
        self.simulator.reset()
        again = self.open(wizard.case_id)
        again.action_search()
        self.assertEqual((again.outcome, len(self.queries(again.case_id))), ("found", 2))
        self.assertTrue(self.line(again, CRIMINAL_RECORD).selected)

    def test_what_is_on_the_case_is_not_offered_again(self):
        wizard = self.searched()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        wizard.action_attach()
        again = self.open(wizard.case_id)
        self.assertFalse(self.line(again, CRIMINAL_RECORD))
        self.assertTrue(self.line(again, DEGREE))

    def test_a_file_that_was_taken_off_is_offered_again(self):
        wizard = self.searched()
        wizard.action_attach()
        document = self.document(wizard.case_id, CRIMINAL_RECORD).with_user(self.clerk)
        document.with_context(kho_dl_reason="Wrong paper").write({"attachment_ids": [Command.clear()]})
        again = self.open(wizard.case_id)
        self.assertEqual(again.line_ids.case_document_id, document)
        self.assertEqual(again.line_ids.status, "new")
        again.action_attach()
        self.assertEqual(document.status, "attached")
        self.assertEqual(len(self.asked()), 1)

    def test_the_form_says_of_when_the_answer_is(self):
        with freeze_time("2026-11-27 02:12:00"):
            wizard = self.searched()
            self.clerk.tz = "Asia/Ho_Chi_Minh"
            self.assertEqual(wizard.asked_words, "Answer of 09:12, good until 09:42.")


class TestNumberTypedLater(LookupCase):
    def test_it_asks_for_that_paper_alone_and_adds_to_the_answer(self):
        self.ask_for_land()
        wizard = self.searched(BINH)
        before = wizard.line_ids
        before.selected = False
        number = self.simulator.world.numbers_of(BINH, LAND)[0]
        again = self.open(wizard.case_id, self.colleague)
        again.document_ids.filtered("needs_number").paper_number = number
        self.assertEqual((again.ask_count, again.number_count), (1, 0))
        again.action_search()
        self.assertEqual(self.codes_asked()[1], [LAND])
        self.assertEqual(self.line(again, LAND).mapped("number"), [number])
        self.assertTrue(self.line(again, LAND).selected)
        others = again.line_ids - self.line(again, LAND)
        self.assertEqual(len(others), len(before))
        self.assertFalse(any(others.mapped("selected")))
        again.action_attach()
        self.assertEqual(self.document(wizard.case_id, LAND).status, "attached")

    def test_another_number_takes_the_place_of_the_first(self):
        self.ask_for_land()
        case = self.make_case(BINH)
        numbers = self.simulator.world.numbers_of(BINH, LAND)
        self.document(case, LAND).paper_number = numbers[0]
        wizard = self.make_wizard(case)
        wizard.action_search()
        wizard.document_ids.filtered("needs_number").paper_number = numbers[1]
        self.assertEqual(wizard.document_ids.filtered("needs_number").plan, "ask")
        with self.assertRaisesRegex(UserError, "has changed"):
            wizard.action_attach()
        wizard.action_search()
        self.assertEqual(self.codes_asked()[1], [LAND])
        self.assertEqual(self.line(wizard, LAND).mapped("number"), numbers[1:2])

    def test_without_a_number_nothing_more_is_asked(self):
        self.ask_for_land()
        wizard = self.searched(BINH)
        wizard.action_search()
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(wizard.document_ids.filtered("needs_number").plan, "number")


class TestAnswerEnds(LookupCase):
    def later(self, **delta):
        self.enterContext(freeze_time(fields.Datetime.now() + timedelta(**delta)))

    def test_it_ends_after_the_time_of_the_settings(self):
        self.company.kho_dl_answer_minutes = 10
        wizard = self.searched()
        lookup = wizard.lookup_id
        self.assertEqual(lookup.good_until - lookup.asked_on, timedelta(minutes=10))
        self.later(minutes=11)
        again = self.open(wizard.case_id)
        self.assertFalse(again.line_ids or again.outcome or again.consent_given)
        with self.assertRaises(UserError):
            again.action_search()
        again.consent_given = True
        again.action_search()
        self.assertEqual(len(self.queries(wizard.case_id)), 2)
        self.assertEqual(again.asked_on, fields.Datetime.now())

    def test_a_window_left_open_looks_again(self):
        wizard = self.searched()
        self.later(minutes=31)
        with self.assertRaisesRegex(UserError, "no longer good"):
            wizard.action_attach()
        wizard.action_search()
        wizard.action_attach()
        self.assertEqual(self.document(wizard.case_id, CRIMINAL_RECORD).status, "attached")
        self.assertEqual(len(self.queries(wizard.case_id)), 2)

    def test_another_person_number_or_procedure_ends_it(self):
        for name, value in (
            ("owner_id_number", BINH),
            ("owner_id", self.env["res.partner"].create({"name": "Somebody else"}).id),
            ("channel", "3"),
            ("procedure_id", self.procedure.copy({"code": "9.9"}).id),
        ):
            with self.subTest(name):
                wizard = self.searched()
                wizard.case_id.sudo().write({name: value})
                again = self.open(wizard.case_id)
                self.assertFalse(again.line_ids or again.outcome or again.consent_given)
                self.assertEqual(again.document_ids.case_document_id, wizard.case_id.document_ids)

    # Proves W.9-1.
    def test_it_goes_and_the_journal_stays(self):
        wizard = self.searched()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        wizard.action_attach()
        rows, case = self.retrievals(wizard.case_id), wizard.case_id
        lookup = wizard.lookup_id
        lookup._cron_forget()
        self.assertTrue(lookup.candidate_ids)
        self.later(minutes=31)
        lookup._cron_forget()
        self.assertFalse(self.env["kho.dl.lookup.candidate"].search_count([]))
        self.assertFalse(
            lookup.owner_id_number or lookup.owner_id or lookup.consent_given or lookup.document_ids.query_id
        )
        # The form that stands on it says so, and begins anew when it is opened again.
        with self.assertRaisesRegex(UserError, "has changed since this window"):
            wizard.action_attach()
        self.assertFalse(self.open(case).outcome)
        self.later(days=2)
        lookup._gc_lookups()
        for model in ("kho.dl.lookup", "kho.dl.lookup.document"):
            self.assertFalse(self.env[model].search_count([]), model)
        self.assertFalse(wizard.exists())
        self.assertTrue(self.queries(case).sudo().answer)
        self.assertEqual(
            (rows.state, rows.attachment_id), ("done", self.document(case, CRIMINAL_RECORD).attachment_ids)
        )

    def test_none_for_this_person_stays_for_a_while_too(self):
        wizard = self.searched(CHAU)
        again = self.open(wizard.case_id)
        self.assertIn("Medical degree", again.missing_names)
        again.action_search()
        self.assertEqual(len(self.asked()), 1)
