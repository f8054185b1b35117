from datetime import timedelta

from odoo import fields

from ..models.common import retry
from ..models.connection.error_messages import error_message, waiting_message
from ..models.gate.gate_errors import InspectionUnavailable, ScannerUnreachable
from ..protocol import errors
from .common import CRIMINAL_RECORD
from .test_connection_breaker import SOON, Attaching


class TestRetry(Attaching):
    """Failures that pass: tried again, later and later, and an agency that fails often is spared."""

    def test_a_moments_trouble_is_not_noticed(self):
        for fault in ("server_error", "cut_body"):
            with self.subTest(fault=fault):
                self.simulator.order("file", fault)
                row = self.attach(CRIMINAL_RECORD)
                self.assertEqual((row.state, row.tries), ("done", 2))
                self.assertEqual(len(row.case_document_id.attachment_ids), 1)

    def test_a_longer_trouble_is_waited_for_and_said(self):
        self.simulator.order("file", "server_error", times=2)
        row = self.attach(CRIMINAL_RECORD)
        self.assertEqual((row.state, row.tries, row.error_kind), ("pending", 2, "file_unavailable"))
        self.assertTrue(row.error)
        self.assertGreater(row.next_try_on, fields.Datetime.now())
        line = self.wizard.line_ids.filtered("selected")
        self.assertEqual(line.status, "waiting")
        self.assertIn(row.error, line.message)
        self.assertEqual(line.message.count("again"), 1)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.tries), ("pending", 2), "it was not its time yet")
        self.later(SOON)
        self.assertEqual((row.state, row.tries), ("done", 3))

    def test_it_is_not_tried_before_the_far_side_asked_for_it(self):
        self.simulator.order("file", "server_error", status=503, retry_after=1200)
        row = self.attach(CRIMINAL_RECORD)
        self.assertEqual((row.state, row.tries), ("pending", 1), "others are tried again at once")
        self.assertGreater(row.next_try_on, fields.Datetime.now() + timedelta(minutes=19))

    def test_a_clerk_need_not_wait_for_the_next_try(self):
        self.simulator.order("file", "server_error", times=2)
        row = self.attach(CRIMINAL_RECORD)
        self.wizard.action_attach()
        self.assertEqual(row.state, "done")

    def test_what_cannot_pass_is_not_tried_again(self):
        for fault, options in (
            ("server_error", {"status": 404}),
            ("error_page", {}),
            ("empty", {}),
            ("wrong_type", {}),
        ):
            with self.subTest(fault=fault):
                self.simulator.order("file", fault, **options)
                row = self.attach(CRIMINAL_RECORD)
                self.assertEqual((row.state, row.tries), ("failed", 1))
                self.assertEqual(len(self.simulator.requests("file")), 1)

    def test_it_is_given_up_in_the_end_with_the_last_reason(self):
        self.simulator.order("file", "server_error", times=None)
        row = self.attach(CRIMINAL_RECORD)
        reason = row.error
        self.later(timedelta(hours=self.company.kho_dl_give_up_hours, minutes=1))
        self.assertEqual(row.state, "failed")
        self.assertTrue(row.error.startswith(reason))
        self.assertIn("Ask the applicant for the paper", row.error)

    def test_what_is_tried_again_by_itself_asks_nobody_to_try_again(self):
        kinds = errors.ConnectionBroken, errors.SecurityServerUnreachable, errors.TimedOut, errors.FileNotStored
        kinds += errors.AnswerNotUnderstood, ScannerUnreachable, InspectionUnavailable
        found = [kind() for kind in kinds]
        found += [
            errors.SecurityServerFault("x", one, is_ours=ours) for one in errors.Trouble for ours in (True, False)
        ]
        found += [errors.OutOfTime(1), errors.AnswerOutOfTime(1), errors.AnswerNotUnderstood(status=502)]
        found += [errors.FileUnavailable(503), errors.FileNotAsClaimed(errors.FileFault.CUT_OFF)]
        found.append(errors.PortalRejected("1", "", status=503))
        env = self.env(context={"lang": "en_US"})
        for error in found:
            with self.subTest(repr(error)):
                waiting, ended = waiting_message(env, error), error_message(env, error)
                self.assertTrue(ended.startswith(waiting))
                if error.is_transient:
                    self.assertNotIn("again", waiting)

    def test_pauses_grow_up_to_a_cap_and_are_spread(self):
        self.assertEqual(retry.pause(1), timedelta(0))
        for failures, seconds in ((2, 10), (3, 40), (4, 160), (5, 640), (6, 1800), (60, 1800)):
            pauses = {retry.pause(failures) for _ in range(50)}
            self.assertGreater(len(pauses), 1)
            self.assertGreaterEqual(min(pauses), timedelta(seconds=seconds / 2))
            self.assertLessEqual(max(pauses), timedelta(seconds=seconds * 1.5))
