import re
import subprocess
import sys
from pathlib import Path

import polib

from odoo.tests import BaseCase, TransactionCase, tagged

_ROOT = Path(__file__).resolve().parents[1]
# What is called like a model of ours and is none: a parameter of the system.
_NO_MODELS = {"kho.dl.python"}
# Buttons of Odoo's own that the documents name.
_OF_ODOO = {"Import records", "Test"}


def _read(name):
    return (_ROOT / name).read_text(encoding="utf-8")


class TestReadme(BaseCase):
    def test_the_pages_that_are_made_of_others_are_those_of_today(self):
        command = _ROOT / "dev" / "readme"
        check = subprocess.run([sys.executable, command, "--check"], capture_output=True, text=True, timeout=60)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    # Proves J.6-1.
    def test_the_clerks_guide_has_the_words_of_the_screens(self):
        """What is bold there is on the screens, letter by letter."""
        said = {entry.msgstr for path in _ROOT.glob("i18n*/vi.po") for entry in polib.pofile(path)}
        bold = re.findall(r"\*\*([^*]+)\*\*", " ".join(_read("docs/clerk.vi.md").split()))
        self.assertFalse(sorted(set(bold) - said))

    # Proves J.6-1.
    def test_buttons_are_called_so(self):
        """What is bold within a sentence is on the screens; at the beginning of a paragraph it is a heading of ours."""
        said = {entry.msgid for entry in polib.pofile(_ROOT / "i18n/kho_dl.pot")} | _OF_ODOO
        for name in ("administrator", "auditor"):
            text = re.sub(r"^(- )?\*\*[^*]+\*\*", "", _read(f"docs/{name}.md"), flags=re.MULTILINE)
            bold = set(re.findall(r"\*\*([^*]+)\*\*", " ".join(text.split())))
            self.assertTrue(bold)
            self.assertFalse(sorted(bold - said), name)


@tagged("-at_install", "post_install")
class TestDocuments(TransactionCase):
    """Menus, models and settings that the documents name are there."""

    # Proves J.6-1.
    def test_menus_are_where_the_documents_say(self):
        for name in ["README.md", *(f"docs/{path.name}" for path in _ROOT.glob("docs/*.md"))]:
            self.assertFalse(sorted(self._menus_of(name) - self._menus("en_US")), name)
        self.assertTrue(self._menus_of("docs/administrator.md"))
        twin = self._menus_of("README.vi.md")
        self.assertTrue(twin)
        self.assertFalse(twin - self._menus("vi_VN"))

    def _menus(self, lang):
        # `complete_name` keeps its first language for the whole transaction.
        menus = self.env["ir.ui.menu"].with_context(lang=lang, **{"ir.ui.menu.full_list": True}).search([])
        names = {menu: menu.name for menu in menus}

        def path(menu):
            return f"{path(menu.parent_id)} → {names[menu]}" if menu.parent_id else names[menu]

        return {path(menu) for menu in menus}

    def _menus_of(self, name):
        return set(re.findall(r"(?<!\*)\*(Kho DL → [^*]+)\*", " ".join(_read(name).split())))

    # Proves J.6-1.
    def test_models_and_settings_are_called_so(self):
        for path in _ROOT.glob("docs/*.md"):
            named = set(re.findall(r"`(kho\.dl(?:\.[a-z]+)+)`", path.read_text(encoding="utf-8"))) - _NO_MODELS
            self.assertFalse([model for model in named if model not in self.env], path.name)
        rows = re.findall(r"^\|.*`kho_dl_.*\|$", _read("docs/administrator.md"), re.MULTILINE)
        # What begins with a unit code is an option of Odoo's configuration file.
        settings = re.findall(r"`(kho_dl_(?!h46_)\w+)`", " ".join(rows))
        self.assertGreater(len(settings), 20)
        self.assertFalse([field for field in settings if field not in self.env["res.company"]._fields])
