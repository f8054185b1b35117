import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_copy_of_a_clerk", {
    steps: () => [
        {
            trigger: ".o_list_view, .o_kanban_view, .o_view_nocontent",
        },
        {
            trigger: ".o_kho_dl_copy_banner:contains('copy'):not(:has(button))",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_copy_confirmed", {
    steps: () => [
        {
            trigger: ".o_list_view, .o_kanban_view, .o_view_nocontent",
        },
        {
            trigger: ".o_kho_dl_copy_banner button",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary:contains('Confirm this database')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "body:not(:has(.o_kho_dl_copy_banner)) .o_action_manager .o_view_controller",
        },
    ],
});
