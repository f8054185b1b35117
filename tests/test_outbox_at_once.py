from odoo.tests import tagged
from odoo.tools import mute_logger

from .at_once_case import AtOnceCase

SUBMITTED = "2026-03-01 20:15:30"
AT_PORTAL = "20260302031530"


@tagged("-at_install", "post_install")
class TestOutboxAtOnce(AtOnceCase):
    """A clerk who changes a case while the message of the last change is about to go, on real connections."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            env.company.kho_dl_sync_enabled = True
            env["kho.dl.case"].browse(self.made["case"])._enqueue_case_sync()

    def change(self, env):
        # Of which no indicator tells: what counts of one case is counted by one transaction after the other.
        env["kho.dl.case"].browse(self.made["case"]).date_submitted = SUBMITTED
        env.flush_all()

    def send(self):
        with self.committed() as worker:
            worker["kho.dl.outbox"]._cron_send()

    def messages(self):
        with self.committed() as env:
            return env["kho.dl.outbox"].search([("case_id", "=", self.made["case"])], order="id").mapped("state")

    def told(self):
        """Return when the case was submitted, as the portal was told, call by call."""
        return [request["body"]["data"][0]["NgayNopHoSo"] for request in self.simulator.requests("sync")]

    def test_a_message_that_went_since_the_clerk_began_costs_the_clerk_nothing(self):
        with self.committed() as clerk:
            # The snapshot is from before the message went.
            clerk["kho.dl.outbox"].search_count([])
            self.send()
            self.assertEqual(len(self.told()), 1)
            with mute_logger("odoo.sql_db"):
                self.change(clerk)
        self.assertEqual(self.messages(), ["accepted", "pending"])
        self.send()
        self.assertEqual(self.told()[1:], [AT_PORTAL])

    def test_nobody_waits_for_a_message_that_is_just_taken_and_none_goes_twice(self):
        with self.committed() as worker:
            taken = worker["kho.dl.outbox"].search([("case_id", "=", self.made["case"])])
            self.assertEqual(taken.try_lock_for_update(), taken)
            with self.committed() as clerk:
                clerk.cr.execute("SET LOCAL lock_timeout = '5s'")
                self.change(clerk)
            # It does not take it after all.
            worker.cr.rollback()
        self.assertEqual(self.messages(), ["pending", "pending"])
        self.send()
        self.assertEqual((self.told(), self.messages()), ([AT_PORTAL], ["accepted"]))

    def test_a_change_that_is_not_committed_yet_is_told_after_the_message_that_goes_without_it(self):
        with self.committed() as worker:
            taken = worker["kho.dl.outbox"].search([("case_id", "=", self.made["case"])])
            taken.try_lock_for_update()
            with self.committed() as clerk:
                self.change(clerk)
                worker.cr.rollback()
                self.send()
                self.assertNotIn(AT_PORTAL, self.told())
        self.send()
        self.assertEqual((len(self.told()), self.told()[-1], set(self.messages())), (2, AT_PORTAL, {"accepted"}))
