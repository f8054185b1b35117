"""Runs of the catalogue that meet trouble: nonsense for one, for many and for all, workers that die, a run out of date."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError

from ..models.common.transactions import commit_or_retry
from ..simulator.national_catalogue import NationalCatalogue
from ..simulator.question import Refused
from .test_catalogue_tolerance import BIRTH, ToleranceCase


class TestRunsThatMeetTrouble(ToleranceCase):
    def test_one_procedure_that_is_answered_with_nonsense_stops_no_other(self):
        self.simulator.catalogue.generate(60, with_parts=False)
        one = NationalCatalogue._one

        def poisoned(catalogue, code):
            return "Không có dữ liệu" if code == "1.500001" else one(catalogue, code)

        with patch.object(NationalCatalogue, "_one", poisoned):
            sync = self.sync()
            for _round in range(3):
                sync.next_try_on = False
                self.syncs._cron_sync()
        self.assertEqual((sync.state, self.counts(sync)), ("done", [66, 1, 0, 0, 1]))
        failed = sync.change_ids.filtered(lambda change: change.kind == "failed")
        self.assertEqual((failed.code, bool(failed.error)), ("1.500001", True))

    def test_many_that_are_answered_with_nonsense_stop_no_other_either(self):
        self.simulator.catalogue.generate(30, with_parts=False)
        one = NationalCatalogue._one

        def poisoned(catalogue, code):
            return "Không có dữ liệu" if "1.500003" <= code <= "1.500010" else one(catalogue, code)

        with patch.object(NationalCatalogue, "_one", poisoned):
            sync = self.sync()
            for _round in range(12):
                sync.next_try_on = False
                self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.failed_count, sync.done_count), ("done", 8, sync.total_count))

    def test_a_portal_that_answers_nonsense_is_waited_for(self):
        self.simulator.catalogue.generate(30, with_parts=False)
        with patch.object(NationalCatalogue, "_one", lambda _catalogue, _code: "Bảo trì"):
            sync = self.sync()
        self.assertEqual((sync.state, sync.done_count, bool(sync.next_try_on)), ("pending", 0, True))
        sync.next_try_on = False
        self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.failed_count, sync.error), ("done", 0, False))

    def test_a_portal_that_refuses_every_procedure_is_no_good_run(self):
        self.simulator.catalogue.generate(30, with_parts=False)

        def refuse(_catalogue, _code):
            raise Refused("Hệ thống quá tải")

        with patch.object(NationalCatalogue, "_one", refuse):
            sync = self.sync()
        self.assertEqual((sync.state, sync.error_kind), ("failed", "none_read"))
        self.assertIn("Hệ thống quá tải", sync.error)
        health = self.env["kho.dl.health"].search([("company_id", "=", self.company.id)])
        self.assertIn("catalogue", [trouble["kind"] for trouble in health.troubles])

    def test_a_list_that_marks_everything_as_ended_is_not_believed(self):
        with self.listing(lambda row: {**row, "TRANGTHAI": "0"}):
            sync = self.sync()
        self.assertEqual(sync.state, "failed")

    def test_a_slow_portal_is_asked_for_as_long_as_there_is_time(self):
        self.simulator.catalogue.generate(30, with_parts=False)
        sync = self.syncs._start(self.company)
        sync._go_on(0)
        # The first is read in any case, then the clock is looked at before each.
        with patch("odoo.addons.kho_dl.models.catalogue.kho_dl_catalogue_reading.time") as clock:
            clock.monotonic.side_effect = range(100)
            with self.env["kho.dl.gateway"]._client(self.company) as client:
                sync._next_batch(client, 2, partial(commit_or_retry, self.env))
        self.assertEqual(sync.done_count, 4)

    def test_a_run_that_kills_its_workers_ends_with_a_reason(self):
        sync = self.syncs._start(self.company)
        dead = {"state": "running", "worker_key": "1", "lease_until": fields.Datetime.now() + timedelta(hours=1)}
        with patch.object(type(self.procedures), "_follow_catalogue", side_effect=ValueError("hook of another module")):
            for _round in range(5):
                with suppress(ValueError):
                    self.syncs._cron_sync()
                self.env.cr.rollback()
                sync.write(dead)
                self.env.cr.commit()
            self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.error_kind), ("failed", "interrupted"))

    def test_the_reason_is_in_the_language_of_who_began(self):
        self.administrator.lang = "vi_VN"
        self.simulator.order("catalogue", "server_error", times=1, match="")
        sync = self.sync()
        self.assertEqual(sync.state, "pending")
        self.assertNotIn("Please", sync.error)
        sync.next_try_on = False
        sync._go_on(0)
        self.assertFalse(sync.error)

    def test_a_portal_that_asks_for_time_has_it(self):
        self.simulator.order("catalogue", "server_error", times=1, match="", status=503, retry_after=1200)
        sync = self.sync()
        self.assertEqual(sync.state, "pending")
        self.assertGreater(sync.next_try_on, fields.Datetime.now() + timedelta(minutes=19))

    def test_a_run_that_is_out_of_date_is_not_resumed(self):
        self.row()
        stale = self.syncs._start(self.company)
        stale._go_on(0)
        stale._fail("interrupted", "Stopped")
        self.row(TENTTHC="Tên mới hơn")
        self.sync()
        self.assertFalse(stale.is_latest)
        for action in (stale.with_user(self.administrator).action_go_on, stale.action_archive_missing):
            with self.assertRaises(UserError):
                action()
        last = self.syncs.search([], limit=1)
        last._fail("interrupted", "Stopped")
        last.started_on -= timedelta(days=2)
        with self.assertRaises(UserError):
            last.with_user(self.administrator).action_go_on()

    def test_many_that_are_missing_are_archived_only_from_the_newest_run(self):
        self.simulator.catalogue.generate(60)
        self.sync()
        self.simulator.catalogue.generate(30)
        monday = self.sync()
        self.assertEqual(monday.error_kind, "too_many_gone")
        self.simulator.catalogue.generate(60)
        self.assertEqual(self.sync().state, "done")
        with self.assertRaises(UserError):
            monday.with_user(self.administrator).action_archive_missing()
        self.assertFalse(monday.is_end_confirmed)

    def test_a_typed_document_of_another_code_is_no_news(self):
        self.procedures.create(
            {
                "code": "9.1",
                "name": "Một thủ tục",
                "company_id": self.company.id,
                "document_ids": [Command.create({"code": "TP01", "name": "Giấy khai sinh"})],
            }
        )
        self.papers(BIRTH)
        sync = self.sync()
        self.assertNotIn("TP01", sync.change_ids.filtered(lambda change: change.code == "9.1").details_text)
