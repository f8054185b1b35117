import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { mend } from "./names";

const APP = "kho_dl.menu_kho_dl_root";
// Where there is little room, as with 200 % zoom, a field to choose in opens a dialog, and only for a pointer.
const CHOICE = ".o_kho_dl_app .o_input_dropdown > input[readonly]";

/**
 * For everybody: in this application, and only there, Odoo's own controls get the names and roles that they lack, and
 * its pale colours are as dark as WCAG 2.1 AA wants them (`a11y.scss`).
 */
export const a11yService = {
    dependencies: ["menu"],
    start(env, { menu }) {
        const observer = new MutationObserver(() => look());
        const look = () => {
            mend(document.body);
            // What was mended is no news.
            observer.takeRecords();
        };
        const follow = () => {
            const isOurs = menu.getCurrentApp()?.xmlid === APP;
            document.body.classList.toggle("o_kho_dl_app", isOurs);
            observer.disconnect();
            if (isOurs) {
                observer.observe(document.body, {
                    subtree: true,
                    childList: true,
                    attributeFilter: ["aria-expanded", "aria-selected", "role", "data-tooltip"],
                });
                look();
            }
        };
        document.documentElement.lang = user.lang;
        letZoom();
        document.addEventListener("keydown", openChoice);
        env.bus.addEventListener("MENUS:APP-CHANGED", follow);
        follow();
    },
};

function openChoice(ev) {
    const isOpening = ["Enter", " ", "ArrowDown"].includes(ev.key) && !ev.altKey && !ev.ctrlKey && !ev.metaKey;
    if (isOpening && !ev.defaultPrevented && ev.target.matches?.(CHOICE)) {
        ev.preventDefault();
        ev.target.click();
    }
}

/** Odoo forbids phones to zoom. */
function letZoom() {
    const viewport = document.querySelector("meta[name=viewport]");
    if (viewport) {
        viewport.content = viewport.content.replace(/,?\s*(user-scalable=no|maximum-scale=[\d.]+)/g, "");
    }
}

registry.category("services").add("kho_dl_a11y", a11yService);
