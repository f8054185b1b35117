import { registry } from "@web/core/registry";

const FOCUS_BACK = { content: "The keyboard is where it was", trigger: "body:not(:has(.modal))" };

const LINES = "kho.dl.retrieve.wizard.line";

function press(key, options = {}, target = document.activeElement) {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
}

/** Type as a hand scanner does: without a pause, with Enter at the end. */
function scan(text) {
    for (const key of text) {
        press(key);
    }
    press("Enter");
}

function focusIsOn(selector) {
    return {
        ...FOCUS_BACK,
        async run() {
            const end = Date.now() + 5000;
            while (!document.activeElement.matches(selector) && Date.now() < end) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            if (!document.activeElement.matches(selector)) {
                throw new Error(`The focus is on ${document.activeElement.outerHTML.slice(0, 200)}`);
            }
        },
    };
}

registry.category("web_tour.tours").add("kho_dl_finish_with_reason", {
    steps: () => [
        {
            trigger: ".o_statusbar_status button[data-value='9']",
            run() {
                this.anchor.click();
                this.anchor.click();
            },
        },
        {
            content: "It names what is missing, and asks once",
            trigger: ".modal:only-child [name='missing_words']:contains('Medical degree')",
        },
        { trigger: ".modal button[name='action_finish']", run: "click" },
        {
            content: "What is missing is said where it is typed",
            trigger: ".modal:not(:has(.o_error_dialog)) .o_kho_dl_fault:contains('say why first')",
        },
        {
            trigger: ".modal [name='reason'] textarea",
            run: "edit The original was shown",
        },
        { trigger: ".modal [name='reason'] textarea", run: () => press("Escape") },
        focusIsOn(".o_statusbar_status button[data-value='9']"),
        { trigger: ".o_arrow_button_current[data-value='1']" },
        { trigger: ".o_statusbar_status button[data-value='9']", run: "click" },
        {
            content: "The reason is still there",
            trigger: ".modal [name='reason'] textarea:value('The original was shown')",
        },
        { trigger: ".modal button[name='action_finish']", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value='9']" },
        { trigger: ".o_statusbar_status button[data-value='4']", run: "click" },
        { trigger: ".modal [name='reason'] textarea", run: "edit Pressed by mistake" },
        { trigger: ".modal button[name='action_finish']", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value='4']" },
        {
            content: "A step back among the open ones needs no reason",
            trigger: ".o_statusbar_status button[data-value='2']",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value='2']" },
        {
            content: "A step aside from the way is one press further",
            trigger: ".o_statusbar_status .dropdown-toggle:visible",
            run: "click",
        },
        { trigger: ".o-dropdown-item:contains('More documents asked')", run: "click" },
        { trigger: ".o_arrow_button_current[data-value='5']" },
        {
            trigger: ".o_form_view:has([data-value='5'].o_arrow_button_current)",
            run: () => press("x", { altKey: true }),
        },
        {
            content: "What is next is that the office goes on with it",
            trigger: "body:not(:has(.modal)) .o_form_view:has([data-value='4'].o_arrow_button_current)",
            run: () => press("x", { altKey: true }),
        },
        { trigger: ".modal [name='missing_words']:contains('Medical degree')" },
        { trigger: ".modal [name='reason'] textarea", run: () => press("Escape") },
        {
            content: "What ends it without a result is asked about once more",
            trigger: "body:not(:has(.modal)) .o_statusbar_status .dropdown-toggle:visible:last",
            run: "click",
        },
        { trigger: ".o-dropdown-item:contains('Stopped')", run: "click" },
        { trigger: ".modal:contains('without a result') .btn-secondary", run: "click" },
        {
            trigger: "body:not(:has(.modal)) .o_form_view:has([data-value='4'].o_arrow_button_current)",
            run: () => press("X", { altKey: true, shiftKey: true }),
        },
        {
            content: "By the keyboard as well",
            trigger: ".o_command_palette .o_command:contains('Stopped')",
            run: "click",
        },
        { trigger: ".modal:contains('without a result') .btn-primary:contains('Stopped')", run: "click" },
        {
            content: "Nothing comes next of what has ended",
            trigger: "body:not(:has(.modal)) .o_form_view:has([data-value='8'].o_arrow_button_current)",
            run: () => press("?", { altKey: true, shiftKey: true, code: "Slash" }),
        },
        {
            trigger: ".modal .o_kho_dl_keys:contains('Alt + Shift + X'):not(:contains('Alt + X'))",
            run: () => press("Escape"),
        },
        { trigger: "body:not(:has(.modal)):not(:has(.o_statusbar_status button[data-value='9']:visible))" },
    ],
});

registry.category("web_tour.tours").add("kho_dl_nothing_is_lost", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        {
            content: "A scanner's Enter does not confirm the consent",
            trigger: ".o_kho_dl_consent input:not(:checked)",
            run() {
                this.anchor.focus();
                scan("000190000011|123456789|Nguyen Thi An");
            },
        },
        { trigger: ".o_notification:contains('Nothing was done with what was scanned')" },
        { trigger: ".o_kho_dl_consent input:not(:checked)", run: "click" },
        {
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:checked",
            run: "click",
        },
        {
            content: "The server has it before anything is pressed",
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:not(:checked)",
            async run() {
                const line = [["number", "=", "1023/STP-LLTP"]];
                const end = Date.now() + 5000;
                const orm = odoo.__WOWL_DEBUG__.root.env.services.orm;
                const isTicked = async () => {
                    const found = await orm.searchRead(LINES, line, ["selected"]);
                    return !found.length || found.some((one) => one.selected);
                };
                while ((await isTicked()) && Date.now() < end) {
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
                if (await isTicked()) {
                    throw new Error("A tick that was taken away is not kept");
                }
            },
        },
        { trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:not(:checked)", run: () => press("Escape") },
        focusIsOn("button[name='action_kho_dl_retrieve']"),
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        {
            content: "The tick that was taken away is still away, and the answer there without a question",
            trigger:
                ".modal:has(.o_kho_dl_paper input:checked) .o_kho_dl_paper:contains('1023/STP-LLTP') input:not(:checked)",
        },
        {
            content: "A scanner's Enter does not press Attach",
            trigger: ".modal-footer button[name='action_attach']",
            run() {
                this.anchor.focus();
                scan("8934567890123");
            },
        },
        {
            content: "The keys of this form are shown on demand",
            trigger: ".modal:has(.o_kho_dl_paper input:checked)",
            run: () => press("?", { altKey: true, shiftKey: true, code: "Slash" }),
        },
        {
            trigger: ".modal .o_kho_dl_keys tr:contains('Alt + Q'):contains('Attach')",
            run: () => press("Escape"),
        },
        { trigger: ".modal:not(:has(.o_kho_dl_keys)) button[special='cancel']", run: "click" },
        focusIsOn("button[name='action_kho_dl_retrieve']"),
    ],
});

registry.category("web_tour.tours").add("kho_dl_enter_in_a_number", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        {
            content: "Nobody is asked before the applicant agrees",
            trigger: ".o_kho_dl_number input",
            run: "edit CH 00123",
        },
        { trigger: ".o_kho_dl_number input", run: "press Enter" },
        { trigger: ".o_kho_dl_fault:contains('the applicant agrees')" },
        { trigger: ".o_kho_dl_consent input:focus", run: "click" },
        { trigger: ".modal:not(:has(.o_kho_dl_fault)) .o_kho_dl_paper:contains('CH 00123') input:checked" },
        { trigger: ".o_kho_dl_number input", run: "edit CH 00456" },
        {
            trigger: ".o_kho_dl_number input",
            run() {
                // As scanners do that end with both.
                press("Enter", {}, this.anchor);
                press("Enter", {}, this.anchor);
            },
        },
        { trigger: ".modal .o_kho_dl_paper:contains('CH 00456') input:checked" },
        { trigger: ".modal button[special='cancel']:enabled", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});

registry.category("web_tour.tours").add("kho_dl_reason_is_kept", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        { trigger: ".o_kho_dl_consent input", run: "click" },
        {
            trigger: ".modal:has(.o_kho_dl_paper input:checked) button[name='action_attach']:enabled",
            run: "click",
        },
        {
            content: "A scanner's Enter in the reason presses nothing",
            trigger: ".o_kho_dl_reason input",
            run: "edit The original was shown",
        },
        { trigger: ".o_kho_dl_reason input", run: "press Enter" },
        { trigger: ".modal .o_kho_dl_reason input", run: () => press("Escape") },
        focusIsOn("button[name='action_kho_dl_retrieve']"),
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        { trigger: ".modal .o_kho_dl_reason input:value('The original was shown')" },
        { trigger: ".modal button[special='cancel']", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
