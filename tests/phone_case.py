"""A telephone's browser that one test opens many pages in, and what is to be seen of each."""

import contextlib
import json
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import urljoin

from odoo.tests.common import ChromeBrowser

from .citizen_world import CitizenWorld

WIDTH, HEIGHT = 360, 740
# WCAG 2.1, levels A and AA, as axe-core calls their rules.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_AXE = files("axe_playwright_python") / "axe.min.js"
_PATIENCE = 30  # seconds for one page on a busy machine
_LOOK = """
(async () => {
    const isShown = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    // Before axe-core looks at fonts.
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const found = await axe.run(document, {runOnly: RULES, resultTypes: ["violations"]});
    const pictures = /\\.(png|jpe?g|gif|svg|webp|ico)(\\?|$)|\\/web\\/image/;
    return {
        address: location.pathname,
        lang: document.documentElement.lang,
        title: document.title,
        width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
        headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(isShown).map((h) => Number(h.tagName[1])),
        violations: found.violations.flatMap((one) =>
            one.nodes.map((node) => [one.id, node.target.join(" "), node.html.slice(0, 200)])
        ),
        loaded: entries.map((one) => one.name).filter((name) => !pictures.test(name)),
    };
})()
""".replace("RULES", json.dumps(_RULES))
_READ = """
(() => {
    const page = document.querySelector("#wrap") || document.querySelector("main");
    const isDead = (link) => !link.getAttribute("href") || /^(#|javascript:)/.test(link.getAttribute("href"));
    return {
        words: page.innerText,
        // What is said of the script itself.
        scripted: [...page.querySelectorAll(".o_kho_dl_kept")].map((element) => element.innerText).join(" "),
        dead: [
            ...[...page.querySelectorAll("a")].filter((link) => link.checkVisibility() && isDead(link)),
            ...[...page.querySelectorAll("button")].filter(
                (button) => button.checkVisibility() && (button.type !== "submit" || !button.form)
            ),
            ...[...page.querySelectorAll("form")].filter((form) => !form.querySelector("[type=submit]")),
        ].map((element) => element.outerHTML.slice(0, 200)),
    };
})()
"""


class Seen(NamedTuple):
    """What a page looked like: as `_LOOK` and `_READ` return it, and what `_READ` returns where no script runs."""

    look: dict
    read: dict
    plain: dict


class PhoneCase(CitizenWorld):
    browser_size = f"{WIDTH}x{HEIGHT}"
    touch_enabled = True

    @contextlib.contextmanager
    def phone(self, login):
        """Give a browser in which `login` is logged in, to be passed to `see`."""
        browser = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(login, login, browser=browser)
                yield browser
        finally:
            browser.stop()
            self._wait_remaining_requests()

    def see(self, browser, address):
        """Return what is `Seen` of the page."""
        self._open(browser, address, with_scripts=True)
        _value(browser, _AXE.read_text())
        look, read = _value(browser, _LOOK), _value(browser, _READ)
        self._open(browser, address, with_scripts=False)
        return Seen(look, read, _value(browser, _READ))

    def go(self, browser, address):
        """Open a page, with scripts."""
        self._open(browser, address, with_scripts=True)

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

    def wait(self, browser, condition):
        self.assertTrue(browser._wait_ready(condition, timeout=_PATIENCE), condition)

    def evaluate(self, browser, code):
        return _value(browser, code)

    def _open(self, browser, address, with_scripts):
        self.env.flush_all()
        browser._websocket_request("Emulation.setScriptExecutionDisabled", params={"value": not with_scripts})
        browser.navigate_to(urljoin(self.base_url(), address), wait_stop=True)
        self.assertTrue(browser._wait_ready(timeout=_PATIENCE), address)


def _element(selector):
    return f"document.querySelector({json.dumps(selector)})"


def _value(browser, code):
    answer = browser._websocket_request(
        "Runtime.evaluate",
        params={"expression": code, "awaitPromise": True, "returnByValue": True},
        timeout=_PATIENCE,
    )
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"])
    return answer["result"].get("value")
