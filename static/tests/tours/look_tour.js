import { registry } from "@web/core/registry";

function press(key) {
    const active = document.activeElement;
    active.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

const LOOK = ".o_kho_dl_paper:contains('1023/STP-LLTP') .o_kho_dl_look";
const VIEWER = ".o_kho_dl_viewer";

registry.category("web_tour.tours").add("kho_dl_look", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        { trigger: ".o_kho_dl_consent input", run: "click" },
        {
            content: "Looking is a click, and changes no tick",
            trigger: LOOK,
            run() {
                this.anchor.focus();
                this.anchor.click();
            },
        },
        {
            content: "The pages stand beside the list, and say that nothing is attached",
            trigger: `.modal ${VIEWER}:has(.o_kho_dl_not_attached):has(.o_kho_dl_page_number:contains('Page 1 of 12')) img:not(.opacity-25)`,
            run() {
                if (!this.anchor.naturalWidth) {
                    throw new Error("no picture");
                }
            },
        },
        { trigger: `${VIEWER}:focus`, run: () => press("PageDown") },
        { trigger: `${VIEWER} .o_kho_dl_page_number:contains('Page 2 of 12')`, run: () => press("+") },
        { trigger: `${VIEWER} img[style*='150%']`, run: () => press("PageUp") },
        { trigger: `${VIEWER} .o_kho_dl_page_number:contains('Page 1 of 12')`, run: () => press("Escape") },
        {
            content: "Escape ends the look, not the form, and the keyboard is where it was",
            trigger: `.modal:not(:has(${VIEWER})) .o_kho_dl_look:focus`,
        },
        {
            trigger: ".modal-footer button[name='action_attach']",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_kho_dl_look_file:contains('.pdf')",
            run: "click",
        },
        {
            content: "The same viewer beside the documents, with all pages and a way to the file itself",
            trigger: `.o_form_view ${VIEWER}:not(:has(.o_kho_dl_not_attached)):has(.o_kho_dl_page_number:contains('of 12')):has(.o_kho_dl_open_file[href^='/web/content/']) img:not(.opacity-25)`,
        },
        { trigger: `${VIEWER} .btn-close`, run: "click" },
        { trigger: `.o_form_view:not(:has(${VIEWER}))` },
    ],
});

registry.category("web_tour.tours").add("kho_dl_look_in_vain", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        { trigger: ".o_kho_dl_consent input", run: "click" },
        { trigger: LOOK, run: "click" },
        {
            content: "It says why, and offers to try again; the form beside it is free",
            trigger: `${VIEWER}:has([role='alert']:contains('comes by itself')) .o_kho_dl_look_again`,
        },
        { trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:enabled", run: "click" },
        { trigger: `${VIEWER} .o_kho_dl_look_again`, run: "click" },
        { trigger: `${VIEWER} img:not(.opacity-25)` },
        {
            content: "The tick is as it was left",
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:not(:checked)",
        },
        { trigger: ".modal-footer button[special='cancel'], .modal-footer .o_form_button_cancel", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
