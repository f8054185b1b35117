import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from ..protocol.errors import DatabaseNotConfirmed
from .common import AN, CRIMINAL_RECORD, KhoDLFixtures, new_test_user, own_records
from .paper_case import PaperCase
from .test_store_digitise import PASSWORD, Authority, key_file, photo

# What goes on in a copy: it counts, sorts and forgets, and speaks to nobody.
LOCAL_ACTIONS = {"_cron_find_candidates", "_cron_forget", "_cron_empty_payloads", "_cron_count_all", "_cron_verify"}
SEALED = "chain_position"


class CopyCase(PaperCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority()

    def prepare(self):
        super().prepare()
        self.company.write({"kho_dl_sync_enabled": True, "kho_dl_serve_addresses": "10.9.8.7"})
        self.database = self.env["kho.dl.database"]

    def copy(self):
        """Let this database be what Odoo makes of one that it duplicates."""
        self.env.flush_all()
        self.env["ir.config_parameter"].init(force=True)
        self.env.flush_all()
        self.simulator.clear_requests()

    def queued(self, code=CRIMINAL_RECORD):
        """Return a wizard that has an answer, and the row of a file that waits."""
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        lines = self.line(wizard, code).filtered("selected")
        servers = self.env["kho.dl.security.server"]._server_resolver()
        values = [vals for line in lines for vals in line.candidate_id._prepare_retrievals(servers)]
        return wizard, self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(values).sudo()

    def own_actions(self):
        return own_records(self.env, "ir.cron")


class TestCopiedDatabase(CopyCase):
    def test_the_database_itself_is_confirmed(self):
        self.assertTrue(self.database._is_confirmed())

    def test_every_scheduled_action_rests_or_is_local(self):
        for action in self.own_actions():
            name = re.fullmatch(r"model\.(\w+)\(\)", action.code).group(1)
            if name.startswith("_cron_help_"):
                continue  # what they call rests
            rests = getattr(getattr(self.env[action.model_id.model], name), "rests_in_copies", False)
            self.assertNotEqual(rests, name in LOCAL_ACTIONS, name)

    def test_nothing_leaves_a_copy_and_nothing_is_given_up(self):
        _wizard, file = self.queued()
        messages = self.env["kho.dl.outbox"].search([])
        self.company.write({"kho_dl_catalogue_daily": True})
        run = self.env["kho.dl.catalogue.sync"]._start(self.company)
        waiting = file | file.browse()
        # Longer than anything is tried for.
        self.env.cr.execute("UPDATE kho_dl_retrieval SET requested_on = now() - interval '99 days'")
        self.copy()
        self.env.invalidate_all()
        mails = self.env["mail.mail"].search_count([])
        for action in self.own_actions():
            action.method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.simulator.requests())
        self.assertEqual((waiting.state, waiting.tries, waiting.error), ("pending", 0, False))
        self.assertEqual({(row.state, row.tries) for row in messages}, {("pending", 0)})
        self.assertEqual((run.state, run.tries), ("pending", 0))
        self.assertFalse(self.env["kho.dl.alarm"].search([("ended_on", "=", False)]))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_what_waited_goes_on_once_somebody_confirmed(self):
        _wizard, file = self.queued()
        messages = self.env["kho.dl.outbox"].search([])
        self.copy()
        self.database.with_user(self.env.ref("base.user_admin")).action_confirm()
        self.env["kho.dl.retrieval"]._cron_process()
        self.env["kho.dl.outbox"]._cron_send()
        self.assertEqual(file.state, "done")
        self.assertEqual(set(messages.mapped("state")), {"accepted"})

    def test_a_clerk_reads_why_nothing_is_asked_or_fetched(self):
        wizard, file = self.queued()
        other = self.make_wizard(self.make_case(AN))
        self.copy()
        questions = self.env["kho.dl.query"].search_count([])
        for action in (other.action_search, wizard.action_attach, lambda: self.process_now(file, 1)):
            with self.assertRaisesRegex(UserError, "copy"):
                action()
        self.assertEqual((file.state, file.tries), ("pending", 0))
        self.assertEqual(self.env["kho.dl.query"].search_count([]), questions)
        self.assertFalse(self.simulator.requests())

    def test_whoever_presses_a_button_reads_it_too(self):
        self.copy()
        with self.assertRaises(DatabaseNotConfirmed), self.env["kho.dl.gateway"]._client(self.company):
            pass
        refresh = self.env["kho.dl.security.server"].action_refresh()["params"]
        self.assertEqual(refresh["type"], "danger")
        self.assertIn("copy", refresh["message"])
        test = self.env["res.config.settings"].create({}).action_kho_dl_test_connection()["params"]
        self.assertEqual(test["type"], "danger")
        self.assertIn("copy", test["message"])
        check = self.env["kho.dl.reachability"].create({"addresses": "127.0.0.1"})
        for action in (self.env["kho.dl.catalogue.sync"].action_sync, check.action_check):
            with self.assertRaisesRegex(UserError, "copy"):
                action()
        self.assertFalse(self.simulator.requests())

    def test_a_copy_gives_no_file(self):
        paper = self.make_paper()
        paper.action_enter()
        self.env.flush_all()
        token = paper.file_ids.sudo().token
        admitted = (token, "10.9.8.7", "SUBSYSTEM:x")
        self.assertTrue(self.env["kho.dl.serving"]._admitted(*admitted))
        self.copy()
        self.assertIsNone(self.env["kho.dl.serving"]._admitted(*admitted))
        self.database._confirm()
        self.env.flush_all()
        self.assertTrue(self.env["kho.dl.serving"]._admitted(*admitted))

    def test_a_copy_seals_nothing(self):
        self.company.write(
            {"kho_dl_seal_pkcs12": key_file(self.authority.office, [self.authority.middle]),
             "kho_dl_seal_password": PASSWORD}
        )  # fmt: skip
        self.procedure.result_code_ids = self.codes[CRIMINAL_RECORD]
        form = self.env["kho.dl.digitise"].create(
            {
                "case_id": self.make_case(AN).id,
                "result_code_id": self.codes[CRIMINAL_RECORD].id,
                "number": "7/2026",
                "date_issued": "2026-03-02",
                "attachment_ids": [(0, 0, {"name": "scan.jpg", "raw": photo()})],
            }
        )
        self.copy()
        papers = self.env["kho.dl.paper"].search_count([])
        with self.assertRaisesRegex(UserError, "copy"):
            form.action_digitise()
        self.assertIn("copy", form.seal_problem)
        self.assertEqual(self.env["kho.dl.paper"].search_count([]), papers)
        self.database._confirm()
        form.action_digitise()
        self.assertEqual(self.env["kho.dl.paper"].search_count([]), papers + 1)

    def test_the_journal_of_a_copy_is_not_sealed(self):
        wizard, file = self.queued()
        file._fail(DatabaseNotConfirmed())
        file._close_failed("overdue", "Too late")
        self.copy()
        self.assertFalse(self.env["kho.dl.journal"]._seal_closed(self.company))
        self.assertFalse(file[SEALED])
        self.database._confirm()
        self.assertTrue(self.env["kho.dl.journal"]._seal_closed(self.company))
        self.assertTrue(file[SEALED])

    def test_an_applicant_gets_no_mail_from_a_copy(self):
        case = self.make_case(AN)
        case.owner_id.sudo().email = "applicant@example.com"
        paper = self.make_paper(case_id=case.id)
        self.copy()
        mails = self.env["mail.mail"].search_count([])
        case._tell_applicants(paper)
        paper._tell_owners("revoked")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_only_a_system_administrator_confirms(self):
        self.copy()
        self.company.kho_dl_unit_code = "H46"
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        for user in (self.clerk, administrator):
            with self.assertRaises(AccessError):
                self.database.with_user(user).action_confirm()
        self.assertFalse(self.database._is_confirmed())

    def test_a_parameter_that_is_gone_confirms_nothing(self):
        self.env["ir.config_parameter"].search([("key", "=", "kho_dl.confirmed_database")]).unlink()
        self.assertFalse(self.database._is_confirmed())

    def test_an_upgrade_does_not_confirm_a_copy(self):
        self.copy()
        self.database._confirm_first()
        self.assertFalse(self.database._is_confirmed())

    def forget_confirmation(self):
        """Let this database be one in which an earlier version is, which did not ask yet."""
        self.env["ir.config_parameter"].search([("key", "=", "kho_dl.confirmed_database")]).unlink()

    def test_a_copy_of_an_earlier_version_is_not_confirmed_by_its_upgrade(self):
        self.forget_confirmation()
        # In a test all is written in one moment; the add-on came earlier.
        self.env.cr.execute(
            "UPDATE ir_model_data SET create_date = create_date - interval '1 day' WHERE module = 'kho_dl'"
        )
        self.copy()
        for _upgrade in range(2):
            with self.assertLogs("odoo.addons.kho_dl.models.connection.kho_dl_database", "WARNING"):
                self.database._confirm_first()
            self.assertFalse(self.database._is_confirmed())
        self.database._confirm()
        self.assertTrue(self.database._is_confirmed())

    def test_the_original_and_a_new_installation_are_confirmed(self):
        # The second one: a database made from a template, whose id was written before the add-on came.
        for moved in ("create_date", "create_date + interval '400 days'"):
            self.forget_confirmation()
            self.env.cr.execute(
                "UPDATE ir_config_parameter SET create_date = create_date - interval '1 day' WHERE key = 'database.uuid'"
            )
            self.env.cr.execute(SQL("UPDATE ir_model_data SET create_date = %s WHERE module = 'kho_dl'", SQL(moved)))
            self.database._confirm_first()
            self.assertTrue(self.database._is_confirmed())

    def test_the_id_is_confirmed_as_it_stands_in_the_database(self):
        # What is cached is older: whoever copies a database tells no other process of it.
        parameters = self.env["ir.config_parameter"]
        parameters.get_param("database.uuid")
        self.env.cr.execute("UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid'")
        self.database._confirm()
        self.assertTrue(self.database._is_confirmed())

    def test_the_health_page_says_it_first(self):
        self.assertNotIn("copied_database", self.kinds())
        self.copy()
        self.assertEqual(self.kinds()[0], "copied_database")
        place = self.env["kho.dl.health"].action_open_place("copied_database")
        self.assertTrue(place)

    def kinds(self):
        _facts, troubles = self.env["kho.dl.health"]._facts_and_troubles(self.company)
        return [trouble.kind for trouble in troubles]

    def test_time_that_passes_changes_nothing(self):
        _wizard, file = self.queued()
        self.copy()
        file.write({"next_try_on": fields.Datetime.now() - timedelta(days=2)})
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(file.state, "pending")


@tagged("-at_install", "post_install")
class TestBanner(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.clerk.write({"password": "kho_clerk_of_the_test", "lang": "en_US"})
        self.env.ref("base.user_admin").lang = "en_US"

    def told(self, login, password):
        self.authenticate(login, password)
        return self.make_jsonrpc_request("/web/session/get_session_info", {}).get("kho_dl_copy")

    def test_who_works_with_it_is_told(self):
        new_test_user(self.env, "stranger", groups="base.group_user", password="stranger_of_the_test")
        accounts = {
            "admin": ("admin", {"may_confirm": True}),
            "kho_clerk": ("kho_clerk_of_the_test", {"may_confirm": False}),
            "stranger": ("stranger_of_the_test", None),
        }
        for login, (password, _told) in accounts.items():
            self.assertIsNone(self.told(login, password), login)
        self.env["ir.config_parameter"].init(force=True)
        for login, (password, told) in accounts.items():
            self.assertEqual(self.told(login, password), told, login)

    def test_a_clerk_sees_it_and_cannot_confirm(self):
        self.env["ir.config_parameter"].init(force=True)
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_case", "kho_dl_copy_of_a_clerk", login="kho_clerk")
        self.assertFalse(self.env["kho.dl.database"]._is_confirmed())

    def test_a_system_administrator_confirms_with_one_button(self):
        self.env["ir.config_parameter"].init(force=True)
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_case", "kho_dl_copy_confirmed", login="admin")
        self.assertTrue(self.env["kho.dl.database"]._is_confirmed())
