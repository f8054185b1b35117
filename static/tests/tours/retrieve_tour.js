import { rpc } from "@web/core/network/rpc";
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

const later = [];

registry.category("web_tour.tours").add("kho_dl_words_behind_the_answer", {
    steps: () => [
        { trigger: ".o_form_view button[name='action_kho_dl_retrieve']", run: "click" },
        { trigger: ".o_kho_dl_consent input", run: "click" },
        {
            content: "What is to be done in a moment is done when this says so",
            trigger: ".modal:has(.o_kho_dl_paper input:checked) button[name='action_attach']:enabled",
            run({ click }) {
                const { setTimeout } = window;
                window.setTimeout = (action, delay, ...options) =>
                    delay === 2000 ? later.push(action) : setTimeout(action, delay, ...options);
                return click();
            },
        },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_kho_dl_files .o_kho_dl_look_file:contains('.pdf')" },
        {
            trigger: ".o-mail-Chatter .o-mail-Message",
            async run() {
                const args = [[Number(window.location.pathname.split("/").at(-1))]];
                const kwargs = { body: "Behind the answer" };
                await rpc("/web/dataset/call_kw", { model: "kho.dl.case", method: "message_post", args, kwargs });
                later.forEach((action) => action());
            },
        },
        { trigger: ".o-mail-Chatter .o-mail-Message:contains('Behind the answer')" },
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
