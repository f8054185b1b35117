import { registry } from "@web/core/registry";

const NOT_BLOCKED = "body:not(:has(.o_blockUI))";

registry.category("web_tour.tours").add("kho_dl_attach_faults", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_consent input",
            run: "click",
        },
        {
            content: "Nothing is wanted of what was ticked",
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:checked",
            run() {
                for (const box of document.querySelectorAll(".o_kho_dl_paper input:checked")) {
                    box.click();
                }
            },
        },
        {
            trigger: ".modal:not(:has(.o_kho_dl_paper input:checked)) button[name='action_attach']",
            run: "click",
        },
        {
            content: "The form says so itself, and nothing is blocked",
            trigger: `${NOT_BLOCKED} .modal:not(:has(.o_error_dialog)) .o_kho_dl_fault:contains('Nothing is ticked')`,
        },
        {
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:enabled",
            run: "click",
        },
        {
            content: "What was said goes as it is mended",
            trigger: ".modal:not(:has(.o_kho_dl_fault)) button[name='action_attach']:enabled",
            run() {
                this.anchor.click();
                this.anchor.click();
            },
        },
        {
            content: "The paper was turned away, and the clerk presses Attach again without a word",
            trigger: ".modal:has(.o_kho_dl_paper .o_kho_dl_reason input) button[name='action_attach']:enabled",
            run: "click",
        },
        {
            content:
                "The line says that a reason is missing; it is still ticked, and the keyboard stands in the reason",
            trigger: `${NOT_BLOCKED} .o_kho_dl_paper:has(input:checked):has(.o_kho_dl_reason input:focus):contains('say why this paper is attached')`,
        },
        {
            trigger: ".o_kho_dl_reason input",
            run: "edit The original was shown",
        },
        {
            content: "The reason counts without leaving its field",
            trigger: ".modal-footer button[name='action_attach']",
            run() {
                this.anchor.click();
                this.anchor.click();
            },
        },
        {
            trigger: "body:not(:has(.modal)) .o_kho_dl_files .o_kho_dl_look_file:contains('.pdf')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_search_fails", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_consent input",
            run: "click",
        },
        {
            content: "What the server refuses is a dialog, and the screen goes on",
            trigger: `${NOT_BLOCKED} .o_error_dialog:contains('receiving officer') .modal-footer button`,
            run: "click",
        },
        {
            content: "The tick went back",
            trigger: `${NOT_BLOCKED} .o_kho_dl_consent input:not(:checked):enabled`,
        },
        {
            trigger: ".modal-footer button[special='cancel']",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_number_is_missing", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_consent input",
            run: "click",
        },
        {
            content: "The number is missed where it is typed, and the tick went back",
            trigger: ".modal:has(.o_kho_dl_consent input:not(:checked)) .o_kho_dl_fault:contains('type the number')",
        },
        {
            trigger: ".o_kho_dl_papers .o_field_char input",
            run: "edit CH 1",
        },
        {
            trigger: ".o_kho_dl_consent input",
            run: "click",
        },
        {
            trigger: ".modal .alert-info:contains('Land certificate')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_waits_for_a_file", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_consent input",
            run: "click",
        },
        {
            trigger:
                ".modal:has(.o_kho_dl_paper:contains('1023/STP-LLTP') input:checked) button[name='action_attach']:enabled",
            run: "click",
        },
        {
            content: "That it is on its way is said once, and why it is not there yet",
            trigger: `.modal section:has(.badge:contains('Being fetched')):not(:has(.badge:contains('On its way'))) .o_kho_dl_message:contains('tried again by itself')`,
        },
        {
            content: "Nothing is left to be ticked and attached, and nobody is told to",
            trigger: ".modal:not(:has(button[name='action_attach'])):not(:contains('Tick the right ones'))",
        },
    ],
});
