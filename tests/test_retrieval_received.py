from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from ..simulator.server import Simulator
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CRIMINAL_RECORD, DEGREE, PRACTICE
from .test_case_received import ReceivedCase

# Nobody listens there: what passes the gate of B is not attached.
DEAD = "127.0.0.1:9"


@tagged("-at_install", "post_install")
class TestTwoAccounts(ReceivedCase):
    """A receives for B, and each has a security server and a scanner of its own: whoever has the case asks, fetches and looks."""

    def setUp(self):
        super().setUp()
        self.server_of_a = self.enterContext(Simulator(port=0))
        self.a.write({"kho_dl_ss_url": self.server_of_a.url, "kho_dl_scanner_address": False})
        self.b.kho_dl_scanner_address = DEAD
        self.simulator.clear_requests()

    def form(self, who, case):
        wizard = self.as_(who, "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search_again()
        return wizard

    def calls(self):
        """Return which calls came to the security server of A, and to that of B."""
        return [{one["call"] for one in server.requests()} - {"login"} for server in (self.server_of_a, self.simulator)]

    # Proves K.1-4.
    def test_whoever_has_the_case_asks_fetches_and_looks(self):
        case = self.receive()
        wizard = self.form("a", case)
        self.line(wizard, DEGREE).action_look()
        row = self.attach_only(wizard, CRIMINAL_RECORD)
        self.assertEqual((row.state, row.scan_state), ("done", False), row.error)
        self.assertEqual(self.calls(), [{"papers", "file"}, set()])
        self.assertEqual((row.company_id, row._office()), (self.b, self.a))
        self.assertTrue(row.chain_position, "it is in the chain of B, and sealed at once")
        self.as_("a", case).action_hand_over()
        mine = self.as_("b", case)
        mine.action_take_over()
        self.b.kho_dl_scanner_address = False
        row = self.attach_only(self.form("b", mine), PRACTICE)
        self.assertEqual((row.state, row._office()), ("done", self.b))
        self.assertEqual(self.calls(), [{"papers", "file"}, {"papers", "file"}])

    def test_who_only_sees_a_case_confirms_no_consent(self):
        """Neither as the form opens nor later, on whatever lookup there is: the question of those who work on it would rest on it."""
        case = self.receive()
        forms = self.as_("b", "kho.dl.retrieve.wizard")
        for step in ("no lookup is there", "one is there"):
            with self.subTest(step):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    forms.create({"case_id": case.id, "consent_given": True})
                form = forms.create({"case_id": case.id})
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    form.consent_given = True
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    form.lookup_id.consent_given = True
        form = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        self.assertEqual(form.lookup_id.consent_user_id.login, "clerk_a")

    # Proves K.1-4.
    def test_what_waits_is_fetched_as_it_was_chosen_also_when_the_case_is_handed_over(self):
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        case = self.receive()
        row = self.attach_only(self.form("a", case), CRIMINAL_RECORD)
        own = (
            self.env["kho.dl.case"]
            .sudo()
            .create({"procedure_id": self.procedure.id, "owner_id": case.sudo().owner_id.id, "company_id": self.b.id})
        )
        queue = self.env["kho.dl.retrieval"].sudo()
        of_b = row.copy(
            {"case_document_id": self.document(own, CRIMINAL_RECORD).id, "query_id": False, "state": "pending"}
        )
        self.assertEqual((of_b.held_by_id.ids, of_b._office()), ([], self.b))
        self.as_("a", case).action_hand_over()
        self.assertEqual(set(queue._companies_waiting()), {self.a, self.b})
        self.assertEqual(queue.search(queue._of_offices(self.a) & Domain("state", "=", "pending")), row)
        self.b.kho_dl_scanner_address = False
        self.server_of_a.clear_requests()
        queue._cron_process()
        self.assertEqual(set((row | of_b).mapped("state")), {"done"}, (row | of_b).mapped("error"))
        self.assertEqual(self.calls(), [{"file"}, {"file"}])
        self.assertEqual([len(server.requests("file")) for server in (self.server_of_a, self.simulator)], [1, 1])

    def test_a_server_that_is_spared_holds_up_the_files_that_go_there(self):
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        row = self.attach_only(self.form("a", self.receive()), CRIMINAL_RECORD)
        values = {"lane": row.lane, "lane_name": "Agency", "opened_on": "2026-01-01 00:00:00", "failures": 5}
        breakers = self.env["kho.dl.breaker"].sudo()
        ours, other = breakers.create(
            [{**values, "own_server": office.kho_dl_own_server} for office in (self.a.sudo(), self.b.sudo())]
        )
        queue = self.env["kho.dl.retrieval"].sudo()
        self.assertEqual(queue.search(ours._behind(queue)), row)
        self.assertFalse(queue.search(other._behind(queue)))
        self.assertEqual((ours | other)._holding(row), ours)
        self.assertEqual((ours | other)._files_waiting(self.a), {ours: 1, other: 0})

    def test_what_is_read_of_a_handed_in_file_is_looked_at_where_the_case_lies(self):
        case = self.receive()
        document = self.hand_in(case)
        checks = self.env["kho.dl.file.check"].sudo().search([("case_document_id", "=", document.id)])
        self.assertTrue(checks)
        self.assertEqual(set(checks.mapped("scan_state")), {False})
        checks.action_check_again()
        self.assertEqual(set(checks.mapped("scan_state")), {False})
        self.assertEqual(case.sudo().owner_id_number, AN)
