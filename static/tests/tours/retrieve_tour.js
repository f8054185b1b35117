import { registry } from "@web/core/registry";

/**
 * The clerk's four actions, by keyboard: the button, the consent, a look, Attach.
 * Each step waits for the focus to be where the next key goes.
 */
registry.category("web_tour.tours").add("kho_dl_retrieve", {
    steps: () => [
        {
            content: "One button on the open case",
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            content: "The consent waits for the space bar",
            trigger: ".o_kho_dl_consent input:focus",
            run: "press Space",
        },
        {
            content: "A look at the best papers, selected already",
            trigger: ".o_kho_dl_paper:contains('1023/STP-LLTP') input:checked",
        },
        {
            content: "Attach has the focus",
            trigger: ".modal-footer button[name='action_attach']:focus",
            run: "press Enter",
        },
        {
            content: "The form closes by itself",
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "The files are on the case",
            trigger: ".o_kho_dl_files .o_kho_dl_look_file:contains('.pdf')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_none_exists", {
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
            content: "Only now may the clerk ask for paper",
            trigger: ".alert:contains('Ask the applicant for'):contains('Criminal record certificate')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_test_connection", {
    steps: () => [
        {
            trigger: "button[name='action_kho_dl_test_connection']",
            run: "click",
        },
        {
            trigger: ".o_notification:has(.o_notification_bar.bg-success)",
        },
    ],
});
