from ..models.outbox import outbox_run
from ..protocol.task_pool import TaskPool
from .common import AN
from .test_outbox_run import RunCase

NEVER_ALIVE = "1"


class Killed(BaseException):
    """Ends the worker wherever it is, as a signal would."""


class TestFaults(RunCase):
    def break_case(self, broken, error):
        prepare = type(broken)._prepare_case_message

        def fail(case):
            if case == broken:
                raise error
            return prepare(case)

        self.patch(type(broken), "_prepare_case_message", fail)

    def test_a_message_that_cannot_be_made_is_put_aside_and_the_others_go_on(self):
        cases = self.make_cases(5)
        self.break_case(cases[2], KeyError("000190000011"))
        with self.assertLogs("odoo.addons.kho_dl.models.outbox.kho_dl_outbox_ending", "ERROR") as logs:
            self.send()
        self.assert_all_told(cases - cases[2])
        first = self.rows(cases[2])[0]
        self.assertEqual((first.state, first.error_kind), ("rejected", "unexpected"))
        self.assertIn("KeyError", first.error)
        [said] = logs.output
        self.assertIn("_prepare_telling", said)
        self.assertNotIn(AN, said)

    def test_a_message_that_fails_on_its_way_is_put_aside_and_looked_up_later(self):
        cases = self.make_cases(5)
        tell, number = outbox_run.tell, cases[2].name

        def fail(client, telling, until):
            if telling.message.number == number:
                raise TypeError(AN)
            return tell(client, telling, until)

        self.patch(outbox_run, "tell", fail)
        with self.assertLogs("odoo.addons.kho_dl.models.outbox.kho_dl_outbox_ending", "ERROR") as logs:
            self.send()
        self.assert_all_told(cases - cases[2])
        self.assertNotIn(AN, "".join(logs.output))
        first = self.rows(cases[2])[0]
        self.assertEqual((first.state, first.error_kind, first.is_uncertain), ("rejected", "unexpected", True))

    def test_an_outcome_that_cannot_be_kept_stops_no_other_message(self):
        cases = self.make_cases(5)
        accepted = type(self.outbox)._accepted

        def fail(row, *args):
            if row.case_id == cases[2]:
                raise KeyError(AN)
            return accepted(row, *args)

        self.patch(type(self.outbox), "_accepted", fail)
        with self.assertLogs("odoo.addons.kho_dl.models.outbox.kho_dl_outbox_ending", "ERROR") as logs:
            self.send()
        self.assert_all_told(cases - cases[2])
        self.assertNotIn(AN, "".join(logs.output))
        first = self.rows(cases[2])[0]
        # The portal has it: it is looked up before it is sent again.
        self.assertEqual((first.state, first.error_kind, first.is_uncertain), ("rejected", "unexpected", True))

    def test_a_company_whose_client_cannot_be_made_stops_no_other(self):
        broken = self.make_company("A", sequence=-1)
        waiting, cases = self.make_cases(2, broken), self.make_cases(3)
        client = type(self.env["kho.dl.gateway"])._client

        def fail(gateway, company, *args, **options):
            if company == broken:
                raise KeyError(AN)
            return client(gateway, company, *args, **options)

        self.patch(type(self.env["kho.dl.gateway"]), "_client", fail)
        with self.assertLogs("odoo.addons.kho_dl", "ERROR") as logs:
            self.send()
        self.assert_all_told(cases)
        self.assertNotIn(AN, "".join(logs.output))
        rows = self.rows(waiting)
        self.assertEqual((set(rows.mapped("state")), set(rows.mapped("tries"))), ({"pending"}, {0}))
        self.assertEqual(self.remaining[-1], 0)

    # Proves W.7-7.
    def test_a_state_that_another_application_adds_stops_nothing(self):
        field = self.env["kho.dl.case"]._fields["state"]
        states = [*field.selection, ("11", "Refused to receive"), ("ours", "Ours")]
        self.patch(field, "selection", states)
        self.patch(field, "_selection", dict(states))
        cases = self.make_cases(3)
        cases[0].state, cases[1].state = "11", "ours"
        self.send()
        self.assert_all_told(cases[2])
        self.assertEqual(set(self.rows(cases[1]).mapped("state")), {"accepted"})
        told = {body["data"][0]["MaHoSo"]: body["data"][0]["TrangThaiHoSo"] for body in self.sent("DongBoHoSoMC")}
        self.assertEqual([told[case.name] for case in cases], ["11", "1", "1"])
        step = self.rows(cases[0]).filtered(lambda row: row.step_state == "11")
        self.assertEqual(cases[0]._prepare_progress_message(step).content, "11")

    def kill_while_it_holds(self, poison):
        """Let the worker die whenever a message of the case `poison` is in hand; return a function that sends once."""
        collect, is_held = TaskPool.collect, []
        hold = outbox_run.OutboxRun._hold

        def note(run, tellings):
            is_held[:] = [row for row in tellings if row.case_id == poison]
            return hold(run, tellings)

        def die(pool, seconds):
            if is_held:
                raise Killed
            return collect(pool, seconds)

        self.patch(outbox_run.OutboxRun, "_hold", note)
        self.patch(TaskPool, "collect", die)

        def send():
            is_held.clear()
            try:
                self.send()
            except Killed:
                return False
            return True

        return send

    def test_what_kills_its_worker_is_put_aside_and_nothing_that_was_beside_it(self):
        cases = self.make_cases(10)
        send = self.kill_while_it_holds(cases[4])
        died = 0
        while not send():
            died += 1
            self.assertLess(died, 6)
        self.assertEqual(died, 5)
        self.assert_all_told(cases - cases[4])
        row = self.rows(cases[4])[0]
        self.assertEqual((row.state, row.error_kind, row.is_uncertain), ("rejected", "interrupted", True))
        row.action_send_again()
        self.assertEqual((row.state, row.interruptions), ("pending", 0))

    def test_kills_in_an_honest_backlog_close_nothing(self):
        cases = self.make_cases(20)
        collect, count = TaskPool.collect, []

        def die_after_a_while(pool, seconds):
            count.append(1)
            if not len(count) % 5:
                raise Killed
            return collect(pool, seconds)

        self.patch(TaskPool, "collect", die_after_a_while)
        self.simulator.order("sync", "latency", times=None, seconds=0.05)
        for _again in range(40):
            try:
                self.send()
                break
            except Killed:
                continue
        self.assertFalse(self.rows(cases).filtered(lambda row: row.state == "rejected"))
        self.assert_all_told(cases)

    def test_a_row_of_a_worker_that_died_too_often_is_closed(self):
        case = self.make_cases(1)
        row = self.rows(case)[0]
        row.write({"state": "running", "worker_key": NEVER_ALIVE, "interruptions": 4})
        self.send()
        self.assertEqual((row.state, row.error_kind), ("rejected", "interrupted"))


class TestLookup(RunCase):
    def lose(self, fault):
        case = self.make_cases(1)
        self.simulator.order("sync", fault, times=1, **({"bytes": 3} if fault == "cut_body" else {}))
        self.send()
        self.assertTrue(self.rows(case)[0].is_uncertain)
        return case

    def test_a_case_that_was_never_received_is_not_refused_because_of_the_lookup(self):
        for words in ("Không tìm thấy hồ sơ", "Lỗi nghiệp vụ 17"):
            with self.subTest(words=words):
                case = self.lose("reset")
                self.simulator.refuse_unknown_cases(words)
                self.send()
                self.assert_all_told(case)
                self.assertFalse(self.rows(case)[0].is_update)

    def test_a_case_that_was_received_is_an_update_whatever_the_lookup_says(self):
        case = self.lose("cut_body")
        self.simulator.order("sync", "error_code", times=1)
        self.send()
        self.assert_all_told(case)
        self.assertTrue(self.rows(case)[0].is_update)

    def test_a_refused_token_at_the_lookup_is_a_refused_token(self):
        case = self.lose("reset")
        self.simulator.order("sync", "token_error_200", times=1)
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(case)
        self.assertEqual(len(self.simulator.requests("login")), 1)
