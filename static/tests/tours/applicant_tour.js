import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_new_applicant", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='owner_id'] input",
            run: "edit Trần Văn Mới",
        },
        {
            content: "Nobody of this name is known: the person is entered here and now",
            trigger: ".o-autocomplete--dropdown-item.o_m2o_dropdown_option_create_edit:contains('Create and edit')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='name'] input:value('Trần Văn Mới')",
        },
        {
            trigger: ".modal .o_field_widget[name='phone'] input",
            run: "edit 0912 345 678",
        },
        {
            trigger: ".modal .o_field_widget[name='email'] input",
            run: "edit moi@example.com",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_field_widget[name='owner_id'] input:value('Trần Văn Mới')",
        },
        {
            trigger: ".o_field_widget[name='owner_id_number'] input",
            run: "edit 000190000011",
        },
        {
            trigger: ".o_field_widget[name='procedure_id'] input",
            run: "edit First medical",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('First medical licence')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(.o_form_saved) button[name='action_kho_dl_retrieve']",
        },
    ],
});
