import re
from collections import Counter
from pathlib import Path

import polib

from odoo.modules import get_module_path
from odoo.tests import TransactionCase
from odoo.tools.translate import TranslationModuleReader

PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[a-zA-Z]|\{\w*\}")
MARKUP = re.compile(r"</?[\w.]+|/?>")

# Read the same in Vietnamese: names, codes, addresses. Any other term equal to its source was forgotten.
SAME_IN_VIETNAMESE = {
    "%(time)s: %(message)s",
    "%(time)s: %(reason)s",
    "%(how)s, %(day)s",
    "%(name)s, %(office)s",
    "VNeID",
    "%(amount)s đồng",
    "https://",
    "Enter",
    'Kho DL{{ object.where and ", " + object.where }}: {{ object.title }}',
    "10.0.0.1",
    "Instance",
    "Services → exchangeDataX → AccessRights → ADD SUBJECT → ADD SELECTED TO ACL",
    "https://dvc.example.gov.vn",
    "%(service)s: %(reason)s",
    "10",
    "127.0.0.1:3310",
    "24",
    "30",
    "32",
    "50",
    "90",
    "Excel (XLSX)",
    "ID",
    "JPEG",
    "Kho DL",
    "PDF",
    "PNG",
    "SHA-256",
    "TIFF",
    "Token",
    "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01",
    "VXPAdapter",
    "Word (DOCX)",
    "XML",
    "XrdAdapter",
    "ZIP",
    # No text, but the exporter takes a bracket that follows `env._("…")` without a name between for its argument.
    "case_id",
    "archive@example.gov.vn",
    "bndp/public/v1/login",
    "bndp/public/v1/user/papers",
    "http://10.0.0.1:8080",
    "https://apigiaytocanhan.dichvucong.gov.vn",
    "mapi/call",
    "mapi/login",
}


# Other names of what has one name on the screens: what goes to the portal is a "bản tin", what goes to a person a "tin nhắn".
SECOND_NAMES = ("thông điệp",)


class ModuleReader(TranslationModuleReader):
    """Odoo's own exporter, kept to the add-ons folder this module stands in: it walks all of them otherwise."""

    def __init__(self, cr, module):
        self.module = module
        super().__init__(cr, [module])

    def _export_translatable_resources(self):
        self._path_list = [(str(Path(get_module_path(self.module)).parent), True)]
        super()._export_translatable_resources()


class TestTranslations(TransactionCase):
    """Whoever adds or changes a text sees here what `i18n/` still lacks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = Path(get_module_path("kho_dl")) / "i18n"
        cls.template = polib.pofile(folder / "kho_dl.pot")
        cls.vietnamese = polib.pofile(folder / "vi.po", check_for_duplicates=True)
        exported = list(ModuleReader(cls.env.cr, "kho_dl"))
        cls.kinds = {(kind, Path(name).suffix) for _module, kind, name, *_rest in exported}
        cls.terms = {source for _module, _kind, _name, _id, source, *_rest in exported}

    def assertNoTerm(self, terms, what):
        if terms:
            self.fail("\n  ".join([f"{what}:", *map(repr, sorted(terms))]))

    def _differing(self, pattern):
        """Return the terms whose translation does not hold the same parts of `pattern`, as often."""
        return {
            entry.msgid
            for entry in self.vietnamese
            if entry.msgstr and Counter(pattern.findall(entry.msgid)) != Counter(pattern.findall(entry.msgstr))
        }

    def test_exporter_reads_every_kind_of_text(self):
        """Guards the tests below: an exporter that skips the templates in static/ would hide what is missing there."""
        self.assertLessEqual({("code", ".py"), ("code", ".xml")}, self.kinds)
        self.assertLessEqual({"model", "model_terms"}, {kind for kind, _suffix in self.kinds})

    def test_every_term_is_translated(self):
        translated = {entry.msgid for entry in self.vietnamese.translated_entries()}
        self.assertNoTerm(self.terms - translated, "Not translated in i18n/vi.po")

    def test_no_fuzzy_translation(self):
        self.assertNoTerm({entry.msgid for entry in self.vietnamese if entry.fuzzy}, "Fuzzy in i18n/vi.po")

    def test_no_obsolete_translation(self):
        known = {entry.msgid for entry in self.vietnamese}
        self.assertNoTerm(known - self.terms, "No more a text of this module, but in i18n/vi.po")

    def test_template_is_current(self):
        known = {entry.msgid for entry in self.template}
        self.assertNoTerm(known ^ self.terms, "Differs from i18n/kho_dl.pot (export it again)")

    def test_no_english_left(self):
        same = {entry.msgid for entry in self.vietnamese if entry.msgid == entry.msgstr}
        self.assertNoTerm(same - SAME_IN_VIETNAMESE, "The same in i18n/vi.po as in English")

    def test_one_thing_has_one_name(self):
        said = {entry.msgid for entry in self.vietnamese for name in SECOND_NAMES if name in entry.msgstr.lower()}
        self.assertNoTerm(said, "A second name for one thing in i18n/vi.po")

    def test_placeholders_are_kept(self):
        self.assertNoTerm(self._differing(PLACEHOLDER), "Other placeholders in i18n/vi.po")

    def test_markup_is_kept(self):
        self.assertNoTerm(self._differing(MARKUP), "Other markup in i18n/vi.po")
