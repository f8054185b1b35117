from odoo.exceptions import AccessError, UserError

from ..models.acceptance import kho_dl_acceptance
from ..models.connection.portal_profiles import PROFILES
from ..simulator.profiles import PROFILES as SPOKEN
from .common import AN, CHAU, CRIMINAL_RECORD, MEDICAL_LICENCE, PRACTICE, KhoDLCase, new_test_user

ALWAYS = [
    "login_directory",
    "directory",
    "login_papers",
    "papers",
    "file",
    "own_file",
    "agencies",
    "sectors",
    "procedures",
    "procedure",
]
SENDING = ["free_number", "case", "progress", "lookup", "withdrawal"]
NUMBER = "H46-TEST-261127-1"
# What an acceptance run leaves as it was.
REAL = (
    "case",
    "case.document",
    "query",
    "retrieval",
    "lookup",
    "outbox",
    "paper",
    "paper.file",
    "serving",
    "file.check",
    "indicator.fact",
    "audit.total",
    "unmet.need",
    "security.server",
    "procedure",
)


class AcceptanceMethods:
    """An administrator who makes acceptance runs, for a test case with the fixtures."""

    users = {
        "administrator": {
            "login": "acceptor",
            "groups": "kho_dl.group_administrator",
            "name": "Lan",
            "kho_dl_id_number": "000188000099",
        },
    }

    def prepare(self):
        super().prepare()
        # Words are compared in English.
        self.patch(kho_dl_acceptance, "VIETNAMESE", "en_US")
        self.runs = self.env["kho.dl.acceptance"].with_user(self.administrator)

    def make_run(self, **values):
        return self.runs.create(
            {
                "person_number": AN,
                "is_agreed": True,
                "procedure_code": MEDICAL_LICENCE,
                "result_code": CRIMINAL_RECORD,
                "is_case_sent": True,
                "case_number": NUMBER,
                **values,
            }
        )

    def made(self, **values):
        run = self.make_run(**values)
        run.action_run()
        return run

    def states(self, run):
        return {step.kind: step.state for step in run.step_ids}

    def step(self, run, kind):
        return run.step_ids.filtered(lambda step: step.kind == kind)

    def counts(self):
        self.env.flush_all()
        models = {name: self.env[f"kho.dl.{name}"].sudo().with_context(active_test=False) for name in REAL}
        # The attachments too: what was fetched is kept nowhere.
        return {name: model.search_count([]) for name, model in models.items()} | {
            "files": self.env["ir.attachment"].search_count([("res_model", "=like", "kho.dl.%")])
        }


class AcceptanceCase(AcceptanceMethods, KhoDLCase):
    """The same on a cursor that may commit."""


class TestAcceptance(AcceptanceCase):
    # Proves A-1 in every profile.
    def test_every_call_is_made_in_the_order_of_the_guideline(self):
        for profile in PROFILES:
            with self.subTest(profile=profile):
                self.simulator.reset()
                self.simulator.speak(profile)
                self.company.kho_dl_profile = profile
                run = self.made(case_number=f"{NUMBER}-{profile}")
                self.assertEqual(run.state, "done")
                self.assertEqual(run.step_ids.mapped("kind"), [*ALWAYS, *SENDING, "ports"])
                expected = dict.fromkeys([*ALWAYS, *SENDING], "passed") | dict.fromkeys(
                    ("own_file", "ports"), "not_tried"
                )
                self.assertEqual(self.states(run), expected, run.step_ids.mapped("words"))
                self.assertEqual((run.profile, run.unit_code, run.server), (profile, "H46", self.simulator.url))
                self.assertEqual(len(self.simulator.requests("login")), 2)
                [case] = self.simulator.cases()
                self.assertEqual((case["MaHoSo"], case["TrangThaiHoSo"]), (f"{NUMBER}-{profile}", "7"))
                self.assertEqual([step["TrangThai"] for step in case["TienDo"]], ["4", "7"])

    # Proves W.7-13 in every profile.
    def test_states_are_tried_by_themselves_where_the_agency_tells_them_so(self):
        self.company.kho_dl_tell_states = True
        for profile, spoken in SPOKEN.items():
            with self.subTest(profile=profile):
                self.simulator.reset()
                self.simulator.speak(profile)
                self.company.kho_dl_profile = profile
                run = self.made(case_number=f"{NUMBER}-{profile}")
                self.assertEqual(self.step(run, "state").state, "passed" if spoken.has_states else "failed")
                self.assertEqual(self.step(run, "withdrawal").state, "passed")
                [case] = self.simulator.cases()
                told = [state["TrangThai"] for state in case.get("TrangThai", ())]
                self.assertEqual(told, ["4"] if spoken.has_states else [])

    def test_each_step_tells_what_was_sent_answered_and_found(self):
        run = self.made()
        directory, papers, file = (self.step(run, kind) for kind in ("directory", "papers", "file"))
        self.assertIn("POST " + self.simulator.url + "/XrdAdapter/RestService/forward/mapi/call", directory.sent)
        self.assertIn('"service": "LayDanhMucSSTaiTep"', directory.sent)
        self.assertIn("HTTP 200", directory.answered)
        self.assertIn("agencies with their destination codes", directory.words)
        self.assertIn("Papers: 1, files: 1.", papers.words)
        self.assertIn("GET " + self.simulator.url + "/VXPAdapter/RestService/forward/download/1023.pdf", file.sent)
        self.assertIn("application/pdf", file.words)
        self.assertNotIn("%PDF", file.answered)
        self.assertTrue(all(step.started_on for step in run.step_ids.filtered("sent")))
        self.assertTrue(
            all(len(step.sent) < 10_000 and len(step.answered) < 10_000 for step in run.step_ids.filtered("sent"))
        )

    def test_which_kind_of_link_was_shown_is_told(self):
        plain, composed = self.made(is_case_sent=False), self.made(is_case_sent=False, result_code=PRACTICE)
        self.assertEqual([self.step(run, "file").shows for run in (plain, composed)], ["V.3-4", "V.3-5"])
        self.assertIn(self.simulator.url, self.step(composed, "file").sent)
        self.assertFalse(next(steps for name, _words, steps in plain._requirements() if name == "V.3-5"))

    def test_what_the_check_of_files_finds_is_said_and_is_no_fault_of_the_way(self):
        link = self.simulator.world.link_of(AN, CRIMINAL_RECORD)
        self.simulator.world.put_content(link, b"%PDF-1.4 part of a file")
        step = self.step(self.made(is_case_sent=False), "file")
        self.assertEqual(step.state, "passed")
        self.assertIn("The check of files would ask why it is to be attached: The file cannot be read", step.words)

    def test_nothing_is_sent_unless_somebody_wants_it(self):
        run = self.made(is_case_sent=False)
        self.assertEqual({self.states(run)[kind] for kind in SENDING}, {"not_tried"})
        self.assertFalse(self.simulator.requests("sync"))
        self.assertFalse(self.simulator.cases())

    def test_no_papers_are_an_answer_and_there_is_no_file_then(self):
        run = self.made(person_number=CHAU)
        states = self.states(run)
        self.assertEqual((states["papers"], states["file"]), ("passed", "not_tried"))
        self.assertIn("no paper", self.step(run, "papers").words)

    # Proves A-2.
    def test_real_cases_questions_and_messages_stay_as_they_are(self):
        self.company.kho_dl_sync_enabled = True
        self.make_wizard(self.make_case()).action_search()
        self.env["kho.dl.outbox"]._cron_send()
        before, tokens = self.counts(), self.env["kho.dl.token"].sudo().search_count([])
        run = self.made()
        self.assertFalse(run.failed_count)
        self.assertEqual(self.counts(), before)
        self.assertEqual(self.env["kho.dl.token"].sudo().search_count([]), tokens)

    def test_the_number_of_a_real_case_is_refused_before_anything_is_sent(self):
        case = self.make_case()
        run = self.make_run(case_number=case.name)
        with self.assertRaisesRegex(UserError, "real case"):
            run.action_run()
        self.assertEqual(run.state, "new")
        self.assertFalse(self.simulator.requests())

    def test_a_case_that_the_portal_has_already_is_left_alone(self):
        self.made()
        before = self.simulator.cases()
        self.simulator.clear_requests()
        run = self.made()
        states = self.states(run)
        self.assertEqual(states["free_number"], "failed")
        self.assertEqual({states[kind] for kind in SENDING[1:]}, {"not_tried"})
        self.assertEqual(self.simulator.cases(), before)
        self.assertEqual([request["body"]["service"] for request in self.simulator.requests("sync")], ["TraCuuHoSo"])

    def test_the_last_check_of_ports_is_part_of_it(self):
        check = self.env["kho.dl.reachability"].create({"addresses": "127.0.0.1"})
        check.action_check()
        step = self.step(self.made(), "ports")
        self.assertEqual(step.state, "failed")
        self.assertIn("127.0.0.1:5500", step.answered)
        # Of whichever day it was.
        check.sudo().checked_on = "2026-03-02 03:04:05"
        self.assertIn("02/03/2026", self.step(self.made(is_case_sent=False), "ports").words)

    def test_what_is_missing_or_nobodys_is_said_before_anything_is_asked(self):
        for values, words in (
            ({"person_number": False}, "Number of the test person"),
            ({"person_number": "000000000001"}, "none that anybody can have"),
            ({"is_agreed": False}, "who agreed"),
            ({"procedure_code": " "}, "Test procedure"),
            ({"case_number": False}, "Number of the test case"),
            ({"other_side": " "}, "The other side"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self.made(**values)
        self.company.kho_dl_password = False
        with self.assertRaisesRegex(UserError, "not set up"):
            self.made()
        self.assertFalse(self.simulator.requests())

    def test_the_next_run_begins_with_what_the_last_one_asked_for(self):
        self.made()
        fresh = self.runs.create({})
        self.assertEqual((fresh.procedure_code, fresh.result_code), (MEDICAL_LICENCE, CRIMINAL_RECORD))
        self.assertFalse(fresh.person_number)
        self.assertFalse(fresh.summary)
        self.assertIn("TEST", fresh.case_number)

    def test_it_is_noted_who_made_it(self):
        run = self.made()
        self.assertEqual(run.user_id, self.administrator)
        message = run.message_ids[0]
        self.assertEqual(message.author_id, self.administrator.partner_id)
        self.assertIn("14 steps passed", message.body)

    # -- who -----------------------------------------------------------------------------------------

    def test_administrators_alone_see_and_make_it(self):
        run = self.make_run()
        auditor = new_test_user(self.env, "accept_auditor", groups="kho_dl.group_auditor")
        nobody = new_test_user(self.env, "accept_nobody", groups="base.group_user")
        for user in (self.clerk, auditor, nobody):
            theirs, step = run.with_user(user), self.env["kho.dl.acceptance.step"].with_user(user)
            for forbidden in (theirs.action_run, theirs.read, lambda step=step: step.search([])):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    forbidden()
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "accept_stranger",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            run.with_user(stranger).action_run()
        self.assertFalse(self.simulator.requests())

    def test_what_was_found_cannot_be_written(self):
        run = self.made()
        with self.assertRaises(UserError):
            run.procedure_code = "other"
        for forbidden in (
            lambda: run.write({"state": "new"}),
            lambda: self.make_run(server="http://other"),
            lambda: run.step_ids.write({"state": "failed"}),
            lambda: run.unlink(),
        ):
            with self.assertRaises(AccessError):
                forbidden()
        with self.assertRaises(UserError):
            run.action_run()

    def test_a_default_in_the_context_is_typed_in_too(self):
        run = self.runs.with_context(default_state="done", default_server="http://other").create({})
        self.assertEqual((run.state, run.server), ("new", False))
        checks = self.env["kho.dl.reachability"].with_user(self.administrator)
        check = checks.with_context(default_checked_on="2026-01-01").create({"addresses": "127.0.0.1"})
        self.assertFalse(check.checked_on)

    def test_a_procedure_of_another_agency_lends_no_name(self):
        company = self.env["res.company"].create({"name": "Other agency"})
        code = "9.000001"
        self.env["kho.dl.procedure"].create({"code": code, "name": "Of another agency", "company_id": company.id})
        self.made(procedure_code=code)
        self.assertEqual(self.simulator.cases()[0]["TenTTHC"], code)
