"""The tour of a new clerk, gone as a person goes it: what the pointer stands at is pressed with the mouse."""

import contextlib
import json
from urllib.parse import urljoin

from odoo.tests import HttpCase, tagged

from .common import AN, CRIMINAL_RECORD, KhoDLCase, KhoDLFixtures
from .kept_browser import KeptBrowser

_PATIENCE = 60  # seconds for one step on a busy machine
_NEW_CLERK = {
    "login": "kho_new_clerk",
    "groups": "kho_dl.group_clerk",
    "name": "Mai",
    "lang": "en_US",
    "kho_dl_id_number": "000188000088",
    # Odoo offers no tour while tests run, but to those who have it switched on.
    "tour_enabled": True,
}
_CHOICE = "[name='procedure_id'] .o-autocomplete--dropdown-item:not(:has(.o_loading))"
# Whether the pointer is there with these words, and not farther from the middle of the thing than its half and a little.
_IS_AT = """
(() => {
    const pointer = document.querySelector(".o_tour_pointer");
    const thing = [...document.querySelectorAll(SELECTOR)].find((one) => one.checkVisibility());
    if (!pointer || !thing || !pointer.textContent.includes(WORDS)) {
        return false;
    }
    const [tip, box] = [pointer.getBoundingClientRect(), thing.getBoundingClientRect()];
    const gap = Math.max(box.left - tip.right, tip.left - box.right, box.top - tip.bottom, tip.top - box.bottom);
    return gap < 40;
})()
"""
_MIDDLE = """
(() => {
    const thing = [...document.querySelectorAll(SELECTOR)].find((one) => one.checkVisibility());
    const box = thing.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})()
"""
_IS_CONSUMED = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/web_tour.tour/consume'))"


class TestWhoIsOffered(KhoDLCase):
    users = {"newcomer": _NEW_CLERK}

    def offered(self, user):
        tour = self.env["web_tour.tour"].with_user(user).get_current_tour()
        return tour["name"] if tour else None

    def test_a_clerk_without_a_case_is_offered_the_tour(self):
        self.assertEqual(self.offered(self.newcomer), "kho_dl_first_case")
        self.make_case(officer_id=self.newcomer.id)
        self.assertNotEqual(self.offered(self.newcomer), "kho_dl_first_case")
        # A page that is loaded anew meanwhile goes on with it.
        self.assertTrue(self.env["web_tour.tour"].with_user(self.newcomer)._kho_dl_first_case())

    def test_nobody_else_is(self):
        self.clerk.tour_enabled = True
        self.clerk.group_ids = self.env.ref("base.group_user")
        self.assertNotEqual(self.offered(self.clerk), "kho_dl_first_case")
        self.clerk.group_ids = self.env.ref("kho_dl.group_administrator")
        self.assertNotEqual(self.offered(self.clerk), "kho_dl_first_case")

    def test_who_stopped_it_is_left_in_peace(self):
        self.assertFalse(self.env["res.users"].with_user(self.newcomer).switch_tour_enabled(False))
        self.newcomer.tour_enabled = True
        self.assertNotEqual(self.offered(self.newcomer), "kho_dl_first_case")
        self.assertFalse(self.env["web_tour.tour"].with_user(self.newcomer)._kho_dl_first_case())


@tagged("-at_install", "post_install")
class TestTourOfTheFirstCase(KhoDLFixtures, HttpCase):
    users = {"newcomer": _NEW_CLERK}

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()

    # Proves J.5-3.
    def test_from_the_apps_to_the_attached_paper(self):
        self.env["res.partner"].create(
            {"name": "Nguyễn Thị An", "kho_dl_id_number": AN, "kho_dl_is_entered": True, "company_id": self.company.id}
        )
        with self.browser() as browser:
            self.press(browser, "Begin here", ".o_navbar_apps_menu button")
            self.press(browser, "Open Kho DL", ".o_app[data-menu-xmlid='kho_dl.menu_kho_dl_root']")
            self.press(browser, "Press New", ".o_list_button_add")
            self.press(browser, "type the id number", "[name='owner_id_number'] input")
            browser._websocket_request("Input.insertText", params={"text": AN})
            self.press(browser, "come here for the procedure", "[name='procedure_id'] input")
            self.wait(browser, f"document.querySelector({json.dumps(_CHOICE)})?.innerText.includes('First medical')")
            self.press(browser, "Choose the procedure", _CHOICE)
            self.press(browser, "another office keeps", "button[name='action_kho_dl_retrieve']")
            self.press(browser, "Tick here", ".o_kho_dl_consent input")
            self.press(browser, "press Attach", ".modal-footer button[name='action_attach']")
            self.press(browser, "on the case", ".o_kho_dl_files .o_kho_dl_file :is(a, button)")
            self.wait(browser, "!!document.querySelector('.o_reward_rainbow_man')")
            # Only then Odoo is told, and answers.
            self.wait(browser, _IS_CONSUMED)
        case = self.env["kho.dl.case"].search([("officer_id", "=", self.newcomer.id)])
        self.assertEqual(case.owner_id.name, "Nguyễn Thị An")
        self.assertEqual(self.document(case, CRIMINAL_RECORD).source, "national")
        self.assertIn(self.newcomer, self.env.ref("kho_dl.tour_first_case").user_consumed_ids)

    @contextlib.contextmanager
    def browser(self):
        login = _NEW_CLERK["login"]
        browser = KeptBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(login, login, browser=browser)
                # As after a login, with whatever application comes first.
                browser.navigate_to(urljoin(self.base_url(), "/odoo"), wait_stop=True)
                yield browser
        finally:
            browser.stop()
            self._wait_remaining_requests()

    def press(self, browser, words, selector):
        """Press what `selector` names with the mouse, once the pointer stands at it and says `words`."""
        self.wait(browser, _filled(_IS_AT, SELECTOR=selector, WORDS=words))
        answer = browser._websocket_request(
            "Runtime.evaluate", params={"expression": _filled(_MIDDLE, SELECTOR=selector), "returnByValue": True}
        )
        x, y = answer["result"]["value"]
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            params = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            browser._websocket_request("Input.dispatchMouseEvent", params=params)

    def wait(self, browser, condition):
        self.assertTrue(browser._wait_ready(condition, timeout=_PATIENCE), condition)


def _filled(code, **values):
    for name, value in values.items():
        code = code.replace(name, json.dumps(value))
    return code
