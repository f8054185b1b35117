import json
from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tools import SQL

from ..models.acceptance import acceptance_calls, kho_dl_acceptance_run
from .common import AN, CRIMINAL_RECORD
from .test_acceptance import ALWAYS, SENDING, AcceptanceCase

# Answers that make the client log in anew, are wrapped, or quote what was sent.
_TELLING = (
    ("papers", "unauthorized", {}),
    ("directory", "token_error_200", {}),
    ("login", "wrapped", {}),
    ("papers", "error_code", {"message": f"Không có giấy tờ của công dân {AN}"}),
)


class TestAcceptanceFaults(AcceptanceCase):
    def failed(self, run):
        return {kind for kind, state in self.states(run).items() if state == "failed"}

    def test_a_refused_login_stops_only_what_needs_it(self):
        self.simulator.order("login", "error_code", times=1, code=17, message="Đơn vị chưa được cấp quyền")
        run = self.made()
        states = self.states(run)
        self.assertEqual(self.failed(run), {"login_directory"})
        self.assertIn("“Đơn vị chưa được cấp quyền”", self.step(run, "login_directory").words)
        self.assertEqual((states["papers"], states["file"]), ("passed", "passed"))
        self.assertEqual({states[kind] for kind in ("directory", "agencies", "procedure", *SENDING)}, {"not_tried"})
        self.assertIn("Login to the directory", self.step(run, "directory").words)

    def test_a_wrong_password_is_tried_once_for_each_login(self):
        self.company.kho_dl_password = "wrong-password"
        run = self.made()
        self.assertEqual(self.failed(run), {"login_directory", "login_papers"})
        self.assertEqual(len(self.simulator.requests()), 2)
        self.assertIn("Check account and password", self.step(run, "login_papers").words)

    # Proves A-4.
    def test_a_failing_step_stops_none_that_does_not_need_it(self):
        for call, match, kind, words in (
            ("directory", "", "directory", "access right"),
            ("papers", "", "papers", "access right"),
            ("file", "", "file", "access"),
        ):
            with self.subTest(kind=kind):
                self.simulator.reset()
                self.simulator.order(call, "server_fault", times=None, match=match)
                run = self.made()
                self.assertEqual(self.failed(run), {kind})
                self.assertIn("X-Road-Error", self.step(run, kind).answered)
                self.assertIn(words, self.step(run, kind).words)

    def test_an_error_of_the_portal_is_shown_with_its_message(self):
        self.simulator.order("papers", "error_code", code="99", message="Hệ thống đang bảo trì")
        run = self.made()
        self.assertEqual(self.failed(run), {"papers"})
        self.assertEqual(self.states(run)["file"], "not_tried")
        self.assertIn("“Hệ thống đang bảo trì”", self.step(run, "papers").words)

    def test_a_silent_file_and_a_broken_one(self):
        # Below this Odoo's tests wait no shorter.
        self.company.write({"kho_dl_timeout": 10, "kho_dl_total_timeout": 2})
        for fault in ("never_answer", "cut_body", "wrong_type", "error_page"):
            with self.subTest(fault=fault):
                self.simulator.reset()
                self.simulator.order("file", fault, times=None)
                run = self.made()
                self.assertEqual(self.failed(run), {"file"})
                self.assertTrue(self.step(run, "file").words)

    def test_a_refused_case_is_not_followed_by_its_progress(self):
        self.simulator.reject_case("H46-TEST-9", "Mã hồ sơ không hợp lệ")
        run = self.made(case_number="H46-TEST-9")
        states = self.states(run)
        self.assertEqual(self.failed(run), {"case"})
        self.assertIn("Mã hồ sơ không hợp lệ", self.step(run, "case").words)
        self.assertEqual([states[kind] for kind in SENDING], ["passed", "failed", *["not_tried"] * 3])
        self.assertIn("nothing is open", self.step(run, "withdrawal").words)

    def test_a_case_whose_answer_was_lost_is_withdrawn(self):
        # Where cases are told, and not where they are looked up.
        self.simulator.speak("field_2024")
        self.company.kho_dl_profile = "field_2024"
        self.simulator.order("sync", "empty", match="mapi/call")
        run = self.made()
        self.assertEqual(self.failed(run), {"case"})
        self.assertEqual(self.states(run)["withdrawal"], "passed")
        self.assertEqual(self.simulator.cases()[0]["TrangThaiHoSo"], "7")

    def test_a_refusal_in_other_words_is_shown_and_not_taken_for_knowledge(self):
        self.simulator.order("sync", "error_code", times=1, code="9", message="Đơn vị không có quyền tra cứu")
        run = self.made()
        step = self.step(run, "free_number")
        self.assertEqual(step.state, "passed")
        self.assertIn("“Đơn vị không có quyền tra cứu”", step.words)
        self.assertNotIn("knows no case", step.words)

    # Proves A-2.
    def test_a_case_that_the_portal_would_not_take_for_ours_is_not_withdrawn(self):
        self.company.kho_dl_sync_enabled = True
        case = self.make_case()
        number = case.name
        self.env["kho.dl.outbox"]._cron_send()
        case.sudo().name = "H46-MOVED-AWAY"
        before = self.simulator.cases()
        # The look-up fails to find what the portal has.
        self.simulator.order("sync", "error_code", times=1, code="-1", message="Không tìm thấy hồ sơ")
        run = self.made(case_number=number)
        self.assertEqual(self.failed(run), {"case"})
        self.assertEqual(self.states(run)["withdrawal"], "not_tried")
        self.assertEqual(self.simulator.cases(), before)

    def test_what_is_in_somebodys_file_is_kept_nowhere_when_the_step_fails(self):
        link = self.simulator.world.link_of(AN, CRIMINAL_RECORD)
        self.simulator.world.put_content(link, "<to_khai><ho_ten>Nguyễn Thị An</ho_ten></to_khai>".encode())
        step = self.step(self.made(is_case_sent=False), "file")
        self.assertEqual(step.state, "failed")
        self.assertNotIn("Nguyễn Thị An", step.answered)
        self.assertIn("bytes", step.answered)

    def test_what_is_wrong_in_our_own_program_ends_only_its_step(self):
        def broken(_self):
            raise ValueError(AN)

        with (
            patch.object(acceptance_calls.AcceptanceCalls, "_sectors", broken),
            self.assertLogs("odoo.addons.kho_dl.models.acceptance.acceptance_calls", "ERROR") as log,
        ):
            run = self.made()
        self.assertEqual(self.failed(run), {"sectors"})
        self.assertNotIn(AN, "".join(log.output))
        # The reader is the administrator.
        self.assertIn("ValueError", self.step(run, "sectors").words)
        self.assertNotIn("tell your administrator", self.step(run, "sectors").words)

    def test_a_run_goes_on_where_it_broke_off_and_sends_nothing_twice(self):
        def crash(calls, kind):
            if kind == "progress":
                # As when the process is killed: what was committed before stays.
                raise KeyboardInterrupt
            return make(calls, kind)

        make, run = acceptance_calls.AcceptanceCalls.make, self.make_run()
        # Not `assertRaises`, which would undo what was committed.
        with patch.object(acceptance_calls.AcceptanceCalls, "make", crash), suppress(KeyboardInterrupt):
            run.action_run()
        self.env.invalidate_all()
        self.assertEqual((run.state, self.step(run, "progress").state), ("running", "running"))
        self.assertEqual({self.states(run)[kind] for kind in ALWAYS if kind != "own_file"}, {"passed"})
        self.simulator.clear_requests()
        run.action_run()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.failed(run), {"progress"})
        self.assertEqual(self.states(run)["withdrawal"], "passed")
        self.assertFalse(self.simulator.requests("papers") + self.simulator.requests("file"))
        self.assertEqual(self.simulator.cases()[0]["TrangThaiHoSo"], "7")

    def test_what_does_not_fit_into_a_request_is_left_for_the_next(self):
        run = self.make_run()
        with patch.object(kho_dl_acceptance_run, "_BEGIN_SECONDS", -1):
            run.action_run()
        self.assertEqual((run.state, set(self.states(run).values())), ("running", {"waiting"}))
        run.action_run()
        self.assertEqual((run.state, run.failed_count), ("done", 0))

    def test_a_run_that_nobody_ends_forgets_the_number(self):
        draft, begun = self.make_run(), self.make_run()
        with patch.object(kho_dl_acceptance_run, "_BEGIN_SECONDS", -1):
            begun.action_run()
        self.env["kho.dl.acceptance"]._gc_unfinished()
        self.assertEqual((draft.person_number, begun.person_number), (AN, AN))
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_acceptance SET write_date = write_date - interval '2 days'")
        self.env.invalidate_all()
        self.env["kho.dl.acceptance"]._gc_unfinished()
        self.assertFalse(draft.exists())
        self.assertEqual((begun.state, begun.person_number), ("done", False))
        self.assertEqual(set(self.states(begun).values()), {"not_tried"})

    # -- what is kept ----------------------------------------------------------------------------------

    def stored(self):
        """Return all text of the tables that an acceptance run writes, messages included."""
        self.env.flush_all()
        tables = ("kho_dl_acceptance", "kho_dl_acceptance_step", "mail_message", "mail_tracking_value")
        rows = [
            str(row)
            for table in tables
            for row in self.env.execute_query(SQL("SELECT one::text FROM %s AS one", SQL.identifier(table)))
        ]
        return "\n".join(rows)

    # Proves A-3 in every profile.
    def test_nothing_that_lets_anybody_in_or_names_a_person_is_kept(self):
        for profile in ("printed", "field_2024", "client_2026"):
            for faults in ((), _TELLING):
                self.simulator.reset()
                self.simulator.speak(profile)
                self.company.write({"kho_dl_profile": profile, "kho_dl_auth_scheme": "bearer"})
                for call, fault, values in faults:
                    self.simulator.order(call, fault, **values)
                run = self.made(case_number=f"H46-TEST-{profile}-{len(faults)}")
                requests = self.simulator.requests()
                tokens = {request["body"].get("session") for request in requests if request["body"]}
                tokens |= {request["headers"].get("authorization", "").removeprefix("Bearer ") for request in requests}
                tokens -= {None, ""}
                self.assertGreaterEqual(len(tokens), 2)
                stored = self.stored()
                for secret in (*tokens, AN, self.administrator.kho_dl_id_number, "h46-demo"):
                    with self.subTest(profile=profile, faults=faults, secret=secret[:6]):
                        self.assertNotIn(secret, stored)
                        self.assertNotIn(json.dumps(secret).replace("/", "\\/"), stored)
                self.assertFalse(run.person_number)
                self.assertIn("•••", self.step(run, "papers").sent)
                self.assertIn(CRIMINAL_RECORD, self.step(run, "papers").sent)

    # -- copies ----------------------------------------------------------------------------------------

    # Proves A-2.
    def test_a_copy_of_the_database_refuses(self):
        run = self.make_run()
        self.env.flush_all()
        self.env["ir.config_parameter"].init(force=True)
        with self.assertRaisesRegex(UserError, "copy"):
            run.action_run()
        self.assertFalse(self.simulator.requests())
        self.assertEqual(run.state, "new")

    def test_a_neutralised_copy_knows_no_run(self):
        self.made()
        self.env.flush_all()
        for query in get_neutralization_queries(["kho_dl"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.env["kho.dl.acceptance"].search([]))
        self.assertFalse(self.env["kho.dl.acceptance.step"].search([]))
