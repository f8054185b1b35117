import json
import unittest
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import config

from ..models.common import request_time
from .common import AN, CHAU, CRIMINAL_RECORD, KhoDLCase


class TestQuery(KhoDLCase):
    def ask(self, owner_id_number=AN):
        wizard = self.make_wizard(self.make_case(owner_id_number))
        wizard.action_search()
        return wizard.query_id.with_user(self.env.user)

    def test_a_question_ends_before_odoo_ends_the_request(self):
        self.simulator.order("papers", "latency", seconds=60)
        wizard = self.make_wizard(self.make_case())
        with patch.object(request_time, "_BEFORE_ODOO_SECONDS", 1), patch.dict(config.options, {"limit_time_real": 2}):
            wizard.action_search()
        query = wizard.query_id
        self.assertEqual((query.outcome, query.error_kind), ("failed", "answer_out_of_time"))
        self.assertLess(query.duration, 25)

    def test_the_journal_tells_who_asked_what_about_whom(self):
        query = self.ask()
        self.assertEqual(query.user_id, self.clerk)
        self.assertEqual((query.owner_id_number, query.procedure_code), (AN, self.procedure.code))
        self.assertEqual((query.officer_name, query.officer_id_number), ("Hoa", "000188000077"))
        self.assertEqual((query.channel, query.outcome), ("1", "found"))
        self.assertIn(CRIMINAL_RECORD, query.codes.splitlines())
        self.assertIn(self.codes[CRIMINAL_RECORD], query.result_code_ids)
        self.assertGreater(query.duration, 0)
        self.assertGreater(query.paper_count, 0)
        self.assertEqual(query.case_id.query_ids, query)

    def test_an_answer_is_kept_where_it_cannot_be_shown(self):
        wizard = self.make_wizard(self.make_case())
        refused = UserError("The case has changed.")
        with patch.object(self.registry["kho.dl.lookup"], "_take_answer", side_effect=refused):
            # Not by Odoo's own, which undoes what was kept.
            with unittest.TestCase.assertRaises(self, UserError):
                wizard.action_search()
        query = wizard.case_id.query_ids.sudo()
        self.assertEqual(query.outcome, "found")
        self.assertTrue(query.answer)
        self.assertTrue(query.chain_position)
        self.assertFalse(wizard.lookup_id.candidate_ids)

    def test_nothing_found_is_an_answer_too(self):
        query = self.ask(CHAU)
        self.assertEqual((query.outcome, query.paper_count, bool(query.answer)), ("none", 0, False))

    # Proves V.2-6.
    def test_the_portals_words_are_kept(self):
        self.simulator.order("papers", "error_code", code="17", message="Mã kết quả không hợp lệ")
        query = self.ask()
        self.assertEqual((query.outcome, query.error_kind), ("failed", "portal_rejected"))
        self.assertIn("Mã kết quả không hợp lệ", query.message)
        self.assertEqual(query.error_code, "17")

    def test_each_way_to_fail_has_its_words(self):
        messages = set()
        for fault, kind in (
            ("server_error", ("answer_not_understood", "portal_rejected")),
            ("broken_json", ("answer_not_understood",)),
            ("error_page", ("answer_not_understood",)),
            ("reset", ("connection_broken",)),
        ):
            with self.subTest(fault=fault):
                # On a connection that stayed open a question goes out twice.
                self.simulator.order("papers", fault, times=2 if fault == "reset" else 1)
                query = self.ask()
                self.assertEqual(query.outcome, "failed")
                self.assertIn(query.error_kind, kind)
                self.assertTrue(query.message)
                messages.add(query.message)
        self.assertGreaterEqual(len(messages), 2)

    def test_nobody_listening(self):
        self.company.kho_dl_ss_url = "http://127.0.0.1:9"
        query = self.ask()
        self.assertEqual((query.outcome, query.error_kind), ("failed", "security_server_unreachable"))

    def test_without_settings(self):
        self.company.kho_dl_unit_code = False
        query = self.ask()
        self.assertEqual((query.outcome, query.error_kind), ("failed", "settings_incomplete"))

    def test_a_null_answer_is_no_paper(self):
        self.simulator.order("papers", "null_result")
        self.assertEqual(self.ask().outcome, "none")

    def test_closed_rows_never_change(self):
        query = self.ask().sudo()
        with self.assertRaises(UserError):
            query.outcome = "none"
        with self.assertRaises(UserError):
            query.unlink()

    def test_a_question_whose_process_died_is_closed(self):
        query = self.ask()
        values = {**query.copy_data()[0], "outcome": False, "asked": query.asked}
        orphan = self.env["kho.dl.query"].create(values)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertFalse(orphan.outcome)
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((orphan.outcome, orphan.error_kind), ("failed", "interrupted"))
        self.assertTrue(orphan.message)

    def test_papers_that_nobody_asked_for_are_not_kept(self):
        query = self.ask()
        codes = {paper["result_code"] for paper in query.answer}
        self.assertLessEqual(codes, set(query.codes.split()))

    def test_logs_hold_no_personal_data(self):
        with self.assertLogs(level="DEBUG") as logs:
            self.attach_all(self.make_case())
            token = self.env["kho.dl.token"].sudo().search([]).mapped("token")
        # The database's own statements and the test's simulator are no logs of the product.
        text = json.dumps(
            [
                r.getMessage()
                for r in logs.records
                if not r.name.startswith(("odoo.sql_db", "odoo.addons.kho_dl.simulator"))
            ]
        )
        for secret in (AN, "000188000077", "h46-demo", *token):
            self.assertNotIn(secret, text)
