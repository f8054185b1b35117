import random
from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UndefinedFunction

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..models.reporting import audit_triggers, indicator_triggers, kho_dl_indicator_fact
from .paper_case import PDF
from .test_migrations import migrate
from .test_reporting_indicator import NOON, IndicatorCase

_COUNTED_UNTIL = "kho_dl.indicators_counted_until"
# The last and the first moment of a month and of a year in Vietnam.
_MOMENTS = ["2026-03-31 16:59:59", "2026-03-31 17:00:00", "2025-12-31 16:59:59", "2025-12-31 17:00:00"]


class FactsCase(IndicatorCase):
    def facts(self):
        """Return {case id: what counts of it} as PostgreSQL keeps it, of received cases."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT case_id, company_id, procedure_id, month, has_result, has_file, has_reuse, has_national, is_told
              FROM kho_dl_indicator_fact WHERE month IS NOT NULL
            """
        )
        return {case_id: facts for case_id, *facts in self.env.cr.fetchall()}

    def counted(self):
        """Return the same, counted here from the records themselves."""
        self.env.invalidate_all()
        return {case.id: self.count(case) for case in self.env["kho.dl.case"].search([("date_received", "!=", False)])}

    def count(self, case):
        sources = case.document_ids.filtered("attachment_ids").mapped("source")
        told = case.outbox_ids.filtered(lambda row: (row.kind, row.state, row.has_links) == ("case", "accepted", True))
        return [
            case.company_id.id,
            case.procedure_id.id,
            (case.date_received + timedelta(hours=7)).date().replace(day=1),
            any(paper.state != "draft" for paper in case.paper_ids),
            any(sources),
            bool({"local", "national"} & set(sources)),
            "national" in sources,
            bool(told),
        ]


class TestIndicatorFacts(FactsCase):
    def test_counting_all_anew_catches_up_with_what_triggers_missed(self):
        case = self.received()
        self.hand_in(case, "national")
        before = self.facts()
        self.env.cr.execute("UPDATE kho_dl_indicator_fact SET has_national = false, month = '2020-01-01'")
        self.env["kho.dl.indicator.fact"]._cron_count_all()
        self.assertEqual(self.facts(), before)
        self.assertEqual(indicator_triggers.count_all(self.env.cr), 0)

    def test_an_upgrade_counts_anew_only_what_counts_otherwise(self):
        case = self.received()
        before = self.facts()
        wrong = "UPDATE kho_dl_indicator_fact SET has_result = true"
        facts = self.env["kho.dl.indicator.fact"]
        self.env.cr.execute(wrong)
        facts._install_triggers()
        self.assertNotEqual(self.facts(), before)
        for name, arguments, kind in (
            ("kho_dl_indicator_count", "cases integer[]", "void"),
            ("kho_dl_indicator_watch_kho_dl_case", "", "trigger"),
        ):
            self.env.cr.execute(wrong)
            body = "BEGIN RETURN NULL; END" if kind == "trigger" else "BEGIN END"
            self.env.cr.execute(
                f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {kind} LANGUAGE plpgsql AS $$ {body} $$"
            )
            facts._install_triggers()
            self.assertEqual(self.facts(), before, name)
        case.date_received = False
        self.assertEqual(self.facts(), self.counted())

    def test_counting_all_anew_forgets_cases_that_are_gone(self):
        case, kept = self.received(), self.received()
        self.env.flush_all()
        # As a restore that skips the keys of tables; the first of the two has no case any more, the second never had a fact.
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        self.env.cr.execute("DELETE FROM kho_dl_case WHERE id = %s", [case.id])
        self.env.cr.execute("DELETE FROM kho_dl_indicator_fact WHERE id = %s", [kept.id])
        self.env.cr.execute("SET LOCAL session_replication_role = origin")
        self.env.invalidate_all()
        self.assertEqual(list(self.facts()), [case.id])
        self.assertEqual(indicator_triggers.count_all(self.env.cr), 2)
        self.assertEqual(self.facts(), self.counted())
        self.assertEqual(list(self.facts()), [kept.id])

    def test_counting_anew_goes_on_where_odoo_stopped_it(self):
        cases = [self.received() for _ in range(5)]
        before = self.facts()
        self.env.cr.execute("UPDATE kho_dl_indicator_fact SET has_result = true")
        parameters = self.env["ir.config_parameter"].sudo()
        cron = self.env.ref("kho_dl.ir_cron_count_indicators").sudo()
        cron, progress = cron._add_progress()
        fact = self.env["kho.dl.indicator.fact"].with_context(**cron.env.context, cron_id=cron.id, cron_end_time=0)
        self.enterContext(patch.object(kho_dl_indicator_fact, "_BATCH", 2))
        for run, (left, until) in enumerate(((3, cases[1]), (1, cases[3]), (0, None)), 1):
            fact._cron_count_all()
            self.assertEqual(progress.remaining, left)
            self.assertEqual(parameters.get_param(_COUNTED_UNTIL), str(until.id) if until else False)
            right = [case_id for case_id, facts in self.facts().items() if facts == before[case_id]]
            self.assertEqual(len(right), min(2 * run, 5))

    def test_rows_that_sql_makes_are_counted_in_one_go(self):
        case = self.received()
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO kho_dl_case (name, procedure_id, owner_id, company_id, channel, state, date_received)
            SELECT 'SQL' || number, procedure_id, owner_id, company_id, channel, state, date_received
              FROM kho_dl_case, generate_series(1, 100) AS number WHERE id = %s
            """,
            [case.id],
        )
        self.assertEqual(self.figures()["4.1"], (101, 0, 0.0))
        self.env.cr.execute("UPDATE kho_dl_case SET date_received = NULL WHERE name LIKE 'SQL1%'")
        self.assertEqual(self.figures()["4.1"], (89, 0, 0.0))
        self.env.cr.execute("DELETE FROM kho_dl_case WHERE name LIKE 'SQL%'")
        self.assertEqual(self.figures()["4.1"], (1, 0, 0.0))

    def test_of_earlier_messages_those_after_a_result_are_taken_for_ones_with_links(self):
        self.company.kho_dl_sync_enabled = True
        with freeze_time("2026-03-01 05:00:00"):
            before, after = self.received(), self.received()
            self.issue(after, "1")
            self.send()
        with freeze_time("2026-03-02 05:00:00"):
            self.company.kho_dl_sync_enabled = False
            self.issue(before, "2")
        self.outbox.search([]).has_links = False
        for providerurl, told in ((False, []), ("https://dvc.example.gov.vn", [after.id])):
            self.company.kho_dl_own_providerurl = providerurl
            self.env.flush_all()
            migrate(self.env.cr, "19.0.1.3.1")
            self.assertEqual([case_id for case_id, facts in self.facts().items() if facts[-1]], told)

    def test_removing_the_add_on_leaves_no_function(self):
        with self.env.cr.savepoint():
            for triggers in (indicator_triggers, audit_triggers):
                triggers.remove(self.env.cr)
            self.env.cr.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'kho_dl%'")
            self.assertFalse(self.env.cr.fetchall())
            self.received()
            self.env.flush_all()
            self.assertFalse(self.figures())
            with self.assertRaises(UndefinedFunction), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute("SELECT kho_dl_indicator_count(ARRAY[1])")
            self.env["kho.dl.indicator.fact"]._install_triggers()
            self.assertTrue(self.figures())


class TestIndicatorFactsAnyhow(FactsCase):
    """Two hundred random changes, by the ORM and by SQL: the facts are always what the records say."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(4104)
        self.company.kho_dl_sync_enabled = True
        self.numbers = iter(range(10_000))
        self.done = set()

    def test_facts_are_those_of_the_cases_whatever_was_done_before(self):
        actions, seen = sorted(name for name in dir(self) if name.startswith("do_")), [set() for _kind in range(5)]
        for step in range(200):
            cases = self.env["kho.dl.case"].search([])
            if len(cases) < 4:
                cases |= self.received()
            action = self.random.choice(actions)
            try:
                # What is refused has changed nothing; what is sent commits, and is never refused.
                with nullcontext() if action == "do_send" else self.env.cr.savepoint():
                    getattr(self, action)(self.random.choice(cases).with_user(self.clerk).sudo())
                    self.env.flush_all()
                self.done.add(action)
            except UserError:
                self.env.invalidate_all()
            facts = self.facts()
            self.assertEqual(facts, self.counted(), f"step {step}, {action}")
            for kind, values in zip(seen, list(zip(*facts.values(), strict=True))[3:], strict=False):
                kind.update(values)
        self.assertEqual(self.done, set(actions))
        self.assertEqual(seen, [{True, False}] * 5)

    def sql(self, statement, *values):
        self.env.flush_all()
        self.env.cr.execute(statement, values)
        self.env.invalidate_all()

    def do_open_a_case(self, _case):
        self.make_case(**({"date_received": self.random.choice(_MOMENTS)} if self.random.random() < 0.7 else {}))

    def do_receive(self, case):
        case.date_received = self.random.choice(_MOMENTS)

    def do_receive_no_more(self, case):
        case.date_received = False

    def do_move_on(self, case):
        case.state = self.random.choice(["1", "2", "4", "7", "9", "10"])

    def do_change_the_procedure(self, case):
        case.procedure_id = self.random.choice([self.procedure, self.plain])

    def do_delete_a_case(self, case):
        case.unlink()

    def do_hand_in(self, case):
        if document := self.random.choice([*case.document_ids, False]):
            document.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": PDF})]})
            document.source = self.random.choice(["upload", "local", "national"])

    def do_take_files_off(self, case):
        case.document_ids[:3].write({"attachment_ids": [Command.clear()]})

    def do_delete_a_file(self, case):
        case.document_ids.attachment_ids[:1].unlink()

    def do_link_a_file_of_the_case(self, case):
        file = self.env["ir.attachment"].create({"name": "b", "raw": PDF, "res_model": case._name, "res_id": case.id})
        case.document_ids[:1].write({"attachment_ids": [Command.link(file.id)]})

    def do_delete_files_of_a_case(self, case):
        self.env["ir.attachment"].search([("res_model", "=", case._name), ("res_id", "=", case.id)]).unlink()

    def do_begin_a_paper(self, case):
        self.make_paper(case_id=case.id, number=str(next(self.numbers)))

    def do_enter_papers(self, case):
        case.paper_ids.filtered(lambda paper: paper.state == "draft").action_enter()

    def do_revoke_a_paper(self, case):
        case.paper_ids.filtered(lambda paper: paper.state == "effective")[:1]._revoke("Mistake")

    def do_replace_a_paper(self, case):
        for paper in case.paper_ids.filtered(lambda paper: paper.state == "effective")[:1]:
            paper.action_supersede()

    def do_send(self, _case):
        self.send()

    def do_sql_documents(self, case):
        source = self.random.choice(["upload", "local", "national", None])
        self.sql("UPDATE kho_dl_case_document SET source = %s WHERE case_id = %s", source, case.id)

    def do_sql_delete_documents(self, case):
        self.sql("DELETE FROM kho_dl_case_document WHERE case_id = %s AND random() < 0.3", case.id)

    def do_sql_move_documents(self, case):
        self.sql(
            """
            UPDATE kho_dl_case_document document SET case_id = %s
             WHERE NOT EXISTS (SELECT FROM kho_dl_case_document other
                                WHERE other.case_id = %s
                                  AND other.procedure_document_id = document.procedure_document_id)
               AND NOT EXISTS (SELECT FROM kho_dl_case_document other
                                WHERE other.id < document.id
                                  AND other.procedure_document_id = document.procedure_document_id)
            """,
            case.id,
            case.id,
        )

    def do_sql_links(self, case):
        documents = "SELECT id FROM kho_dl_case_document WHERE case_id = %s"
        self.sql(f"DELETE FROM kho_dl_case_document_attachment_rel WHERE case_document_id IN ({documents})", case.id)

    def do_sql_files(self, case):
        documents = case.document_ids.attachment_ids
        self.sql("DELETE FROM ir_attachment WHERE id = ANY (%s)", documents.ids)

    def do_sql_papers(self, case):
        self.sql("UPDATE kho_dl_paper SET case_id = %s WHERE case_id %% 3 = 0", case.id)

    def do_sql_messages(self, case):
        self.sql("UPDATE kho_dl_outbox SET has_links = NOT COALESCE(has_links, FALSE) WHERE case_id = %s", case.id)

    def do_sql_delete_messages(self, case):
        self.sql("DELETE FROM kho_dl_outbox WHERE case_id = %s", case.id)

    def do_sql_receive_all(self, _case):
        self.sql("UPDATE kho_dl_case SET date_received = %s WHERE id %% 2 = 0", NOON)
