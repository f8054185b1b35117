from psycopg2 import DataError
from psycopg2.errors import UndefinedTable, UniqueViolation

from odoo.tools import SQL

from .common import AN, CRIMINAL_RECORD, KhoDLCase


class TestSqlLog(KhoDLCase):
    """What Odoo logs of statements that fail."""

    def test_values_of_our_tables_are_not_logged(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        line = self.line(wizard, CRIMINAL_RECORD)
        servers = self.env["kho.dl.security.server"]._server_resolver()
        [values] = line.candidate_id._prepare_retrievals(servers)
        values["link"] += f"?owner={AN}"
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logged,
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.env["kho.dl.retrieval"].sudo().create([values, values])
        [text] = logged.output
        self.assertIn('INSERT INTO "kho_dl_retrieval"', text)
        self.assertIn("23505", text)
        for secret in (AN, values["file_name"], values["link_key"]):
            self.assertNotIn(secret, text)

    def test_what_odoo_keeps_for_our_models_is_not_logged(self):
        content = "content of a paper"
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logged,
            self.assertRaises(DataError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO ir_attachment (res_model, name, db_datas, file_size) VALUES (%s, %s, %s, %s)",
                    "kho.dl.case.document",
                    AN,
                    content.encode(),
                    "no number",
                )
            )
        [text] = logged.output
        self.assertIn("INSERT INTO ir_attachment", text)
        for secret in (AN, content):
            self.assertNotIn(secret, text)

    def test_other_statements_are_logged_as_ever(self):
        with (
            self.assertLogs("odoo.sql_db", "ERROR") as logged,
            self.assertRaises(UndefinedTable),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("SELECT 'kept' FROM nowhere_at_all")
        self.assertIn("kept", logged.output[0])
