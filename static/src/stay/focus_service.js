import { registry } from "@web/core/registry";

const DIALOG = ".o_dialog";
const OURS = "kho.dl.";
// The main button, else the one for the next case: nothing that undoes anything.
const FIRST = ".o_form_view .o_form_statusbar .btn-primary:not(:disabled)";
const NEXT = ".o_form_button_create:not(:disabled)";
// What a form does after a dialog, reading its record again, is over by then.
const MOMENT = 150;

/**
 * Puts the keyboard back where it was when the last dialog closes. Odoo does so itself, unless the button that opened the
 * dialog was switched off while its call ran, or was made anew as the form read its record.
 */
export const focusService = {
    dependencies: ["action", "ui"],
    start(env, { action, ui }) {
        let place = null;

        const isOurs = () => action.currentController?.props?.resModel?.startsWith(OURS);

        function remember(ev) {
            if (ev.target.matches && !ev.target.closest(DIALOG) && ev.target !== document.body) {
                place = { element: ev.target, path: pathOf(ev.target) };
            }
        }

        function giveBack() {
            const isLost = !document.activeElement || document.activeElement === document.body;
            if (place && isLost && isOurs() && !document.querySelector(DIALOG)) {
                // Where it was; or the same made anew; or, where that is switched off by now, what comes next.
                const places = [place.path, FIRST, NEXT].map((path) => document.querySelector(path));
                [place.element, ...places].find((element) => {
                    element?.isConnected && element.focus();
                    return document.activeElement !== document.body;
                });
            }
        }

        document.addEventListener("focusin", remember);
        // A button that is pressed by mouse gets no focus in every browser.
        document.addEventListener("click", (ev) => {
            const button = ev.target.closest?.("button");
            return button && remember({ target: button });
        });
        ui.bus.addEventListener("active-element-changed", () => setTimeout(giveBack, MOMENT));
    },
};

/** Return a selector that finds the same place in a form that was made anew. */
function pathOf(element) {
    const named = element.closest("[name]");
    const inside = named && named !== element ? ` ${element.tagName.toLowerCase()}` : "";
    return named
        ? `.o_action_manager [name='${CSS.escape(named.getAttribute("name"))}']${inside}`
        : ".o_action_manager";
}

registry.category("services").add("kho_dl_focus", focusService);
