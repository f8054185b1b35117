import re
from pathlib import Path

from odoo.tests import TransactionCase

_DOCUMENT = Path(__file__).parents[1] / "docs/architecture.md"
_OURS, _ODOO = "odoo.addons.kho_dl.", "odoo."
# Odoo's own guidelines give these to whoever writes a model.
_COMMON = {"_compute_display_name", "_search_display_name", "_register_hook", "_table_query"}


class TestInsides(TransactionCase):
    """What of Odoo's insides this leans on is said in one place, for whoever brings it to the next Odoo."""

    def extended(self):
        """Return the names of Odoo's private methods that a class of ours has as well."""
        found = set()
        for model in self.env.registry.values():
            seen = set()
            for cls in model.__mro__:
                names = {
                    name
                    for name, value in vars(cls).items()
                    if name.startswith("_") and (callable(value) or isinstance(value, classmethod | property))
                }
                if cls.__module__.startswith(_OURS):
                    seen |= names
                elif cls.__module__.startswith(_ODOO):
                    found |= seen & names
        return {name for name in found if not name.startswith("__")} - _COMMON

    def test_they_are_named_in_the_document(self):
        [chapter] = re.findall(r"^## Odoo's insides\n(.*?)(?=^## )", _DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
        named = set(re.findall(r"`(_\w+)`", chapter))
        self.assertEqual(self.extended() - named, set())
