"""A browser that one test opens many pages in."""

import contextlib
import json
from importlib.resources import files
from urllib.parse import urljoin

from odoo.tests import HttpCase

from .kept_browser import KeptBrowser

# WCAG 2.1, levels A and AA, as axe-core calls their rules.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_AXE = files("axe_playwright_python") / "axe.min.js"
_KEYS = {"\r": "Enter", "\t": "Tab"}
_PATIENCE = 30  # seconds for one page on a busy machine


class BrowserCase(HttpCase):
    @contextlib.contextmanager
    def browser(self, login):
        """Give a browser in which `login` is logged in."""
        browser = KeptBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(login, login, browser=browser)
                yield browser
        finally:
            browser.stop()
            self._wait_remaining_requests()

    def go(self, browser, address, with_scripts=True):
        """Open a page."""
        self.env.flush_all()
        browser._websocket_request("Emulation.setScriptExecutionDisabled", params={"value": not with_scripts})
        browser.navigate_to(urljoin(self.base_url(), address), wait_stop=True)
        self.assertTrue(browser._wait_ready(timeout=_PATIENCE), address)

    def load_axe(self, browser):
        """Have axe-core in the page that is open."""
        self.evaluate(browser, _AXE.read_text())

    def fill(self, browser, selector, text):
        self.evaluate(browser, f"{_element(selector)}.value = {json.dumps(text)}")

    def press(self, browser, selector, leads_on=True):
        """Press what `selector` names; where that `leads_on`, return when the next page is there."""
        self.env.flush_all()
        if not leads_on:
            self.evaluate(browser, f"{_element(selector)}.click()")
            return
        self.evaluate(browser, "window.isLeft = true")
        self.evaluate(browser, f"setTimeout(() => {_element(selector)}.click())")
        self.wait(browser, "!window.isLeft && document.readyState === 'complete'")

    def type_keys(self, browser, text):
        """Press the keys of `text`, ASCII with Tab and Enter, wherever the focus is."""
        for key in text:
            named = {"key": _KEYS.get(key, key), "text": key, "windowsVirtualKeyCode": ord(key.upper())}
            for kind in ("keyDown", "keyUp"):
                browser._websocket_send("Input.dispatchKeyEvent", params={"type": kind, **named})

    def wait(self, browser, condition, seconds=_PATIENCE):
        self.assertTrue(browser._wait_ready(condition, timeout=seconds), condition)

    def evaluate(self, browser, code):
        answer = browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": code, "awaitPromise": True, "returnByValue": True},
            timeout=_PATIENCE,
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")


def _element(selector):
    return f"document.querySelector({json.dumps(selector)})"
