from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import freeze_time

from ..models.common import cron_budget
from ..models.journal import kho_dl_journal_check, kho_dl_journal_round
from ..models.journal.journal_seals import seal_of
from ..models.journal.journal_walk import row_at, walk_on
from .common import new_test_user
from .test_journal_sealing import SealingCase

# Hours of Vietnam, in UTC.
NOON, NIGHT = fields.Datetime.to_datetime("2026-03-10 05:00:00"), fields.Datetime.to_datetime("2026-03-10 18:00:00")


class CheckCase(SealingCase):
    """Long journals: one of ten rows is walked four at a time, and three at once."""

    users = {
        "auditor": {"login": "check_auditor", "groups": "kho_dl.group_auditor", "lang": "en_US"},
    }

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(kho_dl_journal_check, "MOST_AT_ONCE", 3))
        self.startPatcher(patch.object(kho_dl_journal_round, "SLICE", 4))
        self.head = self.chain._head(self.company)
        self.add_rows(10)

    def add_rows(self, count):
        rows = self.closed(count)
        self.journal._cron_seal()
        self.head.invalidate_recordset()
        return rows

    def verify(self):
        params = self.chain.with_user(self.auditor).action_verify()["params"]
        self.head.invalidate_recordset()
        return params

    def work(self, moment=NOON):
        """Run the scheduled action as at `moment`."""
        with patch.object(kho_dl_journal_check.fields.Datetime, "now", lambda: moment):
            self.chain._cron_verify()
        self.head.invalidate_recordset()

    def change(self, position, reseal=False, **values):
        """Change the row at `position` behind Odoo's back, with `reseal` it and all after it sealed anew; return it."""
        journal, row = row_at(self.env, self.company, position)
        record = journal.browse(row["id"])
        self.set_by_sql(record, **values)
        if reseal:
            seal = row["chain_previous"]
            for place in range(position, self.head.position + 1):
                journal, row = row_at(self.env, self.company, place)
                self.set_by_sql(journal.browse(row["id"]), chain_previous=seal)
                seal = seal_of(*row_at(self.env, self.company, place))
                self.set_by_sql(journal.browse(row["id"]), chain_hash=seal)
            self.set_by_sql(self.head, hash=seal)
        return record

    def set_by_sql(self, record, **values):
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(f"UPDATE {record._table} SET {name} = %s WHERE id = %s", [value, record.id])  # pylint: disable=sql-injection
        self.env.invalidate_all()


class TestCheck(CheckCase):
    def test_a_long_check_goes_on_in_the_background(self):
        params = self.verify()
        self.assertEqual((params["type"], params["title"]), ("info", "The journal is being checked"))
        self.assertEqual(params["next"]["res_id"], self.head.id)
        self.assertEqual((self.head.check_state, self.head.check_user_id), ("on", self.auditor))
        self.assertEqual(self.head.progress, 0)
        self.work()
        self.assertEqual((self.head.check_state, self.head.checked_position), ("rest", self.head.position))
        self.assertEqual((self.head.checked_hash, self.head.progress), (self.head.hash, 100))

    def test_a_check_goes_on_from_the_last_checked_position(self):
        self.work()
        self.add_rows(2)
        params = self.verify()
        self.assertEqual(params["type"], "success")
        self.assertIn(f"2 rows were checked now, up to the last position {self.head.position}", params["message"])
        self.assertEqual(self.head.checked_position, self.head.position)

    def test_a_pass_that_is_over_goes_on_in_the_next(self):
        self.verify()
        left = iter([True, True, False, False])
        with patch.object(cron_budget, "report", lambda *_told: next(left)):
            self.work()
        self.assertEqual((self.head.checked_position, self.head.check_state), (8, "on"))
        self.assertEqual(self.head.progress_text, f"8 of {self.head.position} rows")
        self.work()
        self.assertEqual((self.head.checked_position, self.head.check_state), (self.head.position, "rest"))

    def test_a_broken_row_is_named_until_it_is_mended(self):
        self.work()
        self.add_rows(2)
        broken = self.change(12, paper_count=7)
        for _ in range(2):
            params = self.verify()
            self.assertEqual(params["type"], "danger")
            self.assertIn(f"no. {broken.id} at position 12", params["message"])
            self.assertIn("Rows before it are whole: 11.", params["message"])
        self.assertEqual(
            (self.head.fault, self.head.fault_row_id, self.head.checked_position), ("changed", broken.id, 10)
        )
        self.assertIn("position 12", self.head.outcome)
        self.work()
        self.assertEqual(self.head.fault, "changed")
        self.change(12, paper_count=None)
        self.assertEqual(self.verify()["type"], "success")
        self.assertFalse(self.head.fault)

    def test_a_journal_with_nothing_new_is_not_walked_and_was_checked_all_the_same(self):
        self.work()
        other = self.chain._head(self.env["res.company"].create({"name": "Never asked anything"}))
        with patch.object(kho_dl_journal_check, "walk_on", wraps=walk_on) as walked:
            self.work(NOON + timedelta(hours=1))
            walked.assert_not_called()
            other.invalidate_recordset()
            self.assertEqual({self.head.checked_on, other.checked_on}, {NOON + timedelta(hours=1)})
            # Whoever asked for it is told.
            self.head.with_user(self.auditor)._ask("on")
            self.work()
            walked.assert_called_once()

    def test_a_journal_with_nothing_new_whose_end_was_changed_is_walked(self):
        self.work()
        before = row_at(self.env, self.company, 9)[1]["chain_hash"]
        last, other = self.change(10), "0" * 64
        only_nine_were_checked = {"checked_position": 9, "checked_hash": before}
        for record, change in (
            (self.head, {"hash": other}),
            (self.head, {"position": 9, "hash": before}),
            (self.head, {"position": 9, "hash": before, **only_nine_were_checked}),
            (last, {"chain_hash": other}),
            (last, {"chain_position": 11}),
            (last, {"chain_position": 0}),
        ):
            with self.subTest(change=change):
                [whole] = record.read(list(change), load=None)
                self.set_by_sql(record, **change)
                self.work()
                self.assertTrue(self.head.fault)
                self.set_by_sql(record, **{name: whole[name] for name in change})
                self.set_by_sql(self.head, fault=None)

    def test_a_row_changed_before_the_checked_position_is_found_at_night(self):
        self.work()
        broken = self.change(3, paper_count=7)
        self.work()
        self.assertFalse(self.head.fault)
        self.work(NIGHT)
        self.assertEqual((self.head.fault, self.head.fault_row_id), ("changed", broken.id))
        # Known from now on, also by day.
        self.assertIn("position 3", self.verify()["message"])
        self.change(3, paper_count=None)
        self.work()
        self.assertFalse(self.head.fault)

    def test_a_night_goes_on_where_the_one_before_ended_and_begins_anew(self):
        self.work()
        left = iter([True] * 3 + [False] * 9)
        with patch.object(cron_budget, "report", lambda *_told: next(left)):
            self.work(NIGHT)
        self.assertEqual((self.head.round_position, self.head.round_ended_on), (4, False))
        self.work()
        self.assertEqual(self.head.round_position, 4)
        self.work(NIGHT)
        self.assertEqual((self.head.round_position, self.head.round_ended_on), (0, NIGHT))
        self.change(1, paper_count=7)
        self.work(NIGHT)
        self.assertFalse(self.head.fault)
        self.work(NIGHT + timedelta(days=1))
        self.assertEqual(self.head.fault, "changed")

    def test_rows_that_were_all_sealed_anew_differ_from_what_was_checked(self):
        self.work()
        self.change(2, reseal=True, paper_count=7)
        self.assertFalse(self.chain._verify(self.company).fault)
        params = self.verify()
        self.assertEqual(params["type"], "danger")
        self.assertIn("sealed anew by hand", params["message"])
        self.head.action_check_anew()
        self.work()
        self.assertEqual((self.head.fault, self.head.fault_position), ("rewritten", 10))

    def test_last_rows_that_are_gone_with_the_head_set_back_are_missed(self):
        self.work()
        gone = self.change(10)
        _journal, before = row_at(self.env, self.company, 9)
        self.env.cr.execute("DELETE FROM kho_dl_query WHERE id = %s", [gone.id])
        self.set_by_sql(self.head, position=9, hash=before["chain_hash"])
        for check in (self.verify, self.work, lambda: self.work(NIGHT), self.verify):
            check()
            self.assertEqual(self.head.fault, "missing")
        self.assertEqual(self.verify()["type"], "danger")

    def test_a_full_check_can_be_asked_for_and_who_asked_is_told(self):
        self.work()
        self.change(5, paper_count=7)
        self.head.with_user(self.auditor).action_check_anew()
        self.assertEqual((self.head.check_state, self.head.progress), ("anew", 0))
        with patch.object(type(self.env["res.users"]), "_bus_send", autospec=True) as send:
            self.work()
        [(user, kind, params)] = [call.args for call in send.call_args_list]
        self.assertEqual((user, kind, params["type"]), (self.auditor, "simple_notification", "danger"))
        self.assertIn("position 5", params["message"])
        self.assertEqual(self.head.check_state, "rest")

    def test_a_look_in_between_leaves_a_check_from_the_beginning_as_it_was_asked_for(self):
        self.head.with_user(self.auditor).action_check_anew()
        self.chain.with_user(new_test_user(self.env, "check_other", groups="kho_dl.group_auditor")).action_verify()
        self.head.invalidate_recordset()
        self.assertEqual((self.head.check_state, self.head.check_user_id), ("anew", self.auditor))

    def told(self):
        """Return what the scheduled action tells who asked for the check."""
        with patch.object(type(self.env["res.users"]), "_bus_send", autospec=True) as send:
            self.work()
        [(_user, _kind, params)] = [call.args for call in send.call_args_list]
        return params

    def test_a_check_from_the_beginning_tells_of_all_rows(self):
        self.work()
        self.head.with_user(self.auditor).action_check_anew()
        params = self.told()
        self.assertEqual(params["type"], "success")
        self.assertIn("is whole. 10 rows, last position 10.", params["message"])

    def test_a_check_from_the_beginning_that_is_asked_for_while_the_round_walks_begins_there(self):
        self.work()
        left = iter([True] * 3 + [False] * 9)
        with patch.object(cron_budget, "report", lambda *_told: next(left)):
            self.work(NIGHT)
        self.assertEqual(self.head.round_position, 4)
        broken, pressed = self.change(2, paper_count=7), []

        def walk_while_somebody_presses(env, company, begin, *others):
            verdict = walk_on(env, company, begin, *others)
            if begin[0] == 4 and not pressed:
                pressed.append(True)
                self.head.with_user(self.auditor).action_check_anew()
            return verdict

        with patch.object(kho_dl_journal_check, "walk_on", walk_while_somebody_presses):
            self.work(NIGHT)
        self.work()
        self.assertTrue(pressed)
        self.assertEqual((self.head.fault, self.head.fault_row_id), ("changed", broken.id))

    def test_a_fault_that_stays_hides_no_other(self):
        self.change(2, paper_count=7)
        self.work()
        self.assertEqual((self.head.fault_position, self.head.round_ended_on), (2, False))
        self.work(NIGHT)
        self.assertEqual((self.head.fault_count, self.head.round_ended_on), (1, NIGHT))
        self.change(7, paper_count=7)
        self.change(9, paper_count=7)
        self.work(NIGHT + timedelta(days=1))
        self.assertEqual((self.head.fault_position, self.head.fault_count), (2, 3))
        for words in (self.head.outcome, self.verify()["message"]):
            self.assertIn("at position 2", words)
            self.assertIn("further faults: 2", words)
        self.head.with_user(self.auditor).action_check_anew()
        self.assertIn("further faults: 2", self.told()["message"])
        self.change(2, paper_count=None)
        self.work()
        self.assertEqual(self.head.fault_position, 7)

    def test_a_journal_that_cannot_be_checked_keeps_no_other_waiting(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        others = self.chain._head(other)

        def fail(env, company, *others):
            if company == self.company:
                raise ZeroDivisionError
            return walk_on(env, company, *others)

        with (
            patch.object(kho_dl_journal_check, "walk_on", fail),
            self.assertLogs("odoo.addons.kho_dl.models.journal.kho_dl_journal_round", "ERROR"),
        ):
            self.work()
        others.invalidate_recordset()
        self.assertTrue(others.checked_on)
        self.assertFalse(self.head.checked_on)
        self.assertNotIn("journal_unchecked", self.troubles())
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.assertEqual(self.troubles()["journal_unchecked"].values["since"], self.head.create_date)

    def test_a_backlog_is_no_broken_journal(self):
        self.work()
        row = self.closed(1)
        with freeze_time(fields.Datetime.now() + timedelta(hours=3)):
            params = self.verify()
            self.assertEqual((params["type"], params["title"]), ("warning", "Rows of the journal wait to be sealed"))
            self.assertIn(f"no. {row.id}.", params["message"])
            self.assertFalse(self.head.fault)
            troubles = self.troubles()
            self.assertEqual(troubles["journal_unsealed"].level, "warning")
            self.assertEqual(troubles["journal_unsealed"].values["since"], row.closed_on)
            self.assertNotIn("journal", troubles)
            self.journal._cron_seal()
            self.assertNotIn("journal_unsealed", self.troubles())

    def troubles(self):
        return {trouble.kind: trouble for trouble in self.env["kho.dl.health"]._facts_and_troubles(self.company)[1]}

    def test_an_honest_row_behind_a_gap_is_missing_one_and_not_out_of_order(self):
        gone = self.change(4)
        self.env.cr.execute("DELETE FROM kho_dl_query WHERE id = %s", [gone.id])
        for first in (5, 4, 3):
            verdict = self.chain._verify_between(self.company, first, 7)
            self.assertEqual((verdict.fault, verdict.broken_position), ("missing", 5), first)
        self.assertFalse(self.chain._verify_between(self.company, 6, 8).fault)

    def test_a_province_reads_what_is_whole_in_one_line(self):
        self.startPatcher(patch.object(kho_dl_journal_check, "MOST_AT_ONCE", 1000))
        offices = self.env["res.company"].create([{"name": f"Office {number}"} for number in range(12)])
        user = new_test_user(
            self.env, "check_all", groups="kho_dl.group_auditor", company_ids=[(6, 0, (self.company | offices).ids)]
        )
        chain = self.chain.with_user(user).with_context(allowed_company_ids=(self.company | offices).ids)
        params = chain.action_verify()["params"]
        self.assertEqual((params["type"], params["message"].count("\n")), ("success", 0))
        # The list where it was asked for tells it, too.
        self.assertEqual(params["next"]["tag"], "soft_reload")
        for part in ("13", str(self.head.position)):
            self.assertIn(part, params["message"])
        self.change(3, paper_count=7)
        params = chain.action_verify()["params"]
        self.assertEqual((params["type"], params["message"].count("\n")), ("danger", 0))
        self.assertIn(self.company.name, params["message"])

    def test_buttons_check_what_they_are_on(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        head = self.chain._head(other)
        chain = self.chain.with_user(self.auditor)
        self.assertIn(self.company.name, chain.action_verify(self.head.ids)["params"]["message"])
        for method in (lambda: chain.action_verify(head.ids), chain.browse(head.id).action_check_anew):
            with self.assertRaises(AccessError):
                method()
        for method in (lambda: chain.action_verify([10**9]), chain.browse(10**9).action_check_anew):
            with self.assertRaises(MissingError):
                method()
        with self.assertRaises(UserError):
            chain.action_check_anew()
        with self.assertRaises(AccessError):
            self.head.with_user(self.clerk).action_check_anew()

    def test_a_broken_journal_is_a_trouble_that_administrators_are_told_of(self):
        def kinds():
            return [trouble.kind for trouble in self.env["kho.dl.health"]._facts_and_troubles(self.company)[1]]

        self.work()
        self.assertNotIn("journal", kinds())
        self.change(4, paper_count=7)
        self.work(NIGHT)
        self.assertIn("journal", kinds())
        self.change(4, paper_count=None)
        self.work()
        self.assertNotIn("journal", kinds())
