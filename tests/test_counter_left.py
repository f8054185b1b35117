import time

from odoo import fields
from odoo.tests import tagged

from ..wizard import kho_dl_retrieve_wizard
from .browser_case import BrowserCase
from .common import AN, KhoDLFixtures

# Seconds for the first page of all, which makes what the others load.
_PATIENCE = 120
_ESCAPE = """
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true, cancelable: true}))
"""
_MODAL = "document.querySelector('.modal')"
_AT_WORK = "Boolean(document.querySelector('.modal .btn-close:disabled'))"
_NUMBER = "document.querySelector('[name=owner_id_number] input')"
_ANSWERED = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/BUTTON'))"
# Longer than a dialog takes to open.
_MOMENT = 1.5


@tagged("-at_install", "post_install")
class TestFormThatWasLeft(KhoDLFixtures, BrowserCase):
    """Whoever presses Escape goes on to the next case: what the button still answers does not come up in front of that."""

    browser_size = "1366x768"

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.clerk.write({"login": "left_clerk", "password": "left_clerk", "lang": "en_US"})
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 2)

    def leave(self, browser, button):
        """Press Escape while the call of `button` runs, begin the next case, and wait for what the call answers."""
        self.evaluate(browser, _ESCAPE)
        self.wait(browser, f"!{_MODAL}")
        self.press(browser, ".o_form_button_create", leads_on=False)
        self.wait(browser, _ANSWERED.replace("BUTTON", button))
        time.sleep(_MOMENT)
        self.assertFalse(self.evaluate(browser, f"{_MODAL}?.innerText"))
        self.assertTrue(self.evaluate(browser, f"document.activeElement === {_NUMBER}"))

    def open_case(self, browser, case):
        self.go(browser, f"/odoo/action-kho_dl.action_kho_dl_case/{case.id}")
        self.wait(browser, _is_there("[name=action_kho_dl_retrieve]"), _PATIENCE)

    def look(self, browser, case):
        self.open_case(browser, case)
        self.press(browser, "[name=action_kho_dl_retrieve]", leads_on=False)
        self.wait(browser, _is_there(".modal [name=consent_given] input"))

    def test_files_that_are_late_do_not_bring_it_back(self):
        case = self.make_case(AN)
        self.simulator.order("file", "latency", times=None, seconds=5)
        self.simulator.order("papers", "latency", times=1, seconds=4)
        with self.browser(self.clerk.login) as browser:
            self.look(browser, case)
            self.press(browser, ".modal [name=consent_given] input", leads_on=False)
            self.wait(browser, _AT_WORK)
            self.leave(browser, "action_search")
            # What was answered meanwhile is there.
            self.look(browser, case)
            self.press(browser, ".modal button[name=action_attach]", leads_on=False)
            self.wait(browser, _AT_WORK)
            self.leave(browser, "action_attach")
        self.env.invalidate_all()
        self.assertTrue(self.retrievals(case))

    def test_what_was_refused_is_said_all_the_same(self):
        case = self.make_case(AN)
        self.clerk.kho_dl_id_number = False
        with self.browser(self.clerk.login) as browser:
            self.look(browser, case)
            consent = "document.querySelector('.modal [name=consent_given] input')"
            self.evaluate(browser, f"{consent}.click(); setTimeout(() => {{{_ESCAPE}}})")
            self.wait(browser, f"!{_MODAL}")
            self.wait(browser, _is_there(".o_notification"))
            said = self.evaluate(browser, "document.querySelector('.o_notification').innerText")
        self.assertIn(case.name, said)
        self.assertIn("id number", said)
        self.assertFalse(self.asked())

    def test_new_on_a_case_that_is_new_leads_to_where_the_next_thing_is_typed(self):
        name = "document.querySelector('[name=person_name] input')"
        with self.browser(self.clerk.login) as browser:
            self.go(browser, "/odoo/action-kho_dl.action_kho_dl_case/new")
            self.wait(browser, f"document.activeElement === {_NUMBER}", _PATIENCE)
            # By its key it gets the keyboard, too.
            new = "document.querySelector('.o_form_button_create')"
            self.evaluate(browser, f"{new}.focus(); {new}.click()")
            self.wait(browser, f"document.activeElement === {_NUMBER}")
            self.type_keys(browser, f"{AN}\r")
            self.wait(browser, f"document.activeElement === {name}")
            self.evaluate(browser, f"{new}.focus(); {new}.click()")
            self.wait(browser, _is_there("[name=person_name].o_field_invalid"))
            self.wait(browser, f"document.activeElement === {name}")

    def test_what_is_typed_before_the_server_has_answered_is_typed(self):
        with self.browser(self.clerk.login) as browser:
            # The second time the form opens with what the first one was told.
            for _time in range(2):
                self.go(browser, "/odoo/action-kho_dl.action_kho_dl_case/new")
                self.wait(browser, f"document.activeElement === {_NUMBER}", _PATIENCE)
            slow = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}
            browser._websocket_request("Network.enable")
            browser._websocket_request("Network.emulateNetworkConditions", params=slow)
            self.evaluate(browser, "document.querySelector('.o_form_button_create').click()")
            self.wait(browser, f"document.activeElement === {_NUMBER}")
            self.type_keys(browser, f"{AN}\r")
            self.wait(browser, "document.querySelector('[name=person_name] input') === document.activeElement")
            self.evaluate(browser, "document.querySelector('.o_form_button_create').click()")
            self.wait(browser, _is_there("[name=person_name].o_field_invalid"))
            self.assertTrue(self.evaluate(browser, f"{_NUMBER}.value"))

    def test_the_next_case_is_begun_where_the_last_one_was_handed_over(self):
        values = {"case_name": "H46-1", "handed_over_on": fields.Datetime.now(), "user_id": self.clerk.id}
        # sudo: it is kept by our own code only.
        row = self.env["kho.dl.handover"].sudo().create({**values, "office": "B", "company_id": self.company.id})
        with self.browser(self.clerk.login) as browser:
            self.go(browser, f"/odoo/action-kho_dl.action_kho_dl_handover/{row.id}")
            self.wait(browser, _is_there(".o_statusbar_buttons .btn-primary"), _PATIENCE)
            self.press(browser, ".o_statusbar_buttons .btn-primary", leads_on=False)
            self.wait(browser, f"document.activeElement === {_NUMBER}")

    def test_the_next_card_presses_nothing_on_the_last_case(self):
        case = self.make_case(AN)
        with self.browser(self.clerk.login) as browser:
            self.open_case(browser, case)
            self.evaluate(browser, "document.querySelector('[name=action_kho_dl_retrieve]').focus()")
            self.type_keys(browser, "000285000022||Tran Van Binh|01021985\r")
            self.wait(browser, _is_there(".o_notification"))
            time.sleep(_MOMENT)
            said = self.evaluate(browser, "document.querySelector('.o_notification').innerText")
            self.assertIn("Press New", said)
            self.assertFalse(self.evaluate(browser, f"{_MODAL}?.innerText"))
        self.assertFalse(self.env["kho.dl.retrieve.wizard"].search([("case_id", "=", case.id)]))


def _is_there(selector):
    return f"Boolean(document.querySelector({selector!r}))"
