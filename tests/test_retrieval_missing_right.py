from lxml import etree

from odoo.exceptions import AccessError

from .common import AN, new_test_user
from .test_outbox import OutboxCase

DENIED = "Server.ServerProxy.AccessDenied"


class TestMissingRight(OutboxCase):
    users = {
        "administrator": {"login": "kho_admin", "groups": "kho_dl.group_administrator", "name": "Ngọc"},
    }

    def prepare(self):
        super().prepare()
        self.company.kho_dl_sync_enabled = False

    def deny(self, call, code=DENIED):
        self.simulator.order(call, "server_fault", times=None, code=code)

    def has_button(self, model, user, view="form"):
        arch = etree.fromstring(self.env[model].with_user(user).get_view(view_type=view)["arch"])
        action = self.env.ref("kho_dl.action_kho_dl_access_right_open")
        return bool(arch.xpath(f"//button[@name='{action.id}']"))

    def assert_told(self, record):
        """A clerk reads whom to tell, an administrator has the list of access rights."""
        said = record.with_user(self.clerk).with_context(fresh=1)
        self.assertIn("Ngọc", said.right_words)
        self.assertFalse(self.has_button(record._name, self.clerk))
        said = record.with_user(self.administrator)
        self.assertIn("The list of access rights", said.right_words)
        self.assertTrue(self.has_button(record._name, self.administrator))
        action = self.env.ref("kho_dl.action_kho_dl_access_right_open")
        self.assertEqual(action.with_user(self.administrator).run()["res_model"], "kho.dl.access.right")
        with self.assertRaises(AccessError):
            action.with_user(self.clerk).run()

    # Proves W.0-12.
    def test_a_question_that_lacks_a_right_names_who_can_ask_for_it(self):
        case = self.make_case(AN)
        self.assertFalse(case.right_words)
        self.deny("papers")
        wizard = self.make_wizard(case)
        self.assertFalse(wizard.right_words)
        wizard.action_search()
        self.assertTrue(wizard.query_id.lacks_right)
        self.assert_told(wizard.case_id)
        self.assertIn("Ngọc", wizard.right_words)
        self.assertTrue(self.has_button(wizard._name, self.administrator))
        self.simulator.clear_faults()
        wizard.action_search()
        self.assertEqual((wizard.outcome, wizard.right_words), ("found", False))
        self.assertFalse(case.right_words)

    def test_a_file_that_lacks_a_right_does_so_until_it_is_there(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        self.deny("file")
        wizard.action_attach()
        rows = self.retrievals(case)
        self.assertEqual(set(rows.mapped("lacks_right")), {True})
        self.assertTrue(self.has_button(rows._name, self.administrator, "list"))
        self.assertFalse(self.has_button(rows._name, self.clerk, "list"))
        self.assert_told(case)
        self.simulator.clear_faults()
        wizard.action_attach()
        self.assertFalse(case.right_words)

    def test_a_message_that_lacks_a_right(self):
        self.company.kho_dl_sync_enabled = True
        case = self.make_case(AN)
        self.deny("sync")
        self.send()
        row = self.rows(case)[0]
        self.assertEqual((row.state, row.lacks_right), ("pending", True))
        self.assert_told(case)
        self.simulator.clear_faults()
        row.sudo().next_try_on = False
        self.env["kho.dl.breaker"].sudo().search([]).unlink()
        self.send()
        self.assertEqual((row.state, bool(case.right_words)), ("accepted", False))

    def test_other_faults_point_to_no_access_right(self):
        case = self.make_case(AN)
        for code, lacks in (
            ("Server.ClientProxy.LoggingFailed.InternalError", False),
            ("Server.ServerProxy.UnknownMember", True),
            ("Server.ClientProxy.UnknownMember", False),
        ):
            with self.subTest(code):
                self.simulator.order("papers", "server_fault", code=code)
                wizard = self.make_wizard(case)
                wizard.action_search()
                self.assertEqual((wizard.query_id.lacks_right, bool(case.right_words)), (lacks, lacks))

    # Proves W.0-12.
    def test_health_has_the_way_to_the_list_until_the_right_is_there(self):
        def troubles():
            self.env.flush_all()
            self.env.invalidate_all()
            health = self.env["kho.dl.health"].with_user(self.administrator).browse(self.company.id)
            return {trouble["kind"]: trouble for trouble in health.troubles or []}

        self.assertNotIn("rights_missing", troubles())
        wizard = self.make_wizard(self.make_case(AN))
        self.deny("papers")
        wizard.action_search()
        self.assertEqual(troubles()["rights_missing"]["place"], "Open the list of access rights")
        place = self.env["kho.dl.health"].with_user(self.administrator).action_open_place("rights_missing")
        self.assertEqual(place["res_model"], "kho.dl.access.right")
        self.simulator.clear_faults()
        wizard.action_search()
        self.assertNotIn("rights_missing", troubles())
        self.deny("file")
        wizard.action_attach()
        self.assertIn("rights_missing", troubles())
        self.simulator.clear_faults()
        wizard.action_attach()
        self.assertNotIn("rights_missing", troubles())

    # Proves W.0-12.
    def test_the_test_of_the_connection_links_to_the_list(self):
        def test(user):
            return self.env["res.config.settings"].with_user(user).create({}).action_kho_dl_test_connection()["params"]

        system = new_test_user(self.env, "system", groups="base.group_system")
        both = new_test_user(self.env, "both", groups="base.group_system,kho_dl.group_administrator")
        self.assertFalse(test(both)["links"])
        self.deny("login")
        said = test(both)
        [link] = said["links"]
        self.assertEqual((link["label"], said["message"].endswith(" %s")), ("Open the list of access rights", True))
        self.assertTrue(self.env.ref(link["url"].rpartition("action-")[2]).exists())
        self.assertFalse(test(system)["links"])
        self.simulator.clear_faults()
        self.deny("login", "Server.ClientProxy.LoggingFailed")
        self.assertFalse(test(both)["links"])
