import io
import zipfile

from odoo import Command, fields
from odoo.tests import tagged

from ..models.common.office_time import day_of
from ..models.health.health_check import examine_all
from ..models.health.statistics import statistics_of
from ..models.portal.own_history import OwnHistory
from ..models.reporting.person_history import PersonHistory
from ..simulator.server import Simulator
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CRIMINAL_RECORD, DEGREE
from .test_case_received import ReceivedCase

# Nobody listens there.
DEAD = "127.0.0.1:9"


class Working(ReceivedCase):
    """A has an account, a security server and a scanner of its own, and does everything for a case of B."""

    def setUp(self):
        super().setUp()
        self.server_of_a = self.enterContext(Simulator(port=0))
        self.a.kho_dl_ss_url = self.server_of_a.url
        administrators = self.env.ref("kho_dl.group_administrator")
        for who, office in (("auditor_a", self.a), ("auditor_b", self.b)):
            user = self.env["res.users"].browse(self._staff[who])
            self.env["res.users"].browse(self._staff[who[-1]]).name = f"Clerk of {office.name}"
            user.write({"name": f"Administrator of {office.name}", "group_ids": [Command.link(administrators.id)]})

    def form(self, case):
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        return wizard

    def attach(self, case, code=CRIMINAL_RECORD):
        """Attach the paper `code` as A's clerk; return its row of the journal."""
        return self.attach_only(self.form(case), code)

    def waiting(self):
        """Return the row of a file that A's clerk selected, and that nobody has fetched yet."""
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        return self.attach(self.receive())

    def troubles(self):
        """Return {office: {kind of trouble}} of A and B."""
        self.env.flush_all()
        found = examine_all(self.env, self.a | self.b, fields.Datetime.now())
        return {office.name: {one.kind for one in found[office.id][1]} for office in self.a | self.b}

    def by_office(self, read):
        """Return what `read` returns of what A's administrator sees, and B's."""
        self.env.flush_all()
        return [read(lambda model, who=who: self.as_(who, model)) for who in ("auditor_a", "auditor_b")]


@tagged("-at_install", "post_install")
class TestHealthReceived(Working):
    """Whoever received a case of another office has the troubles of it, and can see to them."""

    def test_an_account_that_is_refused_is_the_trouble_of_whose_it_is(self):
        self.a.kho_dl_password = "wrong"
        case = self.receive()
        self.form(case)
        self.assertEqual(case.sudo().query_ids.error_kind, "account_refused")
        found = self.troubles()
        self.assertIn("account_refused", found["Commune A"])
        self.assertNotIn("account_refused", found["Commune B"])

    def test_files_wait_and_fail_for_whoever_fetches_them(self):
        self.a.kho_dl_scanner_address = DEAD
        row = self.waiting()
        self.env["kho.dl.retrieval"].sudo()._cron_process()
        self.assertEqual((row.state, bool(row.error)), ("pending", True))
        row._write_below_the_guard({"requested_on": "2026-01-01 00:00:00"})
        found = self.troubles()
        self.assertIn("files_waiting", found["Commune A"])
        self.assertNotIn("files_waiting", found["Commune B"])
        read = self.by_office(lambda model: model("kho.dl.health.failure").search([]).mapped("source"))
        self.assertEqual(read, [["waiting"], []])
        failure = self.as_("auditor_a", "kho.dl.health.failure").search([])
        items = failure.action_open_items()
        self.assertEqual(self.as_("auditor_a", items["res_model"]).search(items["domain"]).ids, row.ids)
        page = self.as_("auditor_a", "kho.dl.health").browse(self.a.id)
        self.assertEqual((page.files_waiting, page.failure_ids), (1, failure))
        opened = page.action_open_files()
        self.assertEqual(self.as_("auditor_a", opened["res_model"]).search(opened["domain"]).ids, row.ids)
        opened = self.as_("auditor_b", "kho.dl.health").browse(self.b.id).action_open_files()
        self.assertFalse(self.as_("auditor_b", opened["res_model"]).search(opened["domain"]))

    def test_a_file_that_failed_is_chosen_anew_by_whoever_has_the_case(self):
        row = self.waiting()
        failed = {
            "state": "failed",
            "closed_on": fields.Datetime.now(),
            "error_kind": "timed_out",
            "error": "No answer",
        }
        row._write_below_the_guard(failed)
        read = self.by_office(lambda model: model("kho.dl.health.failure").search([]).mapped("source"))
        self.assertEqual(read, [["failed"], []])
        self.as_("a", row.case_id).action_hand_over()
        read = self.by_office(lambda model: model("kho.dl.health.failure").search([]).mapped("source"))
        self.assertEqual(read, [[], ["failed"]])
        self.as_("auditor_b", "kho.dl.health.failure").search([]).action_retry()
        again = self.env["kho.dl.retrieval"].sudo().search([("case_id", "=", row.case_id.id)]) - row
        self.assertEqual((again._office(), again.state), (self.b, "pending"))

    def test_files_that_failed_are_counted_where_they_are_listed(self):
        row = self.waiting()
        for number in range(11):
            row.sudo().copy({"link": f"https://far.gov.vn/{number}.pdf", "link_key": f"far {number}"})
        row.sudo().case_id.document_ids.retrieval_ids._write_below_the_guard(
            {
                "state": "failed",
                "closed_on": fields.Datetime.now(),
                "error_kind": "timed_out",
                "error": "No answer",
                "lacks_right": True,
            }
        )
        for time, expected in (("before", [True, False]), ("after", [False, True])):
            with self.subTest(time):
                listed = self.by_office(lambda model: bool(model("kho.dl.health.failure").search_count([])))
                self.assertEqual(listed, expected)
                kinds = self.troubles().values()
                self.assertEqual(["files_failing" in found for found in kinds], expected)
                # What A's server lacks is A's to ask for.
                self.assertEqual(["rights_missing" in found for found in kinds], [True, False])
            if time == "before":
                self.as_("a", row.case_id).action_hand_over()

    def test_an_agency_that_is_spared_is_tried_for_whoever_waits_for_it(self):
        row = self.waiting()
        server = self.a.sudo().kho_dl_own_server
        values = {"lane": row.lane, "lane_name": "Agency", "opened_on": "2026-01-01 00:00:00", "failures": 5}
        self.env["kho.dl.breaker"].sudo().create(
            {**values, "own_server": server, "next_trial_on": "2099-01-01 00:00:00"}
        )
        mine = self.as_("auditor_a", "kho.dl.breaker").search([])
        self.assertEqual(mine.waiting_count, 1)
        self.assertIn("It is being tried now", mine.action_try_now()["params"]["message"])
        self.assertLessEqual(mine.next_trial_on, fields.Datetime.now())

    def test_who_lacks_a_right_turns_to_the_own_administrators(self):
        case = self.receive()
        for who, office, other in (("a", self.a, self.b), ("b", self.b, self.a)):
            words = self.as_(who, case)._right_words()
            self.assertIn(f"Administrator of {office.name}", words)
            self.assertNotIn(f"Administrator of {other.name}", words)


@tagged("-at_install", "post_install")
class TestDoneForAnother(Working):
    """What A did for B is A's on every page, before and after the case is handed over; the journal is read by both."""

    def setUp(self):
        super().setUp()
        self.case = self.receive()
        self.attach(self.case)
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": self.case.id, "consent_given": True})
        self.line(wizard, DEGREE).action_look()

    def at_each_time(self):
        """Yield before the case is handed over, and after."""
        yield "before"
        self.as_("a", self.case).action_hand_over()
        yield "after"

    def test_each_page_gives_it_to_whoever_did_it(self):
        for time in self.at_each_time():
            with self.subTest(time):
                told = self.by_office(
                    lambda model: {
                        name: model(name).search_count([])
                        for name in ("kho.dl.health.agency", "kho.dl.health.failure", "kho.dl.audit.day")
                    }
                )
                self.assertEqual([one["kho.dl.health.agency"] for one in told], [1, 0])
                self.assertEqual([one["kho.dl.audit.day"] for one in told], [1, 0])
                units = statistics_of(self.env, self.env.company, day_of(fields.Datetime.now()), 7, is_by_unit=True)
                for what in ("questions", "files"):
                    self.assertEqual([entry["unit"] for entry in units[what]], ["H46.a"], what)
                for office, counts in ((self.a, [1, 1]), (self.b, [0, 0])):
                    own = statistics_of(self.env, office, day_of(fields.Datetime.now()), 7)
                    self.assertEqual(
                        [sum(one["count"] for one in own[what]) for what in ("questions", "files")], counts
                    )
                [last_of_a, last_of_b] = self.by_office(
                    lambda model: model("kho.dl.health").browse(model("res.company").env.company.id).last_query_on
                )
                self.assertTrue(last_of_a and not last_of_b)

    def test_the_person_reads_who_did_it_from_either_office(self):
        for time in self.at_each_time():
            with self.subTest(time):
                [of_a, of_b] = self.by_office(lambda model: PersonHistory(model("kho.dl.query").env, [AN]).entries()[0])
                self.assertEqual({entry.who for entry in (*of_a, *of_b)}, {"Clerk of Commune A, Commune A"})
                self.assertEqual([entry.kind for entry in of_a], ["asked", "attached", "previewed"])
                self.assertEqual([entry.kind for entry in of_b], ["asked", "attached"])

    def test_the_person_online_reads_in_which_office_it_was_done(self):
        env = self.env(context={"allowed_company_ids": (self.a | self.b).ids})
        for time in self.at_each_time():
            with self.subTest(time):
                self.assertEqual({entry.who for entry in OwnHistory(env, [AN]).entries()[0]}, {"Commune A"})

    def test_what_is_no_longer_said_of_a_person_is_told_where_it_was_done(self):
        self.as_("a", self.case).action_hand_over()
        self.case.sudo().query_ids._empty_payload()
        [of_a, of_b] = self.by_office(lambda model: PersonHistory(model("kho.dl.query").env, [AN]).entries()[0])
        for entries in (of_a, of_b):
            self.assertIn("asked", [entry.kind for entry in entries])

    def test_who_looked_at_a_paper_is_watched_by_the_own_auditor(self):
        looks = self.by_office(
            lambda model: model("kho.dl.disclosure").search([("kind", "=", "previewed")]).user_id.mapped("login")
        )
        self.assertEqual(looks, [["clerk_a"], []])

    def test_either_office_proves_what_was_done(self):
        for time in self.at_each_time():
            for who in ("auditor_a", "auditor_b"):
                for rows in (self.case.sudo().query_ids, self.case.sudo().document_ids.retrieval_ids):
                    with self.subTest(f"{time} {who} {rows._name}"):
                        pack = zipfile.ZipFile(io.BytesIO(self.as_(who, rows.sudo(False))._proof_pack()))
                        self.assertIn("Commune B", pack.read("checked.txt").decode())
                        self.assertNotIn("BROKEN", pack.read("checked.txt").decode())
