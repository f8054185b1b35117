import json
import math

from odoo.addons.http_routing.tests.common import MockRequest
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.common.kho_dl_queue import MAX_INTERRUPTIONS
from ..models.retrieval import retrieval_in_hand
from ..models.retrieval.retrieval_run import RetrievalRun
from .common import CRIMINAL_RECORD, DUNG, KhoDLCase, new_test_user


class TestFollow(KhoDLCase):
    """What goes over Odoo's bus while files are fetched, and who may listen."""

    def setUp(self):
        super().setUp()
        self.simulator.world.add_bulk_person(DUNG, files=3, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        # Tests with real commits leave their news behind.
        self.sent_before = self.env["bus.bus"].sudo().search([], order="id desc", limit=1).id

    def attached(self):
        """Return a case whose three files were asked for, and the form that asked."""
        wizard = self.make_wizard(self.make_case(DUNG))
        wizard.action_search()
        wizard.line_ids.selected = True
        wizard.action_attach()
        return wizard.case_id, wizard

    def news(self, kind):
        """Return [(channel, payload)] of what is to be sent of one kind."""
        self.env.cr.precommit.run()
        sent = self.env["bus.bus"].sudo().search([("id", ">", self.sent_before)], order="id")
        messages = [(json.loads(row.channel), json.loads(row.message)) for row in sent]
        return [(channel, message["payload"]) for channel, message in messages if message["type"] == kind]

    def test_progress_is_counted_and_told(self):
        # Each file fails once, and one of them a second time; an office that is only busy is not spared.
        self.simulator.order("file", "server_error", times=4, status=429)
        case, wizard = self.attached()
        self.assertEqual((case.fetch_done, case.fetch_total), (2, 3))
        self.assertEqual((wizard.fetch_done, wizard.fetch_total), (2, 3))
        news = self.news("kho_dl.progress")
        self.assertTrue(news)
        for channel, payload in news:
            self.assertEqual(channel[1:], ["kho.dl.case", case.id])
            self.assertEqual(payload, {"case_id": case.id})

    def test_what_is_over_in_a_moment_is_no_news(self):
        # However busy this machine is.
        self.patch(retrieval_in_hand, "_NEWS_SECONDS", math.inf)
        self.attached()
        self.assertFalse(self.news("kho_dl.progress"))

    def test_what_takes_longer_is_told_at_its_end(self):
        self.simulator.order("file", "latency", times=None, seconds=0.6)
        case, _wizard = self.attached()
        self.assertEqual(set(self.retrievals(case).mapped("state")), {"done"})
        self.assertTrue(self.news("kho_dl.progress"))

    def test_what_was_on_its_way_before_is_told_at_once(self):
        self.simulator.order("file", "server_error", times=4, status=429)
        case, wizard = self.attached()
        told = len(self.news("kho_dl.progress"))
        wizard.action_attach()
        self.assertEqual(set(self.retrievals(case).mapped("state")), {"done"})
        self.assertGreater(len(self.news("kho_dl.progress")), told)

    def test_nothing_is_counted_when_nothing_waits(self):
        case, _wizard = self.attached()
        self.assertEqual((case.fetch_done, case.fetch_total), (0, 0))

    def test_the_end_is_told_to_who_selected_and_not_to_who_waits_for_it(self):
        case, _wizard = self.attached()
        self.assertFalse(self.news("simple_notification"))
        self.simulator.order("file", "server_error", times=6)
        self.attached()
        self.assertFalse(self.news("simple_notification"))
        self.retrievals(self.env["kho.dl.case"].search([], limit=1, order="id desc"))._make_due()
        self.simulator.clear_faults()
        self.env["kho.dl.breaker"].search([]).action_try_now()
        self.env["kho.dl.retrieval"]._cron_process()
        [(channel, payload)] = self.news("simple_notification")
        self.assertEqual(channel[1:], ["res.partner", self.clerk.partner_id.id])
        self.assertNotIn(case.owner_id_number, json.dumps(payload))
        self.assertEqual(payload["type"], "success")

    def test_what_could_not_be_attached_is_counted(self):
        self.simulator.order("file", "server_error", times=4, status=429)
        case, wizard = self.attached()
        self.simulator.order("file", "empty", times=None)
        self.retrievals(case)._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(self.retrievals(case).mapped("state").count("failed"), 1)
        [(_channel, payload)] = self.news("simple_notification")
        self.assertEqual(payload["type"], "warning")

    def test_files_that_failed_are_shown_apart(self):
        self.simulator.order("file", "empty")
        self.simulator.order("file", "server_error", times=None, status=429)
        case, wizard = self.attached()
        self.assertEqual((case.fetch_total, case.fetch_done, case.fetch_failed), (3, 1, 1))
        self.assertEqual(wizard.fetch_failed, 1)

    def test_who_selected_a_file_is_told_when_it_is_given_up(self):
        self.simulator.order("file", "server_error", times=None, status=429)
        case, _wizard = self.attached()
        self.retrievals(case).sudo().requested_on = "2020-01-01"
        self.env["kho.dl.retrieval"]._cron_process()
        [(channel, _payload)] = self.news("simple_notification")
        self.assertEqual(channel[2], self.clerk.partner_id.id)
        self.assertIn(self.retrievals(case)[0].file_name, case.message_ids[0].body)

    def test_who_selected_what_ended_earlier_is_told_in_the_end(self):
        self.simulator.order("file", "server_error", times=6, status=429)
        case, _wizard = self.attached()
        first, *rest = self.retrievals(case).sudo()
        colleague = new_test_user(self.env, "kho_colleague", groups="kho_dl.group_clerk")
        first.user_id = colleague
        first._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((first.state, len(rest)), ("done", 2))
        self.assertFalse(self.news("simple_notification"))
        for row in rest:
            row._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        told = [channel[2] for channel, _payload in self.news("simple_notification")]
        self.assertCountEqual(told, (self.clerk | colleague).partner_id.ids)

    def test_the_end_is_told_to_each_who_selected(self):
        self.simulator.order("file", "server_error", times=6, status=429)
        case, _wizard = self.attached()
        colleague = new_test_user(self.env, "kho_colleague", groups="kho_dl.group_clerk")
        self.retrievals(case)[1].sudo().user_id = colleague
        self.retrievals(case)._make_due()
        self.env["kho.dl.retrieval"]._cron_process()
        told = [channel[2] for channel, _payload in self.news("simple_notification")]
        self.assertCountEqual(told, (self.clerk | colleague).partner_id.ids)

    def test_whose_files_somebody_else_waited_for_is_told(self):
        self.simulator.order("file", "server_error", times=6, status=429)
        case, wizard = self.attached()
        colleague = new_test_user(self.env, "kho_colleague", groups="kho_dl.group_clerk")
        self.retrievals(case)[1].sudo().user_id = colleague
        wizard.action_attach()
        self.assertEqual(set(self.retrievals(case).mapped("state")), {"done"})
        [(channel, payload)] = self.news("simple_notification")
        self.assertEqual(channel[2], colleague.partner_id.id)
        self.assertIn(": 1.", payload["message"])

    def test_who_may_follow_a_case(self):
        case, _wizard = self.attached()
        other_company = self.env["res.company"].create({"name": "Elsewhere"})
        others = {
            "auditor": new_test_user(self.env, "kho_auditor", groups="kho_dl.group_auditor"),
            "clerk of another company": new_test_user(
                self.env,
                "kho_elsewhere",
                groups="kho_dl.group_clerk",
                company_id=other_company.id,
                company_ids=[(6, 0, other_company.ids)],
            ),
        }
        name = f"kho_dl.case_{case.id}"
        self.assertIn(case, self._followed(self.clerk, [name]))
        for who, user in others.items():
            with self.subTest(who=who):
                channels = self._followed(user, [name])
                self.assertNotIn(case, channels)
                self.assertNotIn(name, channels)
        self.assertFalse(
            [channel for channel in self._followed(self.clerk, ["kho_dl.case_x"]) if channel == "kho_dl.case_x"]
        )

    def test_whatever_ends_a_file_is_told(self):
        self.simulator.order("file", "server_error", times=None, status=429)
        case, _wizard = self.attached()
        refused, killer, overdue = self.retrievals(case)
        run = RetrievalRun(self.env, self.company, [], 0)
        retrievals = self.env["kho.dl.retrieval"].sudo()
        # As if the run had taken it.
        run._worker_key = 7
        refused.sudo().write({"state": "running", "worker_key": "7"})
        killer.sudo().write({"state": "running", "interruptions": MAX_INTERRUPTIONS - 1})
        overdue.sudo().requested_on = "2020-01-01"
        endings = {
            refused: lambda: run._refuse(refused.sudo(), UserError("Not this one")),
            killer: lambda: retrievals._set_running(Domain("id", "=", killer.id), 1, 0),
            overdue: lambda: retrievals._close_up(math.inf),
        }
        for row, end in endings.items():
            with self.subTest(row=row):
                told = len(self.news("kho_dl.progress"))
                end()
                self.assertEqual(row.state, "failed")
                self.assertGreater(len(self.news("kho_dl.progress")), told)

    def test_names_that_are_no_cases_harm_nobody(self):
        case, _wizard = self.attached()
        names = [f"kho_dl.case_{'9' * 5000}", *["kho_dl.case_999999999"] * 60, f"kho_dl.case_{case.id}"]
        followed = self._followed(self.clerk, names)
        self.assertEqual([channel for channel in followed if getattr(channel, "_name", "") == "kho.dl.case"], [case])

    def _followed(self, user, names):
        with MockRequest(self.env(user=user.id)) as request:
            request.session.uid = user.id
            return self.env["ir.websocket"].with_user(user)._build_bus_channel_list(list(names))
