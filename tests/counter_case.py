"""The add-on's screens in the web client, one after another in one browser, and what is wrong with each."""

import json
from contextlib import closing
from typing import NamedTuple

from ..models.connection import kho_dl_gateway
from .browser_case import RULES, BrowserCase
from .common import AN, KhoDLFixtures, is_transaction_open
from .sweep_maker import ADD_ON, PDF, Maker, add_on_models, swept_models

# Seconds for the first page of all, which makes what the others load.
_PATIENCE = 120
_SYSTEM = "base.group_system"
GROUPS = {
    "clerk": "kho_dl.group_clerk",
    "administrator": "kho_dl.group_administrator",
    "auditor": "kho_dl.group_auditor",
    "system": f"kho_dl.group_administrator,{_SYSTEM}",
}
# What moves is nothing to measure the contrast of.
_STILL = """
document.head.insertAdjacentHTML(
    "beforeend", "<style>*, *::before, *::after { transition: none !important; animation: none !important }</style>"
)
"""
_OPEN = """
(async () => {
    const { action, dialog, menu, overlay } = odoo.__WOWL_DEBUG__.root.env.services;
    dialog.closeAll();
    // A calendar that opened with its form stays when another screen is opened without a click.
    await Promise.all(Object.values(overlay.overlays).map((one) => one.remove()));
    const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
    await turn();
    menu.setCurrentMenu(menu.getMenuAsTree("root").childrenTree.find((one) => one.xmlid === "kho_dl.menu_kho_dl_root"));
    await action.doAction(ACTION, { clearBreadcrumbs: true, ...OPTIONS }).catch((error) => {
        throw new Error(error.cause?.data?.debug || error.message);
    });
    for (let i = 0; i < 100; i++) {
        await turn();
        if (!document.querySelector(".o_loading_indicator, .o_blockUI")) {
            break;
        }
    }
    await document.fonts.ready;
    // What fades in.
    await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
})()
"""
_LOOK = """
(async () => {
    const isShown = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const found = await axe.run(document, {
        runOnly: RULES,
        rules: {"heading-order": {enabled: true}},
        resultTypes: ["violations"],
    });
    const isNamed = (input) =>
        input.labels?.length || input.ariaLabel || input.title || input.getAttribute("aria-labelledby");
    const short = (element) => element.outerHTML.replace(/\\s+/g, " ").slice(0, 250);
    const covering = [...document.querySelectorAll(".modal")].at(-1) || document;
    return {
        error: document.querySelector(".o_error_dialog")?.innerText,
        violations: found.violations.flatMap((one) =>
            one.nodes.map((node) => [
                one.id, one.impact, node.target.join(" "), node.html.slice(0, 250), node.any[0]?.message || ""
            ])
        ),
        // What a dialog covers is not reached, and was looked at before.
        unnamed: [...covering.querySelectorAll("input[placeholder], textarea[placeholder]")]
            .filter((input) => isShown(input) && !isNamed(input)).map(short),
    };
})()
""".replace("RULES", json.dumps(RULES))
# What is cut off sideways, what is set one letter below the other, and what no thumb can press.
_NARROW = """
(() => {
    const isShown = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const short = (element) => element.outerHTML.replace(/\\s+/g, " ").slice(0, 200);
    const all = [...document.querySelectorAll(".o_action_manager *, .modal-dialog *")].filter(isShown);
    // A table that is wider than the screen is moved within itself.
    const frames = all.filter((one) => one.matches(".o_content, .o_form_sheet, .modal-body, .o_kho_dl_mapping"));
    const isPillar = (element) => [...element.childNodes].some((node) => {
        if (node.nodeType !== Node.TEXT_NODE || node.data.trim().length < 4) {
            return false;
        }
        const range = document.createRange();
        range.selectNodeContents(node);
        const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size;
        const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth < 40;
        return isCut || (lines > 2 && node.data.trim().length / lines < 3);
    });
    const buttons = ".o_kho_dl_papers .btn, .o_kho_dl_files .btn, .o_kho_dl_mapping .btn, .modal-footer .btn";
    const moves = (one) => /auto|scroll/.test(getComputedStyle(one).overflowY);
    return {
        // What is so low that nobody sees it move.
        flat: all
            .filter((one) => moves(one) && one.clientHeight < 40 && one.scrollHeight > one.clientHeight + 1)
            .map((one) => [one.scrollHeight, one.clientHeight, short(one)]),
        wide: [document.scrollingElement, ...frames]
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => [one.scrollWidth, one.clientWidth, short(one)]),
        pillars: all.filter(isPillar).map(short),
        small: all
            .filter((one) => one.matches(buttons))
            .map((one) => [one.getBoundingClientRect(), one])
            .filter(([box]) => box.width < THUMB || box.height < THUMB)
            .map(([box, one]) => [Math.round(box.width), Math.round(box.height), short(one)]),
    };
})()
"""


class Screen(NamedTuple):
    """What the web client is asked to open."""

    name: str
    action: object
    options: dict


class CounterCase(KhoDLFixtures, BrowserCase):
    browser_size = "1366x768"
    users = {
        name: {"login": f"counter_{name}", "groups": groups, "kho_dl_id_number": f"00019000020{number}"}
        for number, (name, groups) in enumerate(GROUPS.items())
    }

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.people = {name: getattr(self, name) for name in GROUPS}
        # No robot greets them, in front of the screen.
        self.env["res.users"].concat(*self.people.values()).write({"lang": "en_US", "odoobot_state": "disabled"})
        self.case = self.make_case(AN)
        file = self.env["ir.attachment"].create({"name": "Own.pdf", "raw": PDF, **self._on(self.case)})
        models = swept_models(self.env)
        for user in self.people.values():
            maker = Maker(self.env, self.company, user, "Own")
            maker.file = file
            maker.fill(models)
        self._fetch()

    def _on(self, case):
        """Return where a file is that everybody reads who reads `case`."""
        return {"res_model": case._name, "res_id": case.id}

    def _fetch(self):
        """Attach what the national store has for the case, and leave a form that shows the answer to each clerk."""
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)
        self.env.flush_all()
        with closing(self.registry.cursor()) as cr:
            # What commits works on a cursor of its own, which no request waits for.
            wizards = self.env(cr=cr, user=self.clerk.id)["kho.dl.retrieve.wizard"]
            wizard = wizards.create({"case_id": self.case.id, "consent_given": True})
            wizard.action_search()
            wizard.action_attach()
            cr.commit()
        self.env.invalidate_all()

    def menus(self, user):
        """Return the screens behind the menus of the add-on that `user` sees, in each kind of view."""
        menus = self.env["ir.ui.menu"].with_user(user)
        visible = menus._visible_menu_ids()
        # sudo: what the menus open, which the web client tells everybody.
        below = self.env.ref(f"{ADD_ON}.menu_kho_dl_root").sudo()
        ours = menus.sudo().search([("id", "child_of", below.id), ("action", "!=", False)])
        screens = []
        for menu in ours.filtered(lambda menu: {int(one) for one in menu.parent_path.split("/") if one} <= visible):
            kinds = menu.action.view_mode.split(",") if menu.action._name == "ir.actions.act_window" else [""]
            for kind in kinds:
                if kind != "form" or kinds == ["form"]:
                    options = {"viewType": kind} if len(kinds) > 1 else {}
                    screens.append(Screen(f"{menu.complete_name} {kind}", menu.action.id, options))
        return screens

    def forms(self, user):
        """Return the screens of one record of each model of the add-on that `user` reads and that has a form."""
        screens = []
        for model in add_on_models(self.env):
            model = model.with_user(user)
            if not self._has_form(model) or not model.has_access("read"):
                continue
            mine = [("create_uid", "=", user.id)] if model._transient else []
            record = model.search(mine, limit=1)
            if record:
                screens.append(self.form(record))
        return screens

    def form(self, record):
        """Return the screen of one record."""
        action = {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
            "target": "new" if record._transient else "current",
        }
        return Screen(record._name, action, {})

    def menu(self, action):
        """Return the screen that a menu of ours opens with the action of that name."""
        return Screen(action, self.env.ref(f"{ADD_ON}.{action}").id, {})

    def _has_form(self, model):
        return bool(self.env["ir.ui.view"].search_count([("model", "=", model._name), ("type", "=", "form")], limit=1))

    def start(self, browser):
        """Open the web client, still, with axe-core in it."""
        self.go(browser, "/odoo")
        self.wait(browser, "window.odoo?.isReady === true", _PATIENCE)
        self.load_axe(browser)
        self.evaluate(browser, _STILL)

    def open(self, browser, screen):
        """Open the screen, and return when all of it is there."""
        code = _OPEN.replace("ACTION", json.dumps(screen.action)).replace("OPTIONS", json.dumps(screen.options))
        self.evaluate(browser, code)

    def look(self, browser):
        return self.evaluate(browser, _LOOK)

    def narrow(self, browser, thumb):
        """Return what cannot be read or pressed on the screen that is open."""
        return self.evaluate(browser, _NARROW.replace("THUMB", str(thumb)))

    def resize(self, browser, width, height):
        """Give the browser another screen."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser._websocket_request("Emulation.setDeviceMetricsOverride", params=metrics)
