import threading
import time
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.common import cron_budget
from ..models.gate.gate_errors import FileNotScanned, ScannerUnreachable
from ..models.gate.virus_scanner import VirusScanner
from .at_once_case import CommittedCase
from .common import AN, BINH, CRIMINAL_RECORD
from .paper_case import PDF, PaperCase

PATIENCE = 30


class TestEntering(PaperCase):
    """What enters the store by itself, and when it is tried again."""

    def add_result(self, case, **values):
        return self.make_paper(case_id=case.id, **values)

    def waiting(self, count):
        """Return `count` results of a processed case that waited for the scanner, which is back."""
        self.company.kho_dl_scanner_address = "127.0.0.1:1"
        case = self.make_case(AN)
        results = self.env["kho.dl.paper"].union(*(self.add_result(case, number=str(n)) for n in range(count)))
        case.state = "9"
        self.assertEqual(set(results.mapped("state")), {"draft"})
        self.company.kho_dl_scanner_address = False
        return results

    def run_scheduled(self):
        """Run the scheduled action as Odoo does, with time for one paper in each of its repeats."""

        def one_a_pass(env, done, remaining, give_up_at):
            env["ir.cron"]._commit_progress(done, remaining=remaining)
            return not done

        with patch.object(cron_budget, "report", one_a_pass):
            self.env.ref("kho_dl.ir_cron_enter").method_direct_trigger()
        self.env.invalidate_all()

    def test_no_paper_is_begun_when_the_time_of_the_pass_is_over(self):
        results = self.waiting(2)
        with patch.object(cron_budget, "PASS_SECONDS", 0):
            self.env.ref("kho_dl.ir_cron_enter").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(results.mapped("state"), ["draft"] * 2)

    def test_a_file_that_needs_long_to_scan_has_as_long_as_anywhere_else(self):
        results = self.waiting(3)
        self.company.write({"kho_dl_scanner_address": "127.0.0.1:1", "kho_dl_timeout": 30})
        given = []

        def slow(scanner, file):
            given.append(scanner._seconds())
            # Time that passes, in place of a scan of twelve seconds.
            clock.return_value += 12
            if given[-1] < 12:
                raise FileNotScanned("took too long")

        with (
            patch.object(VirusScanner, "scan", slow),
            patch("time.monotonic", return_value=time.monotonic()) as clock,
        ):
            self.env["kho.dl.paper"]._cron_enter()
        self.env.invalidate_all()
        self.assertEqual(given[0], 30)
        # Who would have less than that is the first of another pass.
        self.assertEqual(given, [30] * len(given))
        self.assertEqual(len(results.filtered(lambda paper: paper.state == "effective")), len(given))

    def test_only_a_twin_is_taken_for_one(self):
        paper = self.make_paper()

        def elsewhere(_papers):
            self.env.cr.execute("SELECT 1")
            raise UniqueViolation

        with patch.object(self.registry["kho.dl.paper"], "_publish", elsewhere), self.assertRaises(UniqueViolation):
            paper._publish_unless_duplicate()

    def test_without_a_code_of_the_agency_two_are_one_however_it_is_empty(self):
        first, second = (self.make_paper(agency_code=code) for code in (False, ""))
        self.env.cr.execute("UPDATE kho_dl_paper SET agency_code = NULL WHERE id = %s", [first.id])
        self.env.cr.execute("UPDATE kho_dl_paper SET agency_code = '' WHERE id = %s", [second.id])
        self.env.invalidate_all()
        first.action_enter()
        self.assertIn("already", second.missing)

    def test_after_an_outage_of_the_scanner_odoo_goes_on_until_all_have_entered(self):
        results = self.waiting(4)
        self.run_scheduled()
        self.assertEqual(results.mapped("state"), ["effective"] * 4)

    def test_what_is_refused_again_is_not_tried_without_end(self):
        results = self.waiting(2)
        self.company.kho_dl_scanner_address = "127.0.0.1:1"
        tried = []
        try_again = self.registry["kho.dl.paper"]._publish_ready

        def counted(papers, *args, **kwargs):
            tried.extend(papers.ids)
            return try_again(papers, *args, **kwargs)

        with patch.object(self.registry["kho.dl.paper"], "_publish_ready", counted):
            self.run_scheduled()
        self.assertEqual(sorted(tried), sorted(results.ids))
        self.assertEqual(results.mapped("state"), ["draft"] * 2)

    def test_one_that_fails_in_an_unforeseen_way_holds_up_no_other(self):
        results = self.waiting(3)
        try_again = self.registry["kho.dl.paper"]._publish_ready

        def broken(papers, *args, **kwargs):
            if results[0] in papers:
                raise ZeroDivisionError
            return try_again(papers, *args, **kwargs)

        with (
            patch.object(self.registry["kho.dl.paper"], "_publish_ready", broken),
            self.assertLogs("odoo.addons.kho_dl.models.store.kho_dl_paper_publishing", "ERROR") as log,
        ):
            self.run_scheduled()
        self.assertEqual(results.mapped("state"), ["draft", "effective", "effective"])
        self.assertIn("ZeroDivisionError", log.output[0])

    def test_the_scanner_that_is_away_is_asked_once_for_all_results_of_a_case(self):
        case = self.make_case(AN)
        for number in "123":
            self.add_result(case, number=number)
        self.company.kho_dl_scanner_address = "127.0.0.1:1"
        with patch.object(VirusScanner, "_call", side_effect=ScannerUnreachable("away")) as call:
            case.state = "9"
        self.assertEqual(call.call_count, 1)

    def test_of_two_equal_drafts_one_enters_and_the_other_says_why(self):
        case = self.make_case(AN)
        first, second = self.add_result(case), self.add_result(case)
        case.state = "9"
        self.assertEqual((case.state, first.state, second.state), ("9", "effective", "draft"))
        self.assertIn("already", second.missing)
        self.assertIn("already", second.entry_problem)
        self.assertEqual(case.paper_count, 1)

    def test_of_equal_drafts_on_cases_processed_together_one_enters(self):
        cases = self.make_case(AN) + self.make_case(AN)
        for case in cases:
            self.add_result(case)
        cases.sudo().write({"state": "9"})
        self.assertEqual(sorted(cases.paper_ids.mapped("state")), ["draft", "effective"])

    def test_equal_drafts_on_a_case_that_begins_as_processed(self):
        papers = [Command.create(self.paper_values()), Command.create(self.paper_values())]
        case = self.make_case(AN, state="9", paper_ids=papers)
        self.assertEqual(sorted(case.paper_ids.mapped("state")), ["draft", "effective"])

    def test_the_other_enters_when_the_first_is_taken_back_or_its_number_is_another(self):
        case = self.make_case(AN)
        first, second = self.add_result(case), self.add_result(case)
        case.state = "9"
        second.number = "13/2026"
        self.assertEqual((second.state, second.entry_problem), ("effective", False))
        third = self.add_result(case)
        self.assertEqual(third.state, "draft")
        first._revoke("the wrong one")
        third.note = "look again"
        self.assertEqual(third.state, "effective")

    def test_equal_drafts_entered_by_hand_are_refused_in_words(self):
        drafts = self.make_paper() + self.make_paper()
        with self.assertRaisesRegex(UserError, "already"):
            drafts.action_enter()
        self.assertEqual(drafts.mapped("state"), ["draft", "draft"])

    def test_equal_rows_without_a_number_are_two_papers(self):
        case = self.make_case(BINH)
        papers = self.add_result(case, number=False) + self.add_result(case, number=False)
        case.state = "9"
        self.assertEqual(papers.mapped("state"), ["effective", "effective"])


@tagged("-at_install", "post_install")
class TestEnteringAtOnce(CommittedCase):
    """Two cases processed at the same moment, with real transactions."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            code = env["kho.dl.result.code"].create({"code": CRIMINAL_RECORD, "name": "Criminal record"})
            procedure = env["kho.dl.procedure"].create({"code": "9.78", "name": "One paper"})
            owner = env["res.partner"].create({"name": "Applicant"})
            paper = {
                "result_code_id": code.id,
                "number": "1/2026",
                "date_issued": fields.Date.today(),
                "attachment_ids": [Command.create({"name": "p.pdf", "raw": PDF})],
            }
            cases = env["kho.dl.case"].create(
                [
                    {
                        "procedure_id": procedure.id,
                        "owner_id": owner.id,
                        "owner_id_number": AN,
                        "paper_ids": [Command.create(paper)],
                    }
                    for _number in range(2)
                ]
            )
            self.cases = cases.ids
            self.made = {
                "kho_dl_paper_file": ("paper_id", cases.paper_ids.ids),
                "ir_attachment": ("id", cases.paper_ids.attachment_ids.ids),
                "kho_dl_paper": ("case_id", cases.ids),
                "kho_dl_case": ("id", cases.ids),
                "kho_dl_procedure": ("id", procedure.ids),
                "kho_dl_result_code": ("id", code.ids),
                "res_partner": ("id", owner.ids),
            }
        self.addCleanup(self.forget)

    def forget(self):
        """Take away what was really committed; nothing of a store is deleted by the ORM."""
        with self.committed() as env:
            env["kho.dl.case"].browse(self.cases).outbox_ids.unlink()
            env.flush_all()
            for table, (column, ids) in self.made.items():
                env.cr.execute(
                    SQL("DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), ids)
                )

    def test_one_enters_the_other_stays_a_draft_and_both_cases_are_processed(self):
        first, second = self.cases
        problems, has_snapshot, go_on = [], threading.Event(), threading.Event()

        def process_second():
            try:
                with self.committed() as env:
                    env["kho.dl.case"].browse(second).read(["state"])
                    has_snapshot.set()
                    go_on.wait(PATIENCE)
                    env["kho.dl.case"].browse(second).state = "9"
            except Exception as problem:  # noqa: BLE001 - a thread cannot raise into the test
                problems.append(problem)

        thread = threading.Thread(target=process_second)
        with self.committed() as env, mute_logger("odoo.sql_db"):
            env["kho.dl.case"].browse(first).state = "9"
            env.flush_all()
            thread.start()
            has_snapshot.wait(PATIENCE)
            go_on.set()
            self.wait_until_somebody_waits()
            env.cr.commit()
            thread.join(PATIENCE)
        self.assertFalse(problems)
        with self.committed() as env:
            cases = env["kho.dl.case"].browse(self.cases)
            self.assertEqual(cases.mapped("state"), ["9", "9"])
            self.assertEqual([case.paper_ids.state for case in cases], ["effective", "draft"])
            self.assertIn("already", cases[1].paper_ids.missing)
            self.assertIn("already", cases[1].paper_ids.entry_problem)

    def wait_until_somebody_waits(self):
        """Return when a transaction of this database waits for another one to end."""
        pause = threading.Event()
        for _turn in range(PATIENCE * 50):
            with self.committed() as env:
                env.cr.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
                if env.cr.fetchone()[0]:
                    return
            pause.wait(0.02)
        self.fail("waited in vain")
