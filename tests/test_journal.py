from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time
from odoo.tools import SQL

from ..models.journal.journal_seals import seal_of
from ..models.journal.journal_walk import row_at, sealed_rows
from .common import AN, KhoDLCase, new_test_user


class TestJournal(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.company = self.env["res.company"].create({"name": "Chained agency"})
        self._connect(self.company)
        self.clerk.write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})
        self.procedure.company_id = False
        self.case = self.make_case(AN)
        wizard = self.attach_all(self.case)
        self.query = wizard.query_id.sudo()
        self.chain = self.env["kho.dl.journal.chain"]

    def rows(self):
        """Return the sealed rows of both journals in the order of the chain."""
        return [journal.browse(row["id"]) for journal, row in sealed_rows(self.env, self.company)]

    def verify(self):
        return self.chain._verify(self.company)

    def assert_broken(self, fault, row):
        verdict = self.verify()
        self.assertEqual((verdict.fault, verdict.model, verdict.row_id), (fault, row._name, row.id))
        return verdict

    def set_by_sql(self, row, **values):
        self.env.flush_all()
        for column, value in values.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(row._table),
                    SQL.identifier(column),
                    value,
                    row.id,
                )
            )
        self.env.invalidate_all()

    def delete_by_sql(self, row):
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM kho_dl_retrieve_wizard_line"))
        self.env.cr.execute(SQL("DELETE FROM %s WHERE id = %s", SQL.identifier(row._table), row.id))
        self.env.invalidate_all()

    def empty_payload(self, row):
        self.set_by_sql(
            row,
            link="",
            file_name="",
            paper_name=None,
            paper_number=None,
            error=None,
            gate_report=None,
            gate_reason=None,
            payload_salt=None,
            payload_emptied_on=fields.Datetime.now(),
        )

    def test_closed_rows_of_both_journals_make_one_chain(self):
        rows = self.rows()
        self.assertEqual(rows[0], self.query)
        self.assertGreater(len(rows), 3)
        self.assertEqual([row.chain_position for row in rows], list(range(1, len(rows) + 1)))
        self.assertEqual([row.chain_previous or "" for row in rows], ["", *[row.chain_hash for row in rows[:-1]]])
        verdict = self.verify()
        self.assertEqual((verdict.fault, verdict.rows, verdict.position), ("", len(rows), len(rows)))

    def test_each_company_has_its_own_chain(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        self.assertEqual(self.chain._verify(other).rows, 0)
        self.assertEqual(self.chain.search([("company_id", "=", self.company.id)]).position, len(self.rows()))

    def test_a_changed_column_is_found(self):
        row = self.rows()[2]
        for values in (
            {"sha256": "0" * 64},
            {"user_id": self.env.uid},
            {"closed_on": fields.Datetime.now() + timedelta(days=1)},
            {"paper_number": "7"},
            {"link": "http://elsewhere.example/a.pdf"},
            {"payload_digest": "0" * 64},
            {"payload_salt": "0" * 32},
        ):
            with self.subTest(values=values):
                before = {name: row[name] for name in values}
                before = {name: getattr(value, "id", value) or None for name, value in before.items()}
                self.set_by_sql(row, **values)
                self.assert_broken("changed", row)
                self.set_by_sql(row, **before)
                self.assertFalse(self.verify().fault)

    def test_a_changed_question_is_found(self):
        self.set_by_sql(self.query, consent_given=False)
        self.assert_broken("changed", self.query)

    def test_a_row_sealed_anew_breaks_the_next_one(self):
        rows = self.rows()
        self.set_by_sql(rows[1], agency_code="H99")
        self.set_by_sql(rows[1], chain_hash=seal_of(*row_at(self.env, self.company, 2)))
        self.assert_broken("order", rows[2])

    def test_a_deleted_row_is_missed(self):
        rows = self.rows()
        self.delete_by_sql(rows[1])
        self.assertEqual(self.assert_broken("missing", rows[2]).broken_position, 3)

    def test_the_deleted_last_row_is_missed(self):
        rows = self.rows()
        head = self.chain.search([("company_id", "=", self.company.id)])
        self.delete_by_sql(rows[-1])
        self.assertEqual(self.assert_broken("missing", head).broken_position, len(rows))

    def test_a_head_set_back_is_found(self):
        head = self.chain.search([("company_id", "=", self.company.id)])
        self.set_by_sql(head, position=1, hash=self.query.chain_hash)
        self.assert_broken("head", head)

    def test_swapped_positions_are_found(self):
        first, second = self.rows()[1:3]
        self.set_by_sql(first, chain_position=1000)
        self.set_by_sql(second, chain_position=2)
        self.set_by_sql(first, chain_position=3)
        self.assert_broken("order", second)

    # Proves W.9-1.
    def test_an_emptied_payload_keeps_the_chain_whole(self):
        row = self.rows()[1]
        self.empty_payload(row)
        self.assertFalse(self.verify().fault)

    def test_a_refilled_payload_is_found(self):
        row = self.rows()[1]
        link, name = row.link, row.file_name
        self.empty_payload(row)
        self.set_by_sql(row, link=link, file_name=name)
        self.assert_broken("changed", row)
        self.set_by_sql(row, payload_emptied_on=None)
        self.assert_broken("changed", row)

    def test_a_row_that_a_crash_left_unsealed_is_sealed_later(self):
        values = {**self.query.copy_data()[0], "outcome": "none", "closed_on": fields.Datetime.now()}
        row = self.query.create(values)
        self.assertFalse(row.chain_position)
        self.assertFalse(self.verify().fault)
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.assert_broken("unsealed", row)
            self.env["kho.dl.journal"]._cron_seal()
            self.assertFalse(self.verify().fault)
        self.assertEqual(row.chain_position, len(self.rows()))

    def test_the_notification_names_the_first_broken_row(self):
        auditor = new_test_user(
            self.env,
            "auditor",
            groups="kho_dl.group_auditor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        chain = self.chain.with_user(auditor).with_company(self.company)
        params = chain.action_verify()["params"]
        self.assertEqual(params["type"], "success")
        self.assertIn(str(len(self.rows())), params["message"])
        row = self.rows()[1]
        self.set_by_sql(row, size=1)
        params = chain.action_verify()["params"]
        self.assertEqual(params["type"], "danger")
        for part in (self.company.name, "Fetching of a file", f"no. {row.id} ", "position 2"):
            self.assertIn(part, params["message"])

    def test_the_menu_works_for_administrators_and_auditors_only(self):
        action = self.env.ref("kho_dl.action_kho_dl_journal_verify")
        for number, group in enumerate(("kho_dl.group_administrator", "kho_dl.group_auditor")):
            user = new_test_user(self.env, f"verifier{number}", groups=group)
            self.assertEqual(action.with_user(user).run()["tag"], "display_notification")
        with self.assertRaises(AccessError):
            action.with_user(self.clerk).run()
        with self.assertRaises(AccessError):
            self.chain.with_user(self.clerk).action_verify()

    def test_the_salt_is_for_nobody_of_the_house(self):
        for number, group in enumerate(("kho_dl.group_administrator", "kho_dl.group_auditor", "kho_dl.group_clerk")):
            user = new_test_user(
                self.env,
                f"reader{number}",
                groups=group,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            row = self.query.with_user(user).sudo(False)
            self.assertTrue(row.chain_hash)
            with self.assertRaises(AccessError):
                row.read(["payload_salt"])

    def test_whoever_may_read_a_journal_exports_it_as_the_list_shows_it(self):
        groups = "kho_dl.group_auditor,base.group_allow_export"
        auditor = new_test_user(self.env, "exporting", groups=groups, company_id=self.company.id)
        for rows in (self.query, self.env["kho.dl.retrieval"].search([("query_id", "=", self.query.id)])):
            names = [name for name, field in rows._fields.items() if field.type == "many2one" and not field.groups]
            rows = rows.with_user(auditor)
            shown = [[row[name] and row[name][1] or "" for name in names] for row in rows.read(names)]
            with self.subTest(rows._name):
                exported = rows.export_data(["closed_on", *names])["datas"]
                self.assertEqual([row[1:] for row in exported], shown)
                for name in {"case_id", "attachment_id"}.intersection(names):
                    self.assertTrue(shown[0][names.index(name)], name)
                # What no list shows is not exported either.
                with self.assertRaises(AccessError):
                    rows.export_data(["case_id/owner_id_number"])
