import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_health", {
    steps: () => [
        {
            content: "What is wrong, and what to do",
            trigger: ".o_kho_dl_trouble[data-kind='messages_rejected'] button",
            run: "click",
        },
        {
            content: "The place where it is seen to",
            trigger: ".o_list_view .o_data_row:contains('Not like this')",
        },
        {
            trigger:
                ".o_breadcrumb .breadcrumb-item:contains('Health') a, .o_breadcrumb .o_back_button:contains('Health')",
            run: "click",
        },
        {
            content: "All that failed for one cause",
            trigger: "[name='failure_ids'] .o_data_row:contains('Not like this') button[name='action_retry_line']",
            run: "click",
        },
        {
            content: "Nothing fails any more",
            trigger: ".o_kho_dl_troubles .alert-success:contains('No trouble is known')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_first_steps", {
    steps: () => [
        {
            trigger: ".o_kho_dl_setup_step[data-step='test'][data-state='todo']",
        },
        {
            content: "What is typed here is saved by the button",
            trigger: "[name='kho_dl_unit_code'] input",
            run: "edit H46",
        },
        {
            trigger: "button[name='action_kho_dl_test_connection']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_setup_step[data-step='test'][data-state='done']",
        },
        {
            trigger: "button[name='action_kho_dl_refresh_directory']",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_setup_step[data-step='directory'][data-state='done']",
        },
        {
            content: "And what monitors us gets a token",
            trigger: "button[name='action_kho_dl_new_health_token']:contains('Make a token')",
            run: "click",
        },
        {
            trigger: "[name='kho_dl_health_token'] .o_clipboard_button",
        },
    ],
});
