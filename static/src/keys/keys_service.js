import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { getVisibleElements } from "@web/core/utils/ui";

/** The keys of the screen that is open. */
export class KhoDlKeysDialog extends Component {
    static template = "kho_dl.KeysDialog";
    static components = { Dialog };
    static props = { keys: Array, close: Function };
}

// What Odoo lays over the buttons while Alt is held.
const OVERLAY = ".o_web_hotkey_overlay";
// What is on every screen comes after what is this screen's own.
const ELSEWHERE = [".o_control_panel", ".o-mail-Chatter", ".o_main_navbar"];

// Odoo's own key, of the steps of a case.
const NEXT_STATE = "alt+x";

/** Return [{ keys, words }] of what can be pressed in `area`: its own buttons, then the others, then what works in all of it. */
export function keysOf(area, commands = []) {
    const found = new Map();
    const elements = getVisibleElements(area, "[data-hotkey]:not(:disabled)");
    const rank = (element) => ELSEWHERE.findIndex((place) => element.closest(place));
    const own = [...elements].filter((element) => rank(element) < 0);
    const elsewhere = [...elements]
        .filter((element) => rank(element) >= 0)
        .sort((one, other) => rank(one) - rank(other));
    // Commands have no button.
    const isNext = (command) => command.hotkey === NEXT_STATE;
    const ordered = [...commands].sort((one, other) => isNext(other) - isNext(one));
    for (const one of [...own, ...ordered, ...elsewhere]) {
        const hotkey = one.dataset ? `alt+${one.dataset.hotkey}` : one.hotkey;
        const words = one.dataset ? wordsOf(one) : one.name;
        if (hotkey && words && !found.has(written(hotkey))) {
            found.set(written(hotkey), words);
        }
    }
    const has = (selector) => area.querySelector(selector);
    const common = [
        has(".o_kho_dl_number input") && ["enter", _t("in the field of a number: ask for that paper alone")],
        has("input[type='checkbox']") && ["space", _t("tick, or take the tick away")],
        ["tab", _t("to the next field or button")],
        has(".modal-footer") && ["control+enter", _t("press the first button below")],
        has(".modal-footer") && ["escape", _t("close; what is ticked and typed is kept")],
        ["control+k", _t("look for any screen or command")],
        ["alt+?", _t("show these keys")],
    ].filter(Boolean);
    return [...found, ...common.map(([keys, words]) => [written(keys), words])].map(([keys, words]) => ({
        keys,
        words,
    }));
}

function wordsOf(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(OVERLAY).forEach((overlay) => overlay.remove());
    const words = copy.textContent.replace(/\s+/g, " ").trim();
    return words || element.title || element.dataset.tooltip || element.getAttribute("aria-label") || "";
}

function written(hotkey) {
    const names = { alt: "Alt", control: "Ctrl", shift: "Shift", enter: "Enter", escape: "Esc", tab: "Tab" };
    names.space = _t("Space");
    return hotkey
        .split("+")
        .map((key) => names[key] || key.toUpperCase())
        .join(" + ");
}

/** Shows the keys at Alt+?, on our screens. */
export const keysService = {
    dependencies: ["action", "command", "dialog", "ui"],
    start(env, { action, command, dialog, ui }) {
        let isOpen = false;

        function isOurs() {
            const { props } = action.currentController || {};
            return Boolean(props?.resModel?.startsWith("kho.dl.") || document.querySelector("[class*='o_kho_dl_']"));
        }

        function show() {
            const area = ui.activeElement === document ? document.body : ui.activeElement;
            // In a window the commands of what is below it would do what nobody sees.
            const commands = area === document.body ? command.getCommands(ui.activeElement) : [];
            const available = commands.filter((one) => !one.isAvailable || one.isAvailable());
            isOpen = true;
            dialog.add(KhoDlKeysDialog, { keys: keysOf(area, available) }, { onClose: () => (isOpen = false) });
        }

        // By hand: Odoo's hotkeys know no question mark, which lies elsewhere on each keyboard.
        window.addEventListener(
            "keydown",
            (ev) => {
                const isAsked = ev.altKey && (ev.key === "?" || (ev.code === "Slash" && ev.shiftKey));
                if (isAsked && !isOpen && isOurs()) {
                    ev.preventDefault();
                    ev.stopImmediatePropagation();
                    show();
                }
            },
            { capture: true }
        );
    },
};

registry.category("services").add("kho_dl_keys", keysService);
