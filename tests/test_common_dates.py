from lxml import etree

from odoo.tests import TransactionCase
from odoo.tools.safe_eval import safe_eval

from .common import own_records

_TYPES = ("list", "form", "kanban")


class TestCommonDates(TransactionCase):
    """A day reads alike everywhere, with its year: an office compares it with a paper, and a journal is read years later."""

    def test_every_day_is_written_in_digits(self):
        views = own_records(self.env, "ir.ui.view").filtered(lambda view: view.type in _TYPES)
        self.assertGreater(len(views), 100)
        for view in views:
            with self.subTest(view.name):
                self.assertFalse(list(self._words(view.model, etree.fromstring(view.arch))))

    def _words(self, model, node):
        """Yield the days and moments under `node` that are not written in digits."""
        for child in node:
            inner = model
            if child.tag == "field":
                field = self.env[model]._fields.get(child.get("name"))
                if (
                    field
                    and field.type in ("date", "datetime")
                    and self._is_read(child)
                    and not self._is_numeric(child)
                ):
                    yield child.get("name")
                inner = field.comodel_name if field and field.relational else model
            yield from self._words(inner, child)

    def _is_numeric(self, node):
        return safe_eval(node.get("options", "{}"), {"true": True, "false": False}).get("numeric")

    def _is_read(self, node):
        # How many days are left is no day.
        is_counted = node.get("widget") == "remaining_days"
        return not (node.get("invisible") == "1" or node.get("column_invisible") == "1" or is_counted)
