import base64
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from ..models.health.health_check import CHECKS
from .common import AN, CHAU, CRIMINAL_RECORD, KhoDLCase, new_test_user
from .test_store_digitise import PASSWORD, Authority, key_file


def as_file(holder):
    """Return the certificate of `holder` as a form sends it."""
    return base64.b64encode(holder.certificate.public_bytes(Encoding.PEM))


class HealthCase(KhoDLCase):
    """An administrator who looks at the page, and files that arrive or do not."""

    users = {
        "administrator": {"login": "health", "groups": "kho_dl.group_administrator"},
    }

    def health(self, user=None):
        """Return the page of the company, as it stands now."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["kho.dl.health"].with_user(user or self.administrator).browse(self.company.id)

    def kinds(self):
        return [trouble["kind"] for trouble in self.health().troubles or []]

    def fetch(self, owner=AN, codes=None):
        """Look for papers of a new case and attach those that were found; return the case."""
        case = self.make_case(owner)
        self.attach_all(case)
        return case

    def fetch_in_vain(self, status=404):
        """Return a new case whose files all met an office that answered `status`."""
        self.simulator.order("file", "server_error", times=None, status=status)
        return self.fetch()


class TestHealth(HealthCase):
    # -- what the page says ------------------------------------------------------------------------

    def test_a_company_that_a_neutralised_copy_left_without_ways_is_measured(self):
        self.env.cr.execute("UPDATE res_company SET kho_dl_portal_lane = NULL, kho_dl_own_server = NULL")
        self.assertTrue(self.health().level)

    def test_all_is_well_after_a_day_of_work(self):
        self.fetch()
        health = self.health()
        self.assertEqual((health.level, health.troubles), ("ok", False))
        self.assertTrue(health.last_login_on and health.token_since and health.last_query_on)
        self.assertTrue(health.directory_done_on)
        self.assertEqual((health.files_waiting, health.files_failed), (0, 0))
        self.assertTrue(health.files_closed)

    def test_what_is_not_set_up_is_said(self):
        self.company.kho_dl_username = False
        self.assertEqual(self.kinds(), ["not_set_up"])

    def test_a_refused_account_is_said_until_a_login_works(self):
        right = self.company.kho_dl_password
        self.company.kho_dl_password = "wrong"
        self.make_wizard(self.make_case()).action_search()
        self.assertIn("account_refused", self.kinds())
        self.company.kho_dl_password = right
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.make_wizard(self.make_case()).action_search()
            self.assertNotIn("account_refused", self.kinds())

    def test_a_directory_that_grows_old_is_said(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=2, hours=1)):
            self.assertEqual(self.kinds(), ["directory"])
            self.company.kho_dl_alarm_directory_days = 3
            self.assertEqual(self.kinds(), [])

    def test_files_that_wait_are_counted_and_said_when_it_lasts(self):
        self.fetch_in_vain(status=503)
        self.assertTrue(self.health().files_waiting)
        self.assertEqual(self.kinds(), [])
        breakers = self.env["kho.dl.breaker"].search([])
        with freeze_time(fields.Datetime.now() + timedelta(hours=5)):
            breakers.opened_on = False
            self.assertEqual(self.kinds(), ["files_waiting"])
            breakers[:1].create(
                {
                    "own_server": self.company.kho_dl_own_server,
                    "lane": "own",
                    "opened_on": fields.Datetime.now(),
                    "failures": 3,
                }
            )
            self.assertEqual(self.kinds(), ["own_server"])

    def test_agencies_that_stay_away_are_named(self):
        self.env["kho.dl.breaker"].create(
            [
                {
                    "own_server": self.company.kho_dl_own_server,
                    "lane": f"VN:GOV:{number}",
                    "lane_name": f"Agency {number}",
                    "opened_on": fields.Datetime.now() - timedelta(hours=6),
                }
                for number in range(7)
            ]
        )
        [trouble] = self.health().troubles
        self.assertEqual((trouble["kind"], trouble["level"]), ("agencies", "warning"))
        self.assertIn("Agency 0", trouble["title"])
        self.assertIn("2 more", trouble["title"])

    def test_many_files_that_fail_on_one_day_are_said(self):
        case = self.fetch_in_vain()
        [row, *_others] = self.retrievals(case).filtered(lambda row: row.state == "failed")
        values = {"case_document_id": row.case_document_id.id, "user_id": self.clerk.id, "closed_on": row.closed_on}
        done = [{**values, "file_name": "a", "link": "l", "link_key": f"k{number}"} for number in range(20)]
        for number, one in enumerate(done):
            one.update(
                state="failed" if number < 11 else "done", error_kind="file_unavailable" if number < 11 else False
            )
        self.env["kho.dl.retrieval"].create(done)
        self.assertEqual(self.kinds(), ["files_failing"])
        self.company.kho_dl_alarm_failed_percent = 100
        self.assertEqual(self.kinds(), [])
        self.company.kho_dl_alarm_failed_percent = 50
        self.env.cr.execute("UPDATE kho_dl_retrieval SET error_kind = 'file_questioned' WHERE state = 'failed'")
        self.assertEqual(self.kinds(), [])

    def test_messages_that_wait_are_said_and_those_behind_a_refused_one_not(self):
        self.company.kho_dl_sync_enabled = True
        case = self.make_case()
        with freeze_time(fields.Datetime.now() + timedelta(hours=5)):
            self.assertEqual(self.kinds(), ["messages_waiting"])
            self.env["kho.dl.outbox"].search([("case_id", "=", case.id)], order="id", limit=1).state = "rejected"
            self.assertEqual(self.kinds(), [])
            self.env["kho.dl.outbox"].search([]).state = "pending"
            self.company.kho_dl_sync_enabled = False
            self.assertEqual(self.kinds(), [])

    def test_what_is_switched_off_is_said(self):
        self.env.ref("kho_dl.ir_cron_process").active = False
        [trouble] = self.health().troubles
        self.assertEqual(trouble["kind"], "actions_off")
        self.assertIn("“Kho DL: finish fetching files”", trouble["title"])

    def test_each_is_named_as_in_the_list_of_scheduled_actions(self):
        known = self.env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")])
        actions = self.env["ir.cron"].browse(
            known.filtered(lambda each: not each.name.startswith("ir_cron_help_")).mapped("res_id")
        )
        actions.active = False
        title = next(each["title"] for each in self.health().troubles if each["kind"] == "actions_off")
        for action in actions:
            self.assertIn(f"“{action.name}”", title)
        self.assertNotIn("ir_cron", title)
        # And that list as Odoo calls it, so that it is found.
        page = self.health().with_context(lang="vi_VN")
        advice = next(each["advice"] for each in page.troubles if each["kind"] == "actions_off")
        self.assertIn(self.env.ref("base.ir_cron_act").with_context(lang="vi_VN").name.lower(), advice)

    def test_documents_that_open_cases_wait_for_without_a_result_code(self):
        self.make_case()
        before = self.health()
        self.assertEqual((before.unmapped_count, before.unmapped_case_count), (1, 1))
        self.procedure.document_ids.filtered(lambda document: not document.result_code_ids).is_reusable = False
        self.assertEqual(self.health().unmapped_count, 0)

    def test_what_is_missing_most_is_listed(self):
        self.make_wizard(self.make_case(CHAU)).action_search()
        self.assertIn(CRIMINAL_RECORD, self.health().demand_ids.mapped("code"))

    def test_certificates_that_end_are_said_in_time(self):
        authority = Authority()
        self.company.write({"kho_dl_seal_pkcs12": key_file(authority.office), "kho_dl_seal_password": PASSWORD})
        end = self.company.kho_dl_seal_valid_until
        self.assertEqual(self.health().seal_until, end)
        self.company.kho_dl_alarm_directory_days = 365
        for moment, expected in (
            (end - timedelta(days=31), []),
            (end - timedelta(days=29), [("seal", "warning")]),
            (end + timedelta(days=1), [("seal", "danger")]),
        ):
            self.env["kho.dl.directory.refresh"].sudo().search([]).started_on = moment
            with freeze_time(moment):
                troubles = self.health().troubles or []
                self.assertEqual([(trouble["kind"], trouble["level"]) for trouble in troubles], expected)
        self.env["kho.dl.trust.certificate"].create({"certificate": as_file(authority.root)})
        last_day = self.env["kho.dl.trust.certificate"].search([]).valid_until
        with freeze_time(last_day):
            self.assertIn("trust", self.kinds())
        other = Authority()
        self.env["kho.dl.trust.certificate"].create({"certificate": as_file(other.root)})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kho_dl_trust_certificate SET valid_until = valid_until + INTERVAL '5 days' WHERE id = (SELECT MAX(id) FROM kho_dl_trust_certificate)"
        )
        # One that has ended hides none that will.
        with freeze_time(last_day + timedelta(days=2)):
            self.assertEqual(self.health().trust_until, last_day + timedelta(days=5))
        self.env["kho.dl.trust.certificate"].search([])[-1:].active = False
        with freeze_time(last_day + timedelta(days=40)):
            self.assertNotIn("trust", self.kinds())
        self.company.kho_dl_seal_pkcs12 = False
        self.assertFalse(self.company.kho_dl_seal_valid_until)

    def test_an_account_that_ends_is_said_in_time(self):
        end = fields.Date.today() + timedelta(days=60)
        self.company.kho_dl_account_valid_until = end
        self.company.kho_dl_alarm_directory_days = 365
        # The last day ends at midnight in Vietnam, at 17:00 UTC.
        last_moment = fields.Datetime.to_datetime(end) + timedelta(hours=16, minutes=59)
        for moment, expected in (
            (last_moment - timedelta(days=31), []),
            (last_moment - timedelta(days=29), [("account_ending", "warning")]),
            (last_moment, [("account_ending", "warning")]),
            (last_moment + timedelta(minutes=2), [("account_ending", "danger")]),
        ):
            with freeze_time(moment):
                health = self.health()
                troubles = health.troubles or []
                self.assertEqual([(trouble["kind"], trouble["level"]) for trouble in troubles], expected)
        self.assertEqual(health.account_until, end)
        # As whoever writes it that has to write a day for "never".
        for never in ("9999-12-31", False):
            self.company.kho_dl_account_valid_until = never
            self.assertFalse(self.kinds())

    def test_a_form_that_is_saved_shows_the_seal(self):
        self.company.write({"kho_dl_seal_pkcs12": key_file(Authority().office), "kho_dl_seal_password": PASSWORD})
        settings = self.env["res.config.settings"].with_context(bin_size=True).create({})
        self.assertTrue(settings.read(["kho_dl_seal_holder", "kho_dl_setup"])[0]["kho_dl_seal_holder"])
        # A file without a name shows its content.
        self.assertEqual(settings.kho_dl_seal_file_name, "seal.p12")

    # -- agencies ----------------------------------------------------------------------------------

    def test_agencies_are_measured_over_seven_days(self):
        case = self.fetch()
        done = self.retrievals(case).filtered(lambda row: row.state == "done")
        [agency, *_others] = self.health().agency_ids.filtered(lambda agency: agency.lane == done[0].lane)
        self.assertEqual(agency.success_rate, 100)
        self.assertGreaterEqual(agency.median_seconds, 0)
        self.assertEqual(agency.failed_count, 0)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.assertFalse(self.health().agency_ids)

    def test_a_file_that_failed_counts_against_its_agency_and_our_own_troubles_do_not(self):
        case = self.fetch_in_vain()
        lane = self.retrievals(case).filtered(lambda row: row.state == "failed")[0].lane
        agency = self.health().agency_ids.filtered(lambda agency: agency.lane == lane)
        self.assertEqual((agency.success_rate, agency.failed_count), (0, agency.file_count))
        self.env.cr.execute("UPDATE kho_dl_retrieval SET error_kind = 'file_not_stored' WHERE state = 'failed'")
        self.assertNotIn(lane, self.health().agency_ids.mapped("lane"))

    # -- who, and where ----------------------------------------------------------------------------

    def test_it_is_for_administrators_of_the_company(self):
        self.fetch_in_vain()
        for model in ("kho.dl.health", "kho.dl.health.agency", "kho.dl.health.failure"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.clerk).search([])
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "other_health",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertEqual(self.env["kho.dl.health"].with_user(stranger).search([]).company_id, company)
        self.assertFalse(self.env["kho.dl.health.failure"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.health(stranger).read(["level"])
        with self.assertRaises(AccessError):
            self.health().failure_ids.with_user(stranger).action_retry()

    def test_each_trouble_opens_a_place_or_says_who_can(self):
        health = self.env["kho.dl.health"]
        for kind in CHECKS:
            with self.subTest(kind=kind):
                kinds = ("ir.actions.act_window", "ir.actions.act_url")
                self.assertIn(health.action_open_place(kind)["type"], kinds)
        mine = health.with_user(self.administrator)
        self.assertEqual(mine.action_open_place("seal")["tag"], "display_notification")
        self.assertEqual(mine.action_open_place("agencies")["res_model"], "kho.dl.breaker")
        menu = self.env.ref("kho_dl.action_kho_dl_health").with_user(self.administrator)
        self.assertEqual(menu.run()["res_id"], self.company.id)
        with self.assertRaises(AccessError):
            menu.with_user(self.clerk).run()
