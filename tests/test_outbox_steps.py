from datetime import timedelta
from unittest.mock import patch

from odoo.tests import freeze_time

from ..models.outbox import outbox_run
from ..simulator.profiles import PROFILES
from .common import AN
from .test_outbox import OutboxCase

MANY = [str(number) for number in (2, 4, 5, 4, 5, 4, 6, 4, 5, 4, 6, 4)]


class TestSteps(OutboxCase):
    def prepare(self):
        super().prepare()
        field = self.env["kho.dl.case"]._fields["state"]
        # One that the portal refuses, and one that our own code fails with.
        states = [*field.selection, ("12", "Unknown there"), ("77", "Broken here")]
        self.patch(field, "selection", states)
        self.patch(field, "_selection", dict(states))

    def walk(self, case, states):
        """Bring `case` through `states`, each a minute after the one before."""
        start, gone = case.create_date, len(self.rows(case).filtered("step_state"))
        for minute, state in enumerate(states, gone):
            with freeze_time(start + timedelta(minutes=minute)):
                case.state = state

    def at_portal_steps(self, case):
        return [step["TrangThai"] for step in self.at_portal(case)["TienDo"]]

    def chunks(self):
        return [[step["TrangThai"] for step in body["data"]] for body in self.sent("CapNhatTienDoHoSoMC")]

    def walked(self, states, **values):
        case = self.make_case(AN, **values)
        self.walk(case, states)
        return case

    # Proves W.7-6, W.7-10 in every profile.
    def test_steps_go_in_tens_behind_their_case(self):
        for profile in PROFILES:
            with self.subTest(profile):
                self.speak(profile)
                case = self.walked(MANY)
                self.send()
                self.assertEqual({state for _kind, state in self.states(case)}, {"accepted"})
                self.assertEqual(self.at_portal_steps(case), ["1", *MANY])
                services = [body["service"] for body in self.sent()]
                # Thirteen changes of a case were 26 calls.
                self.assertEqual(services, ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "CapNhatTienDoHoSoMC"])
                self.assertEqual([len(chunk) for chunk in self.chunks()], [10, 3])

    def speak(self, profile):
        self.simulator.reset()
        self.simulator.speak(profile)
        self.env["res.config.settings"].create({"company_id": self.company.id, "kho_dl_profile": profile}).execute()
        self.env["kho.dl.token"].sudo().search([]).unlink()

    def test_steps_of_a_known_case_follow_it(self):
        case = self.walked(["2"])
        self.send()
        self.simulator.clear_requests()
        self.walk(case, ["4", "5", "4"])
        self.send()
        self.assertEqual([body["service"] for body in self.sent()], ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"])
        self.assertEqual(self.chunks(), [["4", "5", "4"]])
        self.assertEqual(self.at_portal(case)["TrangThaiHoSo"], "4")

    def test_steps_of_two_cases_stay_apart(self):
        cases = self.walked(["2", "4"]) | self.walked(["2"])
        self.send()
        self.assertEqual([self.at_portal_steps(case) for case in cases], [["1", "2", "4"], ["1", "2"]])
        self.assertEqual(len(self.sent()), 4)

    def test_one_bad_step_stops_none_of_the_others_and_none_is_doubled(self):
        case = self.walked(["2", "12", "4", "5", "4"])
        self.send()
        rows = self.rows(case)
        refused = rows.filtered(lambda row: row.state == "rejected")
        self.assertEqual((refused.step_state, refused.portal_message), ("12", "TrangThai không hợp lệ"))
        self.assertEqual(set((rows - refused).mapped("state")), {"accepted"})
        # The portal had taken the two before it.
        self.assertEqual(self.at_portal_steps(case), ["1", "2", "4", "5", "4"])
        self.assertEqual(case.portal_state, "refused")
        self.assertFalse((rows - refused).filtered("error"))
        # Nor does it stop what comes later.
        self.walk(case, ["9"])
        self.send()
        self.assertEqual(self.at_portal_steps(case)[-1], "9")
        self.assertEqual(self.at_portal(case)["TrangThaiHoSo"], "9")
        self.assertEqual(refused.state, "rejected")
        case.with_user(self.clerk).action_send_again()
        self.assertEqual(refused.state, "pending")

    def test_an_answer_that_was_lost_loses_and_doubles_nothing(self):
        for fault, lookups in (("cut_body", ["TraCuuHoSo"]), ("reset", ["TraCuuHoSo", "CapNhatTienDoHoSoMC"])):
            with self.subTest(fault):
                case = self.make_case(AN)
                self.send()
                self.walk(case, ["2", "4", "5"])
                self.simulator.clear_requests()
                self.lose_progress(fault)
                steps = self.rows(case).filtered(lambda row: row.state == "pending")
                self.assertEqual((len(steps), set(steps.mapped("is_uncertain"))), (3, {True}))
                self.simulator.clear_requests()
                self.send()
                self.assertEqual({state for _kind, state in self.states(case)}, {"accepted"})
                self.assertEqual(self.at_portal_steps(case), ["1", "2", "4", "5"])
                self.assertEqual([body["service"] for body in self.sent()], lookups)

    def lose_progress(self, fault):
        """Send the case, and lose the answer to its progress."""
        tell = outbox_run.tell

        def lose(client, telling, until):
            if telling.more:
                self.simulator.order("sync", fault, times=1, **({"bytes": 3} if fault == "cut_body" else {}))
            return tell(client, telling, until)

        with patch.object(outbox_run, "tell", lose):
            self.send()

    def test_a_step_that_cannot_be_made_is_put_aside_alone(self):
        case = self.make_case(AN)
        prepare = type(case)._prepare_progress_message

        def fail(case, step):
            return {}["x"] if step.step_state == "77" else prepare(case, step)

        self.patch(type(case), "_prepare_progress_message", fail)
        self.walk(case, ["2", "77", "4"])
        with self.assertLogs("odoo.addons.kho_dl.models.outbox", "ERROR"):
            self.send()
        rows = self.rows(case)
        self.assertEqual(rows.filtered(lambda row: row.state == "rejected").mapped("step_state"), ["77"])
        self.assertEqual(self.at_portal_steps(case), ["1", "2", "4"])

    def test_what_may_have_killed_its_worker_goes_alone(self):
        case = self.walked(["2", "4"])
        self.send()
        self.walk(case, ["5", "4", "6"])
        steps = self.rows(case).filtered(lambda row: row.kind == "progress" and row.state == "pending")
        steps.write({"state": "running", "worker_key": "1"})
        self.simulator.clear_requests()
        self.send()
        self.assertEqual([len(chunk) for chunk in self.chunks()], [1, 1, 1])
        self.assertEqual(self.at_portal_steps(case), ["1", "2", "4", "5", "4", "6"])

    def test_an_account_that_is_refused_keeps_all_of_them(self):
        case = self.walked(["2", "4"])
        self.send()
        self.walk(case, ["5", "4"])
        self.company.kho_dl_password = "wrong"
        self.env["kho.dl.token"].sudo().search([]).unlink()
        self.simulator.expire_tokens()
        self.send()
        open_rows = self.rows(case).filtered(lambda row: row.state != "accepted")
        self.assertEqual((len(open_rows), set(open_rows.mapped("state"))), (3, {"pending"}))
        self.company.kho_dl_password = "h46-demo"
        self.send()
        self.assertEqual(self.at_portal_steps(case), ["1", "2", "4", "5", "4"])

    # Proves W.7-7.
    def test_the_portal_is_told_of_a_file_that_was_fetched(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        self.send()
        wizard.action_attach()
        case = wizard.case_id
        self.assertTrue(case.document_ids.attachment_ids)
        self.assertIn(("case", "pending"), self.states(case))
