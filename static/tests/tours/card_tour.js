import { registry } from "@web/core/registry";

const CARD = "001090000013|012345678|Trần Văn Mới|01021990|Nam|Số 1, Trần Phú, Hà Nội|01012021";
const NUMBER = ".o_field_widget[name='owner_id_number'] input";

registry.category("web_tour.tours").add("kho_dl_card", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            content: "The number comes first",
            trigger: `${NUMBER}:focus`,
            run: "edit 00109x",
        },
        {
            content: "What is wrong is said beside it, in no dialog",
            trigger: ".o_field_widget[name='owner_id_number']:contains('digits only')",
            run: "click",
        },
        {
            trigger: NUMBER,
            run: "edit 0010900",
        },
        {
            trigger: `${NUMBER}:value('0010900')`,
            run: "press Tab",
        },
        {
            trigger: ".o_field_widget[name='owner_id_number']:contains('7 digits')",
        },
        {
            content: "A scan in its place",
            trigger: NUMBER,
            run: `edit ${CARD}`,
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            content: "The applicant is filled in, and the procedures that can be chosen are shown",
            trigger: ".o_field_widget[name='person_name'] input:value('Trần Văn Mới')",
        },
        {
            trigger: ".o_field_widget[name='person_birth'] input:value('01/02/1990')",
        },
        {
            trigger: `${NUMBER}:value('001090000013')`,
        },
        {
            trigger: ".o_field_widget[name='procedure_id'] input:focus",
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
            content: "Saved, and all seven documents are in sight",
            trigger: ".o_form_saved .o_kho_dl_documents .o_data_row:eq(6)",
            run() {
                const rows = [...document.querySelectorAll(".o_kho_dl_documents .o_data_row")];
                const bottom = rows[6].getBoundingClientRect().bottom;
                if (bottom > 768 || bottom > window.innerHeight) {
                    throw new Error(`the seventh document ends at ${bottom}`);
                }
            },
        },
    ],
});
