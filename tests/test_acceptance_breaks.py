from contextlib import closing, contextmanager, suppress
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError

from ..models.acceptance import acceptance_calls, kho_dl_acceptance_run
from .common import AN
from .test_acceptance import ALWAYS, SENDING, AcceptanceCase


@contextmanager
def killed(kind, is_answered):
    """Let the process die in the step `kind`, before it is made or, where it `is_answered`, before that is kept."""

    def crash(calls, name):
        outcome = make(calls, name) if name != kind or is_answered else None
        if name == kind:
            # As when the process is killed: what was committed before stays.
            raise KeyboardInterrupt
        return outcome

    make = acceptance_calls.AcceptanceCalls.make
    # Not `assertRaises`, which would undo what was committed.
    with patch.object(acceptance_calls.AcceptanceCalls, "make", crash), suppress(KeyboardInterrupt):
        yield


class TestAcceptanceBreaks(AcceptanceCase):
    def begun(self, **values):
        """Return a run of which no step was made yet."""
        run = self.make_run(**values)
        with patch.object(kho_dl_acceptance_run, "_BEGIN_SECONDS", -1):
            run.action_run()
        return run

    def age(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_acceptance SET write_date = write_date - interval '2 days'")
        self.env.invalidate_all()

    def clean_up(self):
        self.env["kho.dl.acceptance"]._gc_unfinished()
        self.env.flush_all()
        self.env.invalidate_all()

    # Proves A-4.
    def test_what_only_reads_is_made_again_after_a_break(self):
        for number, kind in enumerate(("login_directory", "papers", "file", "free_number", "lookup")):
            with self.subTest(kind=kind):
                run = self.make_run(case_number=f"H46-TEST-B{number}")
                with killed(kind, is_answered=True):
                    run.action_run()
                self.env.invalidate_all()
                self.assertEqual(self.step(run, kind).state, "running")
                run.action_run()
                self.assertEqual((run.state, run.failed_count), ("done", 0), run.step_ids.mapped("words"))
                self.assertEqual(self.states(run)["withdrawal"], "passed")

    def test_a_withdrawal_that_broke_off_is_made_again_and_told_once(self):
        for number, is_answered in enumerate((False, True)):
            with self.subTest(is_answered=is_answered):
                self.simulator.reset()
                run = self.make_run(case_number=f"H46-TEST-W{number}")
                with killed("withdrawal", is_answered):
                    run.action_run()
                self.env.invalidate_all()
                run.action_run()
                self.assertEqual((run.state, run.failed_count), ("done", 0))
                [case] = self.simulator.cases()
                self.assertEqual(case["TrangThaiHoSo"], "7")
                self.assertEqual([step["TrangThai"] for step in case["TienDo"]], ["4", "7"])

    def test_a_run_does_not_go_on_against_another_server(self):
        run = self.begun()
        for name, other in (
            ("kho_dl_ss_url", "http://127.0.0.1:9"),
            ("kho_dl_unit_code", "H22"),
            ("kho_dl_profile", "field_2024"),
        ):
            with self.subTest(name=name):
                right, self.company[name] = self.company[name], other
                with self.assertRaisesRegex(UserError, "settings have changed"):
                    run.action_run()
                self.company[name] = right
        self.assertFalse(self.simulator.requests())
        run.action_run()
        self.assertEqual((run.state, run.failed_count), ("done", 0))

    # -- runs that nobody ends -------------------------------------------------------------------------

    def test_a_draft_of_long_ago_is_left_to_whoever_begins_it_now(self):
        draft = self.make_run()
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_acceptance SET create_date = create_date - interval '2 days'")
        self.env.invalidate_all()
        with patch.object(kho_dl_acceptance_run, "_BEGIN_SECONDS", -1):
            draft.action_run()
        self.clean_up()
        self.assertEqual((draft.state, set(self.states(draft).values())), ("running", {"waiting"}))

    def test_a_run_that_is_being_made_is_not_closed(self):
        run = self.begun()
        self.age()
        ours = self.env.cr.connection
        with closing(psycopg2.connect(ours.dsn, password=ours.info.password)) as other:
            key = (kho_dl_acceptance_run.RUN_LOCK, run.id)
            other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", key)
            self.clean_up()
            self.assertEqual((run.state, run.person_number), ("running", AN))
            # Not left to the end of the connection, which PostgreSQL notices when it likes.
            other.cursor().execute("SELECT pg_advisory_unlock(%s, %s)", key)
        self.clean_up()
        self.assertEqual((run.state, run.person_number), ("done", False))

    def test_a_test_case_that_nobody_withdrew_is_named(self):
        run = self.make_run()
        with killed("lookup", is_answered=False):
            run.action_run()
        self.env.invalidate_all()
        self.age()
        self.clean_up()
        self.assertEqual(self.step(run, "withdrawal").state, "failed")
        self.assertIn("may still be open at the portal", self.step(run, "withdrawal").words)
        unsent = self.begun(case_number="H46-TEST-U")
        self.age()
        self.clean_up()
        self.assertEqual(self.states(unsent), dict.fromkeys([*ALWAYS, *SENDING, "ports"], "not_tried"))
        # The same where the portal refuses it.
        run = self.make_run(case_number="H46-TEST-R")
        with killed("withdrawal", is_answered=False):
            run.action_run()
        self.env.invalidate_all()
        self.simulator.reject_case("H46-TEST-R", "Không được rút")
        run.action_run()
        self.assertEqual(self.step(run, "withdrawal").state, "failed")
        self.assertIn("“Không được rút”", self.step(run, "withdrawal").words)
        self.assertIn("may still be open at the portal", self.step(run, "withdrawal").words)

    def test_what_a_colleague_changes_at_that_moment_is_looked_at(self):
        run, free = self.make_run(), kho_dl_acceptance_run.locked_if_free

        @contextmanager
        def late(env, *key):
            self.env["kho.dl.acceptance"].browse(run.id).is_agreed = False
            with free(env, *key) as is_ours:
                yield is_ours

        self.simulator.clear_requests()
        with patch.object(kho_dl_acceptance_run, "locked_if_free", late), suppress(UserError):
            run.action_run()
        self.assertFalse(self.simulator.requests())
        self.assertEqual(run.state, "new")
