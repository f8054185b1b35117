import contextlib
import time

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..models.common.kho_dl_queue import MAX_INTERRUPTIONS
from ..models.connection.kho_dl_gateway import _CONNECTIONS
from ..models.gate.file_gate import FileGate
from ..models.retrieval import kho_dl_retrieval_queue
from ..models.retrieval.retrieval_run import RetrievalRun
from ..protocol import client as protocol_client
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CRIMINAL_RECORD, DEGREE, PRACTICE
from .test_connection_breaker import Attaching


class Poisoned(Attaching):
    """Three files that wait; something goes wrong with the first one that nobody foresaw."""

    def setUp(self):
        super().setUp()
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        # A chance time of the day must not decide what a pass does first.
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 0)
        self.rows = self.attach(CRIMINAL_RECORD, DEGREE, PRACTICE).sudo()
        self.poison, self.others = self.rows[0], self.rows[1:]
        self.queue = self.env["kho.dl.retrieval"].sudo()

    @contextlib.contextmanager
    def logged(self):
        """Look that errors are logged in the block, and none with values."""
        with self.assertLogs("odoo.addons.kho_dl", "ERROR") as logs:
            yield
        self.assertNotIn(AN, "".join(logs.output))

    def fail_for(self, owner, name, is_poison, error=None):
        """Let the method `name` of `owner` raise `error` where `is_poison(*args)`; return the list of such calls."""
        error = error or KeyError(AN)
        method, calls = getattr(owner, name), []

        def fail(*args, **kwargs):
            if is_poison(*args):
                calls.append(args)
                raise error
            return method(*args, **kwargs)

        self.patch(owner, name, fail)
        return calls

    def assert_only_the_poison_is_put_aside(self):
        self.env.invalidate_all()
        self.assertEqual((set(self.others.mapped("state")), set(self.others.mapped("tries"))), ({"done"}, {1}))
        self.assertEqual((self.poison.state, self.poison.error_kind, self.poison.tries), ("failed", "unexpected", 1))
        self.assertEqual(set(self.rows.mapped("interruptions")), {0})
        self.assertNotIn(AN, self.poison.error)
        self.assertTrue(all(self.rows.mapped("is_summed_up")))


class TestPoisonedEnd(Attaching):
    """What goes wrong when the run is concluded is no fault of the file that was the last."""

    def test_one_file_alone_stays_attached(self):
        sum_up, calls = type(self.env["kho.dl.retrieval"])._sum_up, []

        def fail_once(rows, is_awaited=False):
            calls.extend([rows] if rows else [])
            if rows and len(calls) == 1:
                raise KeyError(AN)
            return sum_up(rows, is_awaited)

        self.patch(type(self.env["kho.dl.retrieval"]), "_sum_up", fail_once)
        [row] = self.attach(DEGREE).sudo()
        self.assertEqual((row.state, row.is_summed_up, row.tries), ("done", True, 1))
        self.assertEqual(calls, [row, row])

    def test_a_race_that_was_lost_leaves_nothing_behind(self):
        run = RetrievalRun(self.env, self.company, Domain.FALSE, time.monotonic() + 5, grace=0, is_awaited=True)
        with run.alive():
            run.read_settings()
            values = {"case_document_id": self.make_case(AN).document_ids[1].id, "user_id": self.clerk.id}
            values |= {"link_key": "k", "link": "https://a.gov.vn/a.pdf", "lane": "x", "file_name": "a.pdf"}
            self.env.cr.commit()
            run.make([values])
            self.env.cr.rollback()
            run.add(run.make([]))
            run.run()
        self.assertFalse(self.simulator.requests("file"))


class TestPoisonedFile(Poisoned):
    """It closes its own row, at once, and is said without values."""

    def work(self):
        with self.logged():
            self.queue._cron_process()

    def wants(self, vals_list):
        return any(vals.get("res_id") == self.poison.case_document_id.id for vals in vals_list)

    def test_when_it_is_attached(self):
        self.fail_for(type(self.env["ir.attachment"]), "create", lambda _files, vals_list: self.wants(vals_list))
        self.work()
        self.assert_only_the_poison_is_put_aside()
        self.assertIn("unexpected", self.poison.error)
        self.assertIn("KeyError", self.poison.error_code)

    @mute_logger("odoo.sql_db")
    def test_when_the_database_refuses_it(self):
        attachments = type(self.env["ir.attachment"])
        create = attachments.create

        def fail(files, vals_list):
            made = create(files, vals_list)
            if self.wants(vals_list):
                files.env.cr.execute("UPDATE ir_attachment SET name = NULL WHERE id IN %s", [made._ids])
            return made

        self.patch(attachments, "create", fail)
        self.work()
        self.assert_only_the_poison_is_put_aside()

    def test_when_a_clerk_waits_for_it(self):
        self.fail_for(type(self.env["ir.attachment"]), "create", lambda _files, vals_list: self.wants(vals_list))
        with self.logged():
            self.process_now(self.rows, 60)
        self.assert_only_the_poison_is_put_aside()

    def test_when_it_is_on_its_way(self):
        self.fail_for(protocol_client, "fetch", lambda _session, request, *_args: request.key == self.poison.id)
        self.work()
        self.assert_only_the_poison_is_put_aside()

    def test_when_it_is_asked_for(self):
        self.fail_for(protocol_client.Client, "file_request", lambda _client, key, *_args: key == self.poison.id)
        self.work()
        self.assert_only_the_poison_is_put_aside()

    def test_when_it_is_looked_into(self):
        self.poison.paper_name = "The poison"
        self.fail_for(FileGate, "look", lambda _gate, _file, _mimetype, question, *_: "The poison" in question.texts)
        self.work()
        self.assert_only_the_poison_is_put_aside()

    def test_when_it_is_not_known_what_to_look_for(self):
        self.fail_for(type(self.queue), "_gate_question", lambda row: row == self.poison)
        self.work()
        self.assert_only_the_poison_is_put_aside()

    def test_when_it_cannot_be_said_that_it_is_not_tried_any_more(self):
        self.poison.write({"state": "running", "worker_key": "1", "interruptions": MAX_INTERRUPTIONS - 1})
        self.env.cr.commit()
        self.fail_for(type(self.queue), "_sum_up", lambda rows, *_args: self.poison in rows)
        self.queue._cron_process()
        self.assertEqual((self.poison.state, set(self.others.mapped("state"))), ("failed", {"done"}))
        self.assertEqual(set(self.others.mapped("is_summed_up")), {True})
        # What is left to be said is said in the next pass, apart from all others.
        self.work()

    def test_when_our_own_disk_fails_it_is_tried_again(self):
        self.poison.paper_name = "The poison"
        is_poison = lambda _gate, _file, _mimetype, question, *_: "The poison" in question.texts  # noqa: E731
        self.fail_for(FileGate, "look", is_poison, OSError(AN))
        self.queue._cron_process()
        self.assertEqual((self.poison.state, self.poison.error_kind), ("pending", "file_not_stored"))
        self.assertEqual(set(self.others.mapped("state")), {"done"})


class TestPoisonedCompany(Poisoned):
    """What goes wrong with the files of one company as a whole keeps those of no other waiting."""

    def setUp(self):
        super().setUp()
        self.other = self.env["res.company"].create({"name": "Other"})
        self._connect(self.other)
        # Those that fetch alike are served together, and have the same faults.
        self.other.kho_dl_timeout += 1
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kho_dl_retrieval SET company_id = %s WHERE id IN %s", [self.other.id, self.others._ids]
        )
        self.env.invalidate_all()
        is_ours = lambda _gateway, company, *_args: company == self.company  # noqa: E731
        self.fail_for(type(self.env["kho.dl.gateway"]), "_gate", is_ours)
        self.env.cr.commit()

    def test_the_other_ones_files_come(self):
        with self.logged():
            self.queue._cron_process()
        self.assertEqual((self.poison.state, set(self.others.mapped("state"))), ("pending", {"done"}))

    def test_so_do_those_that_take_long(self):
        self.rows.error_kind = "out_of_time"
        self.env.cr.commit()
        with self.logged():
            self.queue._process_slow()
        self.assertEqual((self.poison.state, set(self.others.mapped("state"))), ("pending", {"done"}))

    def test_a_clerk_is_told_that_they_wait(self):
        with self.logged():
            self.process_now(self.poison, 60)
        self.assertEqual(self.poison.state, "pending")
        cron = self.env.ref("kho_dl.ir_cron_process")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))


class TestRefused(Attaching):
    def test_connections_are_given_back_where_nothing_was_attached(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        wizard.line_ids.selected = True
        users, refused = dict(_CONNECTIONS._users), []

        def refuse(_self, _wanted):
            refused.append(dict(_CONNECTIONS._users))
            raise UserError("Not now")

        self.patch(type(self.env["kho.dl.retrieval"]), "_standing", refuse)
        with contextlib.suppress(UserError):
            wizard.action_attach()
        self.assertNotEqual(refused, [users])
        self.assertEqual(_CONNECTIONS._users, users)
