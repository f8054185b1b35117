from lxml import etree

from odoo.tests import TransactionCase, tagged

from .browser_case import BrowserCase
from .citizen_case import CitizenCase
from .common import AN, own_records

# Seconds for the first page of all, which makes what the others load.
_PATIENCE = 120
_FIELD = ".modal [name=body] textarea"
_ROW = ".o_data_row .o_data_cell"
_FORM = "[name=action_write_to_applicant]"
_DETAILS = "[name=action_view_details]"
_ANSWER = """[...document.querySelectorAll(".modal-footer button")].find((one) => one.innerText === "ANSWER")"""
_TYPE = """
(() => {
    const field = document.querySelector("FIELD");
    field.value = "TEXT";
    field.dispatchEvent(new InputEvent("input", {bubbles: true}));
})()
"""
_ESCAPE = """
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true, cancelable: true}))
"""
_HAND_IN = """
(() => {
    const chosen = new DataTransfer();
    chosen.items.add(new File(["%PDF-1.4 own"], "own.pdf", {type: "application/pdf"}));
    const input = document.querySelector(".modal .o_kho_dl_files input[type=file]");
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
})()
"""
_LOOK_AT_ANOTHER_TAB = """
Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
document.dispatchEvent(new Event("visibilitychange"));
delete document.visibilityState;
"""
# Whether the browser asks who closes the page.
_CLOSE_THE_PAGE = """
(() => {
    const closing = new Event("beforeunload", {cancelable: true});
    window.dispatchEvent(closing);
    return closing.defaultPrevented;
})()
"""


@tagged("-at_install", "post_install")
class TestMessageIsSentByItsButton(BrowserCase, CitizenCase):
    """Odoo saves a form that is left, and a message that is saved is sent: half a one is neither sent nor lost in silence."""

    browser_size = "1366x768"

    def setUp(self):
        super().setUp()
        self.clerk.write({"login": "typed_clerk", "password": "typed_clerk", "lang": "en_US"})
        self.case = self.own_case(self.an, AN)

    def sent(self):
        self.env.invalidate_all()
        return self.env["kho.dl.case.message"].search([("case_id", "=", self.case.id)]).mapped("body")

    def write(self, browser, text):
        self.press(browser, _FORM, leads_on=False)
        self.wait(browser, _is_there(_FIELD))
        self.evaluate(browser, _TYPE.replace("FIELD", _FIELD).replace("TEXT", text))

    def answer(self, browser, words):
        """Press the button of the dialog that has these words."""
        button = _ANSWER.replace("ANSWER", words)
        self.wait(browser, f"Boolean({button})")
        self.evaluate(browser, f"{button}.click()")
        self.wait(browser, f"!{button}")

    def wait_closed(self, browser):
        words = "document.querySelector('.modal')?.innerText"
        self.assertTrue(browser._wait_ready(f"!({words})", timeout=30), self.evaluate(browser, words))

    def test_whoever_leaves_half_a_message_is_asked(self):
        with self.browser(self.clerk.login) as browser:
            self.go(browser, "/odoo/action-kho_dl.action_kho_dl_case")
            self.wait(browser, _is_there(_ROW), _PATIENCE)
            self.press(browser, _ROW, leads_on=False)
            self.wait(browser, _is_there(_FORM))
            self.write(browser, "Half")
            self.evaluate(browser, _LOOK_AT_ANOTHER_TAB)
            self.assertTrue(self.evaluate(browser, _CLOSE_THE_PAGE))
            for leaving in (_ESCAPE, "document.querySelector('.modal .btn-close').click()", "history.back()"):
                self.evaluate(browser, leaving)
                self.answer(browser, "Go on typing")
                self.assertEqual(self.evaluate(browser, f"document.querySelector({_FIELD!r}).value"), "Half")
            self.evaluate(browser, _ESCAPE)
            self.answer(browser, "Discard it")
            self.wait_closed(browser)
            self.assertFalse(self.evaluate(browser, _CLOSE_THE_PAGE))
            # Who presses the form's own buttons has said what is meant.
            self.write(browser, "Never")
            self.answer(browser, "Cancel")
            self.wait_closed(browser)
            self.write(browser, "Whole")
            self.answer(browser, "Send")
            self.wait_closed(browser)
            # What could not be sent is still there, and somebody's to lose.
            self.write(browser, "x" * 2001)
            self.evaluate(browser, _ANSWER.replace("ANSWER", "Send") + ".click()")
            self.answer(browser, "Close")
            self.evaluate(browser, _ESCAPE)
            self.answer(browser, "Discard it")
            self.wait_closed(browser)
            # What is on its way is not discarded any more, nor "not sent".
            self.write(browser, "On its way")
            self.evaluate(browser, f"{_ANSWER.replace('ANSWER', 'Send')}.click(); setTimeout(() => {{{_ESCAPE}}})")
            self.wait_closed(browser)
        # Not before: the page may be asking meanwhile, and the test has the same cursor.
        self.assertEqual(self.sent(), ["On its way", "Whole"])

    def test_whoever_leaves_a_document_with_a_number_typed_is_asked(self):
        number = ".modal [name=paper_number] input"
        type_number = _TYPE.replace("FIELD", number).replace("TEXT", "77/STP")
        with self.browser(self.clerk.login) as browser:
            self.go(browser, f"/odoo/action-kho_dl.action_kho_dl_case/{self.case.id}")
            self.wait(browser, _is_there(_DETAILS), _PATIENCE)
            # Nothing typed, nobody asked.
            self.open_details(browser, number)
            self.evaluate(browser, _ESCAPE)
            self.wait_closed(browser)
            self.open_details(browser, number)
            self.evaluate(browser, type_number + _ESCAPE)
            self.answer(browser, "Go on typing")
            self.assertEqual(self.evaluate(browser, f"document.querySelector({number!r}).value"), "77/STP")
            self.answer(browser, "Save")
            self.wait_closed(browser)
            self.open_details(browser, number)
            self.evaluate(browser, type_number.replace("77", "78"))
            self.answer(browser, "Discard")
            self.wait_closed(browser)
            # What was saved at once is nobody's to lose.
            self.open_details(browser, number)
            self.evaluate(browser, _HAND_IN)
            self.wait(browser, _is_there(".modal .o_kho_dl_take_off"))
            self.evaluate(browser, _ESCAPE)
            self.wait_closed(browser)
        self.env.invalidate_all()
        self.assertEqual(set(self.case.document_ids.mapped("paper_number")), {False, "77/STP"})
        self.assertEqual(self.case.document_ids.attachment_ids.name, "own.pdf")

    def open_details(self, browser, field):
        self.press(browser, _DETAILS, leads_on=False)
        self.wait(browser, _is_there(field))


class TestTyped(TransactionCase):
    def test_each_dialog_that_can_be_cancelled_asks_or_keeps_what_was_typed(self):
        looked_at = 0
        for view in own_records(self.env, "ir.ui.view").filtered(lambda one: one.type == "form" and not one.inherit_id):
            arch = etree.fromstring(view.with_context(lang="en_US").arch)
            buttons = arch.findall(".//footer/button")
            if not any(button.get("special") == "cancel" and button.get("string") == "Cancel" for button in buttons):
                continue
            looked_at += 1
            with self.subTest(view.xml_id):
                self.assertIn(arch.get("js_class"), ("kho_dl_typed", "kho_dl_finish_form"))
        self.assertGreater(looked_at, 6)


def _is_there(selector):
    return f"Boolean(document.querySelector({selector!r}))"
