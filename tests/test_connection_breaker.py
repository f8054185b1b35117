from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time

from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN, OWN_SERVER
from ..models.retrieval import retrieval_run
from ..protocol.errors import ConnectionBroken, PortalRejected, SecurityServerUnreachable, TimedOut
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CRIMINAL_RECORD, DEGREE, DUNG, PRACTICE, KhoDLCase, new_test_user

SOON = timedelta(minutes=1)
BEGIN_SECONDS = 20


class Attaching(KhoDLCase):
    def attach(self, *codes, owner_id_number=AN):
        """Attach the best papers of `codes` on a new case; return its rows."""
        wizard = self.make_wizard(self.make_case(owner_id_number))
        wizard.action_search()
        for line in wizard.line_ids:
            line.selected = line.selected and line.case_document_id.result_code_ids.code in codes
        self.simulator.clear_requests()
        wizard.action_attach()
        self.wizard = wizard
        return self.retrievals(wizard.case_id)

    def begin_in_time(self):
        """Have files begin so much later, as they may on a busy machine: for slow ones there is a second of each pass."""
        run = type(self.env["kho.dl.retrieval"])._run

        def patient(queue, companies, domain, give_up_at, **options):
            return run(queue, companies, domain, give_up_at + BEGIN_SECONDS, **options)

        self.patch(type(self.env["kho.dl.retrieval"]), "_run", patient)

    def later(self, delay):
        """Run the scheduled action `delay` from now."""
        with freeze_time(fields.Datetime.now() + delay):
            self.env["kho.dl.retrieval"]._cron_process()


class TestBreaker(Attaching):
    """An agency that fails several times in a row is left alone, and told about."""

    def setUp(self):
        super().setUp()
        # Ten files of one agency.
        self.simulator.world.add_bulk_person(DUNG, files=10, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()

    def breaker(self):
        return self.env["kho.dl.breaker"].search([("opened_on", "!=", False)])

    def test_a_failing_agency_is_spared_and_named(self):
        self.simulator.order("file", "server_error", times=None)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        # At most what was under way when it opened, and the repeats at once of those.
        self.assertLess(len(self.simulator.requests("file")), 3 * self.company.kho_dl_parallel_per_server)
        breaker = self.breaker()
        self.assertEqual((breaker.lane, breaker.waiting_count), (rows[0].lane, 10))
        [words] = breaker._in_words(self.company)
        self.assertIn(rows[0].agency_name, words)
        self.assertIn("10", words)
        case = rows.case_id.with_user(self.clerk)
        self.assertEqual(case.unreachable, words)
        self.assertEqual(self.wizard.unreachable, words)
        self.simulator.clear_requests()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertFalse(self.simulator.requests("file"))

    def test_others_are_served_meanwhile(self):
        self.simulator.order("file", "server_error", times=None)
        self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.simulator.clear_faults()
        self.assertEqual(self.attach(DEGREE, PRACTICE).mapped("state"), ["done", "done"])
        self.assertTrue(self.breaker())

    def test_one_trial_that_fails_and_one_that_works(self):
        self.simulator.order("file", "server_error", times=None)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        since = self.breaker().opened_on
        self.simulator.clear_requests()
        self.later(SOON)
        self.assertEqual(len(self.simulator.requests("file")), 1)
        self.assertEqual(self.breaker().opened_on, since)
        self.simulator.clear_faults()
        self.later(timedelta(minutes=5))
        self.assertFalse(self.breaker())
        self.later(timedelta(minutes=5))
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertFalse(rows.case_id.unreachable)

    def test_an_administrator_may_try_at_once(self):
        self.simulator.order("file", "server_error", times=None)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.simulator.clear_faults()
        with self.assertRaises(AccessError):
            self.breaker().with_user(self.clerk).action_try_now()
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        self.breaker().with_user(administrator).action_try_now()
        self.env["kho.dl.retrieval"]._cron_process()
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def attach_while_our_server_is_away(self):
        """Attach papers that were found before; return the rows."""
        address = self.company.kho_dl_ss_url
        wizard = self.make_wizard(self.make_case(DUNG))
        wizard.action_search()
        self.company.kho_dl_ss_url = "http://127.0.0.1:9"
        wizard.action_attach()
        self.company.kho_dl_ss_url = address
        return self.retrievals(wizard.case_id)

    def test_our_own_security_server(self):
        rows = self.attach_while_our_server_is_away()
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.assertEqual(self.breaker().lane, OWN_SERVER)
        self.later(SOON)
        self.later(SOON)
        self.assertFalse(self.breaker())
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def test_an_answer_of_the_portal_shows_that_our_own_security_server_is_back(self):
        self.attach_while_our_server_is_away()
        breaker = self.breaker()
        # As if it had not answered under its own address.
        breaker.own_server = self.company.kho_dl_own_server
        self.simulator.order("papers", "server_error")
        self.make_wizard(self.make_case()).action_search()
        self.assertTrue(self.breaker())
        self.assertEqual(set(self.attach(DEGREE, PRACTICE).mapped("state")), {"done"})
        self.assertFalse(self.breaker())

    def test_that_the_portal_answered_is_kept_also_where_nobody_can_take_its_answer(self):
        self.spare(OWN_SERVER, SecurityServerUnreachable(), "Our own")
        self.assertTrue(self.breaker())
        self.patch(type(self.env["kho.dl.lookup"]), "_take_answer", lambda *_what: 1 / 0)
        wizard = self.make_wizard(self.make_case())
        # No savepoint of `assertRaises`: the answer is committed.
        with suppress(ZeroDivisionError):
            wizard.action_search()
        self.assertEqual(wizard.case_id.query_ids.outcome, "found")
        self.assertFalse(self.breaker())

    def test_one_agency_that_breaks_off_is_not_our_own_server(self):
        self.simulator.order("file", "reset", times=None)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.assertEqual(self.breaker().lane, rows[0].lane)
        self.assertIn("broke off", self.breaker().error)
        self.simulator.clear_faults()
        self.assertEqual(self.attach(DEGREE, PRACTICE).mapped("state"), ["done", "done"])

    def test_the_trial_of_our_own_server_is_made_with_an_agency_that_was_well(self):
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        failing = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()
        well = self.attach(DEGREE).sudo()
        self.assertNotIn(well[0].lane, failing.mapped("lane"))
        now, before = fields.Datetime.now(), fields.Datetime.now() - timedelta(minutes=1)
        for lane, since in ((OWN_SERVER, now), *((lane, before) for lane in set(failing.mapped("lane")))):
            values = {"own_server": self.company.kho_dl_own_server, "lane": lane, "failures": 3}
            self.env["kho.dl.breaker"].create({**values, "opened_on": since, "next_trial_on": now})
        claims = failing._claim_trials(failing._takeable(), 0)
        self.assertEqual(
            {row.lane for row, (breaker, _until) in claims.items() if breaker.lane == OWN_SERVER}, {well[0].lane}
        )
        # Where nothing else waits, any will do.
        self.env["kho.dl.breaker"].search([]).next_trial_on = now
        claims = failing._claim_trials(failing._takeable() & Domain("id", "in", failing.ids), 0)
        self.assertIn(OWN_SERVER, {breaker.lane for breaker, _until in claims.values()})

    def test_a_success_forgets_earlier_failures(self):
        self.simulator.order("file", "server_error", times=FAILURES_TO_OPEN - 1)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertFalse(self.env["kho.dl.breaker"].search([("failures", ">", 0)]))

    def test_who_may_do_what(self):
        own_server = self.company.kho_dl_own_server
        self.env["kho.dl.breaker"].create({"own_server": own_server, "lane": "x"})
        clerk = self.env["kho.dl.breaker"].with_user(self.clerk)
        self.assertTrue(clerk.search([]))
        auditor = new_test_user(self.env, "kho_auditor", groups="kho_dl.group_auditor")
        for user, operations in (
            (self.clerk, ("write", "create", "unlink")),
            (auditor, ("read", "write", "create", "unlink")),
        ):
            for operation in operations:
                with self.subTest(user=user.login, operation=operation), self.assertRaises(AccessError):
                    self.env["kho.dl.breaker"].with_user(user).check_access(operation)
        self.env["res.company"].create({"name": "Elsewhere", "kho_dl_ss_url": "http://10.0.0.9"})
        self.env["kho.dl.breaker"].create({"own_server": "http://10.0.0.9", "lane": "x"})
        self.assertEqual(clerk.search([]).sudo().own_server, own_server)


class TestSharedBreaker(Attaching):
    """What one company learns of a far system holds for all behind the same security server, and for nobody else."""

    def setUp(self):
        super().setUp()
        self.other = self.env["res.company"].create({"name": "Next door", "kho_dl_ss_url": f"{self.simulator.url}/"})
        self.elsewhere = self.env["res.company"].create({"name": "Elsewhere", "kho_dl_ss_url": "http://10.0.0.9:80"})
        self.breakers = self.env["kho.dl.breaker"].sudo()

    def administrator(self):
        return new_test_user(self.env, "kho_administrator", groups="kho_dl.group_administrator")

    def fail(self, company, error=None, lane="x"):
        self.breakers._failed(company.kho_dl_own_server, lane, "Agency X", error or TimedOut())

    def test_failures_of_all_companies_open_one_breaker(self):
        for company in (self.company, self.other, self.company):
            self.fail(company)
        breaker = self.breakers._open()
        self.assertEqual((breaker.lane, breaker.failures), ("x", FAILURES_TO_OPEN))
        self.fail(self.elsewhere)
        self.assertEqual(len(self.breakers.search([])), 2)
        self.breakers._worked(self.other.kho_dl_own_server, {"x"})
        self.assertFalse(self.breakers._open())
        self.assertEqual(self.breakers.search([("failures", ">", 0)]).own_server, "http://10.0.0.9")

    def test_where_others_break_off_too_it_is_our_own_server(self):
        def break_off(lane):
            return self.breakers._blame(self.company.kho_dl_own_server, lane, lane, ConnectionBroken())

        for _time in range(FAILURES_TO_OPEN):
            spared = break_off("x")
        self.assertEqual(spared, {"x"})
        # Long ago: nothing that the others would have to do with.
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self.assertFalse(break_off("y") | break_off("y"))
            self.assertFalse(break_off("z") | break_off("z"))
            self.assertEqual(break_off("x"), {"x", OWN_SERVER})
            self.assertEqual(break_off("v"), {OWN_SERVER})
        by_lane = {breaker.lane: breaker.failures for breaker in self.breakers.search([])}
        self.assertEqual(by_lane, {"x": FAILURES_TO_OPEN + 1, "y": 2, "z": 2, "v": 1, OWN_SERVER: 4})

    def test_files_of_all_its_companies_wait_and_go_on(self):
        self.simulator.order("file", "server_error", times=2)
        row = self.attach(CRIMINAL_RECORD)
        self.breakers.search([]).unlink()
        for _time in range(FAILURES_TO_OPEN):
            self.fail(self.other, lane=row.lane)
        self.assertFalse(row.search_count(row._takeable() & Domain("id", "=", row.id)))
        self.assertEqual(row.case_id.unreachable, "\n".join(self.breakers._open()._in_words(self.company)))
        self.assertTrue(row.next_try_on)
        self.breakers._worked(self.other.kho_dl_own_server, {row.lane})
        self.assertFalse(row.next_try_on)

    def test_the_server_that_was_asked_is_blamed_whatever_the_address_is_by_then(self):
        asked = self.company.kho_dl_own_server
        take = retrieval_run.RetrievalRun._take
        for address in (False, "http://10.0.0.8"):
            with self.subTest(address=address):
                self.breakers.search([]).unlink()
                self.company.kho_dl_ss_url = f"{self.simulator.url}/"
                self.simulator.order("file", "server_error", times=2)

                def take_and_move(run, *args, address=address, **options):
                    rows = take(run, *args, **options)
                    self.company.kho_dl_ss_url = address
                    self.env.cr.commit()
                    return rows

                with patch.object(retrieval_run.RetrievalRun, "_take", take_and_move):
                    [row] = self.attach(CRIMINAL_RECORD)
                self.assertEqual((row.state, row.error_kind), ("pending", "file_unavailable"))
                self.assertEqual(self.breakers.search([]).mapped("own_server"), [asked])

    def test_a_trial_that_works_says_nothing_of_another_server(self):
        for _time in range(FAILURES_TO_OPEN):
            self.fail(self.elsewhere, lane=OWN_SERVER)
        take = retrieval_run.RetrievalRun._take

        def take_and_move(run, *args, **options):
            rows = take(run, *args, **options)
            self.company.kho_dl_ss_url = self.elsewhere.kho_dl_ss_url
            self.env.cr.commit()
            return rows

        with patch.object(retrieval_run.RetrievalRun, "_take", take_and_move):
            [row] = self.attach(CRIMINAL_RECORD)
        self.assertEqual(row.state, "done")
        self.assertTrue(self.breakers._open())

    def test_others_files_are_not_counted_for_a_reader(self):
        self.simulator.order("file", "server_error", times=2)
        row = self.attach(CRIMINAL_RECORD)
        self.breakers.search([]).unlink()
        for _time in range(FAILURES_TO_OPEN):
            self.fail(self.other, lane=row.lane)
        neighbour = new_test_user(
            self.env, "next_door", groups="kho_dl.group_administrator", company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )  # fmt: skip
        breaker = self.env["kho.dl.breaker"].with_user(neighbour).search([])
        self.assertEqual((breaker.lane, breaker.waiting_count), (row.lane, 0))
        self.assertEqual(breaker.company_ids, self.other)
        due = breaker.next_trial_on
        said = breaker.action_try_now()["params"]["message"]
        self.assertIn("Nothing of your company waits", said)
        self.assertTrue(self.breakers._open(), "files of another company wait for it")
        self.assertEqual(breaker.next_trial_on, due, "theirs to hasten")
        self.assertIn("being tried", breaker.with_user(self.administrator()).action_try_now()["params"]["message"])
        self.assertLess(breaker.next_trial_on, due)

    def test_what_was_said_to_one_company_is_not_told_to_another(self):
        self.fail(self.company, PortalRejected("500", "case H46-1 of AN", status=500))
        self.assertNotIn("H46-1", self.breakers.search([]).error)

    def test_the_same_server_is_known_however_it_is_written(self):
        for address, key in (
            ("10.0.0.9", "http://10.0.0.9"),
            ("HTTP://10.0.0.9:80/", "http://10.0.0.9"),
            ("https://ss.gov.vn:443/a/", "https://ss.gov.vn/a"),
            ("http://10.0.0.9:8080", "http://10.0.0.9:8080"),
            ("", False),
        ):
            with self.subTest(address=address):
                self.elsewhere.kho_dl_ss_url = address
                self.assertEqual(self.elsewhere.kho_dl_own_server, key)

    def test_a_server_that_nobody_uses_any_more_is_forgotten(self):
        self.fail(self.elsewhere)
        self.elsewhere.active = False
        self.breakers._forget_unasked()
        self.assertTrue(self.breakers.search([]), "an archived office tells how its cases end")
        self.elsewhere.kho_dl_ss_url = False
        self.breakers._forget_unasked()
        self.assertFalse(self.breakers.search([]))
