from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, ValidationError

from .common import AN
from .test_outbox import OutboxCase

NOON = datetime(2026, 4, 10, 5)
LATER = datetime(2026, 4, 12, 5)
DATES = ("date_received", "date_finished", "date_returned")


class TestCaseDates(OutboxCase):
    """A case that begins past a step has the dates of that step, however it begins, and the portal reads them."""

    def begun(self, state, **values):
        owner = self.env["res.partner"].create({"name": "Applicant"})
        return {
            "procedure_id": self.procedure.id,
            "owner_id": owner.id,
            "owner_id_number": AN,
            "state": state,
            **values,
        }

    def has_dates(self, case):
        return [bool(case[name]) for name in DATES]

    def test_each_state_has_the_dates_that_a_change_to_it_gives(self):
        for state, _label in self.env["kho.dl.case"]._fields["state"].selection:
            with self.subTest(state):
                begun = self.make_case(AN, state=state)
                changed = self.make_case(AN)
                changed.state = state
                self.assertEqual(self.has_dates(begun), self.has_dates(changed))

    def test_in_a_batch_in_a_form_and_in_a_column_of_the_board(self):
        cases = self.env["kho.dl.case"].create([self.begun(state) for state in ("9", "1", "10")])
        found = [self.has_dates(case) for case in cases]
        self.assertEqual(found, [[True, True, False], [False] * 3, [True] * 3])
        form = self.env["kho.dl.case"].create(self.begun("10", **dict.fromkeys(DATES, False)))
        self.assertEqual(self.has_dates(form), [True] * 3)
        values = self.begun("9")
        del values["state"]
        board = self.env["kho.dl.case"].with_context(default_state="9").create(values)
        self.assertEqual(self.has_dates(board), [True, True, False])

    def test_a_case_that_goes_on_has_not_ended(self):
        for state in ("2", "9"):
            with self.assertRaises(AccessError):
                self.make_case(AN, state=state, date_stopped=NOON)
        self.assertEqual(self.make_case(AN, state="8", date_stopped=NOON).date_stopped, NOON)

    def test_in_an_import(self):
        owner = self.env["res.partner"].create({"name": "Imported"})
        columns = ["procedure_id/.id", "owner_id/.id", "owner_id_number", "state", "date_returned"]
        row = [str(self.procedure.id), str(owner.id), AN, "10", "2026-04-12 05:00:00"]
        result = self.env["kho.dl.case"].with_context(import_file=True).load(columns, [row])
        case = self.env["kho.dl.case"].browse(result["ids"])
        self.assertEqual((case.date_returned, case.date_finished), (LATER, LATER))

    def test_what_is_said_stays_and_no_step_is_later_than_the_next(self):
        case = self.make_case(AN, state="10", date_submitted=NOON, date_returned=LATER)
        self.assertEqual([case[name] for name in DATES], [NOON, LATER, LATER])
        case = self.make_case(AN, state="9", date_submitted=NOON, date_finished=LATER)
        self.assertEqual([case[name] for name in DATES], [NOON, LATER, False])

    def test_nothing_is_submitted_after_a_step_that_is_said(self):
        for state, said in (
            ("9", {"date_finished": NOON}),
            ("10", {"date_returned": LATER, "date_finished": str(NOON)}),
        ):
            case = self.env["kho.dl.case"].create(self.begun(state, **said))
            self.assertEqual([case.date_submitted, case.date_received, case.date_finished], [NOON] * 3)
        # A form sends what it offers: now.
        form = self.env["kho.dl.case"].create(self.begun("9", date_finished=NOON, date_submitted=LATER))
        self.assertEqual((form.date_received, form.date_finished), (NOON, NOON))

    def test_the_portal_reads_when_it_ended(self):
        processed = self.make_case(AN, state="9", date_finished=NOON)
        returned = self.make_case(AN, state="10", date_finished=NOON, date_returned=LATER)
        unsaid = self.make_case(AN, state="10")
        self.send()
        found = [self.at_portal(case) for case in (processed, returned, unsaid)]
        self.assertEqual(
            [(row["NgayKetThucXuLy"], row["NgayTra"]) for row in found[:2]],
            [("20260410120000", ""), ("20260410120000", "20260412120000")],
        )
        self.assertTrue(found[2]["NgayKetThucXuLy"] and found[2]["NgayTra"])

    def test_a_result_of_a_case_that_begins_as_processed_enters(self):
        case = self.make_case(AN, state="9", paper_ids=[Command.create(self.paper_values())])
        self.assertEqual((case.paper_ids.state, bool(case.date_finished)), ("effective", True))

    def test_what_other_systems_write_for_no_date_is_refused_in_words(self):
        # Of the last one no list of all cases could be read any more: in Vietnam it is the year 10000.
        for moment in ("0001-01-01 00:00:00", "1753-01-01 00:00:00", "9999-12-31 23:59:59"):
            for name in ("date_submitted", "date_due", *DATES):
                with (
                    self.subTest(moment=moment, name=name),
                    self.assertRaisesRegex(ValidationError, "from 1900 to 9998"),
                ):
                    self.make_case(AN, state="10", **{name: moment})
        case = self.make_case(AN)
        with self.assertRaises(ValidationError):
            case.date_due = "9999-12-31 23:59:59"
