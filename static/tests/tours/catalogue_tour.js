import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_catalogue_table", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('8.1')",
        },
        {
            content: "The ⚙ of the list",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "Both kinds of table",
            trigger: ".o-dropdown--menu:has(.o_kho_dl_export):has(.o_kho_dl_export_csv):not(:has(.o_import_menu))",
        },
        {
            trigger: ".o_kho_dl_bring_in",
            run: "click",
        },
        {
            content: "An empty table, of both kinds",
            trigger: ".modal button[name='action_template']",
        },
        {
            trigger: ".modal a[href='/kho_dl/catalogue/template/csv']",
        },
    ],
});
