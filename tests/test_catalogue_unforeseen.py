from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tools import mute_logger

from .test_catalogue import CatalogueCase

SYNC_LOG = "odoo.addons.kho_dl.models.catalogue.kho_dl_catalogue_ending"
SECRET = "number of a person"
READING_LOG = "odoo.addons.kho_dl.models.catalogue.kho_dl_catalogue_reading"


class TestCatalogueUnforeseen(CatalogueCase):
    """An error that nobody foresaw ends a run with its reason, or costs one procedure."""

    @contextmanager
    def failing(self, model, method, is_failing=lambda *args: True):
        """Let `method` of `model` raise where `is_failing` of its arguments says so."""
        works = getattr(self.registry[model], method)

        def broken(records, *args, **kwargs):
            if is_failing(*args):
                raise ZeroDivisionError(SECRET)
            return works(records, *args, **kwargs)

        with patch.object(self.registry[model], method, broken):
            yield

    def test_the_run_ends_with_its_reason_and_goes_on_when_asked(self):
        for method in ("_list", "_next_batch", "_finish"):
            with self.subTest(method):
                with self.failing(self.syncs._name, method), self.assertLogs(SYNC_LOG, "ERROR") as log:
                    sync = self.sync()
                self.assertEqual((sync.state, sync.error_kind), ("failed", "unforeseen"))
                self.assertTrue(sync.ended_on)
                self.assertIn("nobody foresaw", sync.summary)
                self.assertIn("ZeroDivisionError", log.output[0])
                self.assertIn("broken", log.output[0])
                self.assertNotIn(SECRET, log.output[0])
                sync.with_user(self.administrator).action_go_on()
                self.syncs._cron_sync()
                self.assertEqual((sync.state, sync.error), ("done", False))

    def losing(self, times):
        """Let the lists lose a race `times` times, as when somebody edits a field meanwhile."""
        works, lost = self.registry["kho.dl.sector"]._follow_list, iter([True] * times)

        def follow(records, entries):
            if next(lost, False):
                raise SerializationFailure
            return works(records, entries)

        return patch.object(self.registry["kho.dl.sector"], "_follow_list", follow)

    def test_a_lost_race_costs_a_run_nothing(self):
        with self.losing(2):
            sync = self.sync()
        self.assertEqual((sync.state, sync.error), ("done", False))
        with self.losing(10):
            sync = self.sync()
        self.assertEqual((sync.state, sync.error_kind), ("pending", False))
        self.syncs._cron_sync()
        self.assertEqual(sync.state, "done")

    def test_after_it_a_run_can_be_begun_anew(self):
        with self.failing(self.syncs._name, "_list"), mute_logger(SYNC_LOG):
            ended = self.sync()
        again = self.sync()
        self.assertEqual((ended.state, again.state), ("failed", "done"))
        self.assertNotEqual(again, ended)

    def test_the_run_of_one_company_holds_up_no_other(self):
        other = self.env["res.company"].create({"name": "B"})
        self._connect(other)
        first = self.syncs._start(self.company)
        second = self.syncs._start(other)
        works = self.registry[self.syncs._name]._list

        def broken(sync, *args):
            if sync.company_id == self.company:
                raise ZeroDivisionError
            return works(sync, *args)

        with patch.object(self.registry[self.syncs._name], "_list", broken), mute_logger(SYNC_LOG):
            self.syncs._cron_sync()
        self.assertEqual((first.state, second.state), ("failed", "done"))

    def test_one_procedure_that_cannot_be_brought_in_costs_no_other(self):
        self.row("9.1")

        def is_failing(_company, found):
            return any(procedure.code == "9.1" for procedure in found)

        with (
            self.failing("kho.dl.procedure", "_follow_catalogue", is_failing),
            self.assertLogs(READING_LOG, "ERROR") as log,
        ):
            sync = self.sync()
        self.assertEqual((sync.state, self.counts(sync)), ("done", [19, 1, 0, 0, 1]))
        failed = sync.change_ids.filtered(lambda change: change.kind == "failed")
        self.assertEqual(failed.code, "9.1")
        self.assertIn("nobody foresaw", failed.error)
        self.assertIn("9.1", log.output[-1])
        self.assertEqual(self.counts(self.sync())[:2], [1, 0])
