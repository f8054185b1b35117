import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { mend } from "./names";

const APP = "kho_dl.menu_kho_dl_root";

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
        env.bus.addEventListener("MENUS:APP-CHANGED", follow);
        follow();
    },
};

/** Odoo forbids phones to zoom. */
function letZoom() {
    const viewport = document.querySelector("meta[name=viewport]");
    if (viewport) {
        viewport.content = viewport.content.replace(/,?\s*(user-scalable=no|maximum-scale=[\d.]+)/g, "");
    }
}

registry.category("services").add("kho_dl_a11y", a11yService);
