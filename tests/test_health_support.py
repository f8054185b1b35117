import json
import os
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ..protocol.recording import STRUCK_OUT
from .common import AN, KhoDLFixtures, new_test_user
from .test_outbox import OutboxCase

NAME = "Nguyễn Thị An"


class TestSupport(OutboxCase):
    """An administrator hands on what is known of one exchange, and nothing about people with it."""

    users = {
        "administrator": {"login": "support_admin", "groups": "kho_dl.group_administrator", "name": "Quản Trị Viên"},
        "auditor": {"login": "support_auditor", "groups": "kho_dl.group_auditor"},
    }

    def prepare(self):
        super().prepare()
        self.case = self.make_case(AN)
        self.case.owner_id.sudo().write({"name": NAME, "email": "an@example.com", "phone": "0912 345 678"})

    def ask(self):
        wizard = self.make_wizard(self.case)
        wizard.action_search()
        return wizard

    def told(self, row):
        content, name = row.with_user(self.administrator)._support_file()
        self.assertEqual(name, f"support-{row.trace_id}.json")
        return json.loads(content), content.decode()

    # Proves K.4-1.
    def test_the_file_tells_the_way_and_nothing_about_people(self):
        wizard = self.ask()
        wizard.action_attach()
        query, rows = wizard.query_id.sudo(), self.retrievals(self.case)
        told, text = self.told(rows[0])
        self.assertEqual(told, self.told(query)[0])
        [question] = told["questions"]
        self.assertEqual((question["outcome"], question["far_id"]), ("found", query.far_id))
        self.assertEqual(len(question["answer"]), query.paper_count)
        self.assertEqual([file["far_id"] for file in told["files"]], rows.mapped("far_id"))
        self.assertEqual({file["state"] for file in told["files"]}, {"done"})
        self.assertTrue(all(file["type"] and file["lane"] for file in told["files"]))
        self.assertEqual([file["dstcode"] for file in told["files"]], [row.server_id.dstcode for row in rows])
        self.assertFalse(told["messages"])
        personal = {
            *(AN, NAME, "Hoa", "000188000077", "kho_clerk", self.case.name, "an@example.com", "h46-demo"),
            *rows.mapped("file_name"), *rows.mapped("link"), *rows.mapped("provider_host"), *rows.mapped("sha256"),
            *rows.mapped("paper_name"), *filter(None, rows.mapped("paper_number")),
            *self.env["kho.dl.token"].search([]).mapped("token"),
        }  # fmt: skip
        for word in personal:
            self.assertNotIn(word, text)

    # Proves K.4-1.
    def test_what_the_other_side_wrote_is_looked_through(self):
        words = (
            f"NGUYEN THI AN, số 000 190 000 011 ({AN}), sđt 0912345678, tại https://far.example/x?t=1 (client_secret=abcdef) "
            f"của {self.case.name}: cán bộ Hoa không đúng"
        )
        self.simulator.order("papers", "error_code", code="7", message=words)
        query = self.ask().query_id.sudo()
        self.assertIn("NGUYEN", query.message)
        [question] = self.told(query)[0]["questions"]
        self.assertIn("không đúng", question["message"])
        self.assertIn(STRUCK_OUT, question["message"])
        for word in ("NGUYEN", "000", AN, "0912345678", "far.example", "abcdef", self.case.name):
            self.assertNotIn(word, question["message"])

    def test_a_password_from_outside_the_database_is_struck_out_too(self):
        self.company.kho_dl_password = False
        self.enterContext(patch.dict(os.environ, KHO_DL_H46_PASSWORD="h46-demo"))
        self.simulator.order("papers", "error_code", code="7", message="h46 hoặc h46-demo không đúng")
        [question] = self.told(self.ask().query_id.sudo())[0]["questions"]
        self.assertIn("không đúng", question["message"])
        self.assertNotIn("h46-demo", question["message"])

    def test_what_an_id_or_a_secret_from_outside_says_is_looked_through_too(self):
        self.company.kho_dl_password = False
        self.enterContext(patch.dict(os.environ, {"KHO_DL_H46_PASSWORD": "h46-demo"}))
        query = self.ask().query_id.sudo()
        query._write_below_the_guard({"far_id": f"req-{AN}-1", "message": "client h46 with h46-demo is unknown"})
        [question] = self.told(query)[0]["questions"]
        self.assertEqual(question["far_id"], f"req-{STRUCK_OUT}-1")
        self.assertNotIn("h46-demo", question["message"])

    def test_a_message_to_the_portal(self):
        self.simulator.reject_case(self.case.name, f"Hồ sơ {self.case.name} của nguyễn thị an bị từ chối")
        self.send()
        [row] = self.rows(self.case).filtered(lambda row: row.kind == "case")
        told, text = self.told(row)
        [message] = told["messages"]
        self.assertEqual((message["state"], message["far_id"]), ("rejected", row.far_id))
        self.assertIn("bị từ chối", message["portal_message"])
        self.assertNotIn("thị an", text)
        self.assertNotIn(self.case.name, text)

    def test_a_row_of_before_is_alone(self):
        query = self.ask().query_id.sudo()
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_query SET trace_id = NULL")
        self.env.invalidate_all()
        content, name = query.with_user(self.administrator)._support_file()
        self.assertEqual(name, f"support-kho_dl_query-{query.id}.json")
        self.assertEqual([len(json.loads(content)[part]) for part in ("questions", "files", "messages")], [1, 0, 0])

    def test_emptied_rows_are_told_too(self):
        query = self.ask().query_id.sudo()
        query._empty_payload()
        [question] = self.told(query)[0]["questions"]
        self.assertEqual((question["asked"], question["answer"]), ([], []))

    def test_only_administrators_of_the_company(self):
        wizard = self.ask()
        wizard.action_attach()
        other = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "support_stranger",
            groups="kho_dl.group_administrator",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for row in (wizard.query_id, self.retrievals(self.case)[0], self.rows(self.case)[0]):
            row = row.sudo(False)
            action = row.with_user(self.administrator).action_support_file()
            self.assertEqual(action["url"], f"/kho_dl/support/{row._name}/{row.id}")
            for user in (self.clerk, self.auditor, stranger):
                for method in ("action_support_file", "_support_file"):
                    with self.assertRaises(AccessError):
                        getattr(row.with_user(user), method)()


@tagged("-at_install", "post_install")
class TestSupportDownload(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()

    # Proves K.4-1.
    def test_it_is_downloaded_by_administrators(self):
        self.company.kho_dl_sync_enabled = True
        [row] = self.env["kho.dl.outbox"].search([("case_id", "=", self.make_case(AN).id), ("kind", "=", "case")])
        new_test_user(self.env, "download_admin", groups="kho_dl.group_administrator", password="download_admin")
        address = f"/kho_dl/support/kho.dl.outbox/{row.id}"
        for login, status in (("kho_clerk", 404), ("download_admin", 200)):
            self.authenticate(login, login)
            answer = self.url_open(address)
            self.assertEqual(answer.status_code, status)
        self.assertIn(f"support-{row.trace_id}.json", answer.headers["Content-Disposition"])
        self.assertEqual(answer.json()["messages"][0]["state"], "pending")
        for wrong in ("kho.dl.case/1", "kho.dl.outbox/0", "res.users/1"):
            self.assertEqual(self.url_open(f"/kho_dl/support/{wrong}").status_code, 404)
