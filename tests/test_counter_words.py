import re

import polib
from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

from .common import AN, CHAU, CRIMINAL_RECORD, DEGREE, KhoDLCase, own_records
from .test_lookup_counter import CounterTours

_PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[a-zA-Z]")
# Words that an English text of some length has, and a Vietnamese one has not.
_ENGLISH = (
    "the|of|and|new|search|create|created|save|file|files|no|add|edit|view|all|for|not|is|are|to|from|with|case|more|less"
    "|group|filter|filters|user|name|date|state|message|send|record|records|select|delete|print|export|next|previous|close"
    "|cancel|discard|toggle|menu|open|remove|click|missing|required|today|reply|download|attach|actions|found|fetched|asked"
)
# All that stands on the screen, or is said of it, and reads like English.
_FIND = """
const find = () => {
    const words = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.parentElement.closest("script, style")) words.push(node.textContent.trim());
    }
    for (const name of ["title", "placeholder", "aria-label", "alt", "data-tooltip"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) words.push(element.getAttribute(name));
    }
    return words.filter((text) => /\\b(ENGLISH)\\b/i.test(text) && !/[à-ỹđ]/i.test(text));
};
const until = async (what) => {
    for (let turn = 0; turn < 300 && !what(); turn++) await new Promise((resolve) => setTimeout(resolve, 100));
    if (!what()) throw new Error(`Not there: ${what}`);
};
const press = (selector) => document.querySelector(selector).click();
""".replace("ENGLISH", _ENGLISH)
_WALK = """
(async () => {
    FIND
    const found = [];
    const look = () => found.push(...find());
    await until(() => document.querySelector(".o_form_view .o_kho_dl_documents .o_data_row"));
    look();
    press("button[name=action_kho_dl_retrieve]");
    await until(() => document.querySelector(".modal .o_kho_dl_papers section"));
    press(".modal .o_kho_dl_consent input");
    await until(() => document.querySelector(".modal .o_kho_dl_paper"));
    look();
    press(".modal [special=cancel], .modal .btn-close");
    await until(() => !document.querySelector(".modal"));
    press(".o_form_button_create");
    await until(() => document.querySelector(".o_form_view [name=owner_id] input") && !location.pathname.match(/\\d$/));
    press(".o_form_button_save");
    await until(() => document.querySelector(".o_notification"));
    look();
    press(".o_notification_close");
    const { appTranslateFn } = odoo.loader.modules.get("@web/core/l10n/translation");
    // What Odoo gives in English: its own word must not stand in the way of ours.
    if (String(appTranslateFn("Search more...", "web")) !== "Tìm thêm…") found.push("Search more...");
    // Not kept half a case: the browser would ask.
    press(".o_form_button_cancel");
    if (found.length) throw new Error(`English: ${[...new Set(found)].join(" | ")}`);
    console.log("test successful");
})().catch((error) => console.error(error.message));
""".replace("FIND", _FIND)


@tagged("-at_install", "post_install")
class TestVietnameseScreens(CounterTours):
    # Proves J.3-5.
    def test_a_clerk_reads_no_english(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.clerk.lang = "vi_VN"
        self.procedure.name = "Cấp chứng chỉ hành nghề"
        for number, document in enumerate(self.procedure.document_ids):
            document.name = f"Giấy tờ {number}"
            document.result_code_ids.name = f"Kết quả {number}"
        owner = self.env["res.partner"].create({"name": "Nguyễn Thị An"})
        values = {"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN}
        # As her browser makes it.
        case = self.env["kho.dl.case"].with_user(self.clerk).with_context(lang="vi_VN").create(values)
        self.assertIn("Đã tạo", case.message_ids.mapped("body")[-1])
        address = f"/odoo/action-kho_dl.action_kho_dl_case/{case.id}"
        self.browser_js(
            address, _WALK, "Boolean(document.querySelector('.o_form_view'))", login="kho_clerk", timeout=120
        )


class TestWordsFit(TransactionCase):
    """A Vietnamese label says what its own field is, and leaves room for what is typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        entries = polib.pofile(file_path("kho_dl/i18n/vi.po"))
        cls.words = {entry.msgid: entry.msgstr for entry in entries}
        cls.labels = {place[0]: entry.msgstr for entry in entries for place in entry.occurrences}

    def label(self, field):
        return self.labels[f"model:ir.model.fields,field_description:kho_dl.field_{field}"]

    def test_what_an_applicant_is_asked_for_was_not_looked_up_in_a_store(self):
        for name in ("asked_on", "asked_document_ids"):
            self.assertNotIn("tra cứu", self.label(f"kho_dl_case_supplement__{name}").lower())

    def test_a_day_is_no_origin(self):
        self.assertEqual(self.label("kho_dl_agency_succession__date_from"), "Từ ngày")

    def test_what_is_searched_for_is_seen_beside_where_it_is_searched(self):
        searches = own_records(self.env, "ir.ui.view").with_context(lang="en_US")
        for view in searches.filtered(lambda view: view.type == "search"):
            for name in etree.fromstring(view.arch).xpath("//field/@string | //attribute[@name='string']/text()"):
                self.assertLessEqual(len(self.words.get(name, name)), 28, name)


class TestWordsOfOdoo(TransactionCase):
    """What `i18n_extra/` supplies of Odoo's own words is what Odoo lacks, and fits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = polib.pofile(file_path("kho_dl/i18n_extra/vi.po"))

    def odoo_words(self, entry, kind):
        """Return the entries that Odoo has of `entry`, in the modules where it is used."""
        modules = {match[1] for place, _line in entry.occurrences if (match := re.match(r"code:addons/(\w+)/", place))}
        modules |= {
            match[1] for place, _line in entry.occurrences if (match := re.match(r"model\w*:[\w.,]+:(\w+)", place))
        }
        words = []
        for module in modules:
            name = f"{module}/i18n/{module}.pot" if kind == "pot" else f"{module}/i18n/vi.po"
            words += [one for one in self.words(file_path(name)) if one.msgid == entry.msgid]
        return words

    _read = {}

    def words(self, path):
        if path not in self._read:
            self._read[path] = polib.pofile(path)
        return self._read[path]

    def test_each_is_a_word_of_odoo_that_it_lacks_in_vietnamese(self):
        own_summary = self.env.ref("base.module_kho_dl").with_context(lang="en_US").summary
        for entry in self.ours:
            with self.subTest(entry.msgid):
                self.assertNotEqual(entry.msgstr, entry.msgid)
                self.assertCountEqual(_PLACEHOLDER.findall(entry.msgstr), _PLACEHOLDER.findall(entry.msgid))
                if entry.msgid == own_summary:
                    continue
                self.assertTrue(self.odoo_words(entry, "pot"), "No word of Odoo any more")
                theirs = self.odoo_words(entry, "po")
                self.assertTrue(
                    not theirs or any(one.msgstr in ("", one.msgid) for one in theirs), "Odoo has it by now"
                )

    def test_they_reach_what_odoo_keeps_in_the_database(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.ref("base.module_kho_dl")._update_translations("vi_VN")
        field = self.env["ir.model.fields"]._get("res.users", "login_date")
        self.assertEqual(field.with_context(lang="vi_VN").field_description, "Đăng nhập gần nhất")


class TestWhatIsSo(KhoDLCase):
    # Proves J.3-3.
    def test_an_optional_document_is_not_put_on_top_and_a_form_is_no_riddle(self):
        wanted = self.procedure.document_ids.filtered(lambda one: one.result_code_ids.code == DEGREE)
        wanted.required = False
        wizard = self.make_wizard(self.make_case(CHAU))
        self.assertFalse(wizard.missing_names)
        wizard.action_search()
        self.assertNotIn("Medical degree", wizard.missing_names)
        self.assertIn("Medical degree", wizard.optional_names)
        self.assertIn("Application form", wizard.missing_names)
        names = ["Đơn đề nghị cấp phép", "Tờ khai", "Phiếu lý lịch tư pháp"]
        self.procedure.document_ids = [(0, 0, {"name": name}) for name in names]
        documents = {one.name: one for one in self.make_case().document_ids}
        self.assertEqual([documents[name].is_form for name in names], [True, True, False])
        documents["Phiếu lý lịch tư pháp"].procedure_document_id.sudo().form_name = "Mẫu 01"
        self.assertTrue(documents["Phiếu lý lịch tư pháp"].is_form)

    # Proves J.3-4.
    def test_what_failed_stands_on_its_line_without_codes(self):
        documents = self.procedure.document_ids
        documents.filtered(lambda one: one.result_code_ids.code not in (CRIMINAL_RECORD, False)).unlink()
        self.simulator.order("papers", "server_error", times=None, status=502)
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        [failed] = wizard.document_ids.filtered(lambda one: one.plan == "failed")
        self.assertTrue(wizard.is_said_on_line)
        self.assertEqual(failed.failed_words, wizard.message)
        self.assertNotRegex(wizard.message, r"HTTP|\d{3}|\(")
        self.assertEqual(wizard.query_id.error_code, "502")

    def test_what_failed_of_many_is_said_once(self):
        self.simulator.order("papers", "server_error", times=None)
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        self.assertFalse(wizard.is_said_on_line or any(wizard.document_ids.mapped("failed_words")))
        self.assertTrue(wizard.message)
