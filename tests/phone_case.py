"""A telephone's browser that one test opens many pages in, and what is to be seen of each."""

import json
from typing import NamedTuple

from .browser_case import RULES, BrowserCase
from .citizen_world import CitizenWorld

WIDTH, HEIGHT = 360, 740
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
""".replace("RULES", json.dumps(RULES))
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


class PhoneCase(BrowserCase, CitizenWorld):
    browser_size = f"{WIDTH}x{HEIGHT}"
    touch_enabled = True

    def phone(self, login):
        """Give a browser in which `login` is logged in, to be passed to `see`."""
        return self.browser(login)

    def see(self, browser, address):
        """Return what is `Seen` of the page."""
        self.go(browser, address)
        self.load_axe(browser)
        look, read = self.evaluate(browser, _LOOK), self.evaluate(browser, _READ)
        self.go(browser, address, with_scripts=False)
        return Seen(look, read, self.evaluate(browser, _READ))
