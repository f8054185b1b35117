import psycopg2

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.common.transactions import connection_lost_words, is_connection_lost
from .common import new_test_user


@tagged("-at_install", "post_install")
class TestConnectionLost(HttpCase):
    """When PostgreSQL ends a connection, people read what happened; see also tests/faults/test_connection.py."""

    def test_what_a_clerk_reads(self):
        new_test_user(self.env, "kho_clerk", groups="kho_dl.group_clerk", password="kho_clerk")
        self.authenticate("kho_clerk", "kho_clerk")
        case_class = type(self.env["kho.dl.case"])
        # A call outside of a browser names no language.
        words = [connection_lost_words(self.env(context={"lang": lang})) for lang in ("en_US", "vi_VN")]
        self.assertIn("The database broke off", words[0])
        for error in (psycopg2.InterfaceError("cursor already closed"), psycopg2.OperationalError("server closed")):

            def lost(_cases, *_arguments, error=error, **_options):
                raise error

            self.patch(case_class, "web_save", lost)
            with self.subTest(error=error), mute_logger("odoo.http", "odoo.sql_db"):
                params = {"model": "kho.dl.case", "method": "web_save", "args": [[], {}, {}], "kwargs": {}}
                answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()["error"]["data"]
                self.assertEqual(answer["name"], f"{UserError.__module__}.UserError")
                self.assertIn(answer["message"], words)
                self.assertNotIn("closed", answer["message"])

    def test_what_is_no_lost_connection(self):
        for error in (psycopg2.errors.SerializationFailure(), psycopg2.IntegrityError(), ValueError("cursor")):
            with self.subTest(error=error):
                self.assertFalse(is_connection_lost(error))
        self.env.cr.execute("SAVEPOINT tried")
        with self.assertRaises(psycopg2.Error) as caught, mute_logger("odoo.sql_db"):
            self.env.cr.execute("SELECT 1 / 0")
        self.env.cr.execute("ROLLBACK TO SAVEPOINT tried")
        self.assertFalse(is_connection_lost(caught.exception))
