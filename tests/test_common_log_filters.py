import io
import logging
import sys
from unittest.mock import Mock, patch

from odoo.tests import TransactionCase

from ..models.common import sql_log
from ..models.store import http_log
from ..models.store.kho_dl_paper_file import ADDRESS_PATH, CHECK_PATH

TOKEN = "k9Tq-_Zt0Yw3mVv8uQpRrSsTtUuVvWwXxYyZz01234A"
ADDRESS = f"/{ADDRESS_PATH}/{TOKEN}/paper.pdf"


class Unspeakable:
    """What cannot even be said."""

    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


class TestLogFilters(TransactionCase):
    """A log call of any module goes on as it would without this add-on, however it is made."""

    def logged(self, name, *args, **options):
        """Return what the logger `name` writes for a call, and what Python says of it on the error output."""
        logger = logging.getLogger(name)
        output, complaints = io.StringIO(), io.StringIO()
        handler = logging.StreamHandler(output)
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        self.patch(logger, "propagate", False)
        # Odoo's tests mute some of them.
        self.addCleanup(logger.setLevel, logger.level)
        logger.setLevel(logging.DEBUG)
        self.patch(logger, "disabled", False)
        with patch.object(sys, "stderr", complaints):
            logger.error(*args, **options)
        logger.removeHandler(handler)
        return output.getvalue(), complaints.getvalue()

    def filtered(self):
        """Return the names of all loggers that have a filter of ours."""
        ours = (sql_log.__name__, http_log.__name__)
        loggers = {name: logging.getLogger(name) for name in list(logging.Logger.manager.loggerDict)}
        return [
            name
            for name, logger in loggers.items()
            if any(
                type(one).__module__.startswith("odoo.addons.kho_dl") or type(one).__module__ in ours
                for one in logger.filters
            )
        ]

    def test_every_filter_of_ours_is_tried(self):
        self.assertEqual(
            set(self.filtered()), {"odoo.sql_db", "werkzeug", "odoo.http", "odoo.service.server", "longpolling"}
        )

    def test_a_malformed_call_is_printed_as_python_does(self):
        calls = (
            ("%s and %s", "one"),
            ("nothing", "too", "many"),
            ("bad query: %s\nERROR: %s", "one"),
            ("bad query: %s\nERROR: %s %s", b"SELECT kho_dl_", ValueError()),
            ("bad query: %s\nERROR: %d", "SELECT 1 FROM kho_dl_query", "two"),
            ("%(name)s", "no mapping"),
            ("%d", "text"),
            (None,),
            (Unspeakable(),),
            ("%s", Unspeakable()),
            ("bad query: %s\nERROR: %s", Unspeakable(), Unspeakable()),
            (b"bytes %s", 1),
            (12, 1),
        )
        for name in self.filtered():
            for call in calls:
                self.logged(name, *call)
            _written, complaint = self.logged(name, "%s and %s", "one")
            self.assertIn("not enough arguments", complaint, name)

    def test_what_cannot_be_looked_through_is_left_out(self):
        for name in self.filtered():
            ours = [one for one in logging.getLogger(name).filters if hasattr(one, "redact")]
            self.assertTrue(ours)
            for one in ours:
                self.patch(one, "redact", Mock(side_effect=ZeroDivisionError))
            written, complaint = self.logged(name, "GET %s", ADDRESS, exc_info=(ValueError, ValueError(TOKEN), None))
            self.assertIn(f"A message of {name}, level ERROR, is left out", written)
            self.assertNotIn(TOKEN, written + complaint)

    def test_odd_options_go_through(self):
        for name in self.filtered():
            for odd in (True, ValueError("x"), (None, None, None), (ValueError, ValueError("x"), None)):
                written, _complaint = self.logged(name, "it happened", exc_info=odd)
                self.assertIn("it happened", written)
            for message, args in (("%(one)s", ({"one": "1"},)), ("%s", (("a", "b"),)), ("100%", ())):
                written, _complaint = self.logged(name, message, *args)
                self.assertTrue(written, (name, message))

    def test_a_token_is_not_even_in_what_python_says_of_a_malformed_call(self):
        for name in set(self.filtered()) - {"odoo.sql_db"}:
            for call in (("%s and %s", ADDRESS), (f"{ADDRESS} %s",), ("%d", ADDRESS), ("plain", ADDRESS)):
                written, complaint = self.logged(name, *call)
                self.assertNotIn(TOKEN, written + complaint, (name, call))
            written, _complaint = self.logged(name, "GET %s", ADDRESS)
            self.assertIn("paper.pdf", written)

    def test_the_code_of_a_print_is_struck_out(self):
        for name in ("werkzeug", "odoo.http"):
            written, _complaint = self.logged(name, "GET %s HTTP", f"/{CHECK_PATH}/{TOKEN}?lang=vi_VN")
            self.assertNotIn(TOKEN, written)
            self.assertIn(f"/{CHECK_PATH}/…?lang=vi_VN", written)

    def test_values_of_ours_are_not_in_it_either(self):
        statement = "INSERT INTO kho_dl_query (owner_id_number) VALUES ('000190000011')"
        for call in (
            ("bad query: %s\nERROR: %s", statement),
            ("bad query: %s\nERROR: %d", statement, "two"),
            ("bad query: %s\nERROR: %s %s", statement.encode(), ValueError(statement)),
        ):
            written, complaint = self.logged("odoo.sql_db", *call)
            self.assertNotIn("000190000011", written + complaint, call)
