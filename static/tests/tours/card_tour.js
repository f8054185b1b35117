import { registry } from "@web/core/registry";

const CARD = "001090000013|012345678|Trần Văn Mới|01021990|Nam|Số 1, Trần Phú, Hà Nội|01012021";
const LOST = "001090000013|012345678|Trn Vn M?i|01021990|Nam|S 1, Trn Phú, Hà Ni|01012021";
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

const KNOWN = "000190000011||Nguyễn Thị An|15031990|Nữ|Số 1, Trần Phú, Hà Nội|01012021";
const PROCEDURE = ".o_field_widget[name='procedure_id'] input";

/** Wait until the Enter of a scanner is over: so long a second one is its own. */
function rest() {
    return new Promise((resolve) => setTimeout(resolve, 500));
}

const FROM_NUMBER_TO_PAPERS = [
    {
        trigger: `${NUMBER}:focus`,
        run: `edit ${KNOWN}`,
    },
    {
        trigger: NUMBER,
        run: "press Enter",
    },
    {
        content: "The scanner's own Enter leads to the procedures; a key takes the first",
        trigger: `${PROCEDURE}:focus`,
    },
    {
        trigger: ".o-autocomplete--dropdown-item:contains('First medical licence')",
        run: rest,
    },
    {
        trigger: PROCEDURE,
        run: "press Enter",
    },
    {
        content: "The case is saved, its papers can be looked for, and the consent has the keyboard",
        trigger: ".modal .o_kho_dl_consent input:focus",
    },
];

registry.category("web_tour.tours").add("kho_dl_card_keys", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        ...FROM_NUMBER_TO_PAPERS,
        {
            trigger: ".modal .o_kho_dl_consent input",
            run: "press Space",
        },
        {
            trigger: ".modal .o_kho_dl_paper input:checked",
        },
        {
            content: "A key presses what has the keyboard",
            trigger: ".modal-footer button[name='action_attach']:focus",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_kho_dl_look_file",
        },
        {
            content: "The next case, in the same form",
            trigger: ".o_form_button_create",
            run: "click",
        },
        ...FROM_NUMBER_TO_PAPERS,
        {
            trigger: ".modal-header .btn-close",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_card_twice", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            trigger: `${NUMBER}:focus`,
            run: `edit ${KNOWN}`,
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            trigger: `${PROCEDURE}:focus`,
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('First medical licence')",
            run: rest,
        },
        {
            content: "The next card, before the case of this one is made; this scanner ends with two",
            trigger: PROCEDURE,
            run: `edit ${CARD}`,
        },
        {
            trigger: PROCEDURE,
            run: "press Enter",
        },
        {
            trigger: PROCEDURE,
            run: "press Enter",
        },
        {
            content: "It is said that nothing came of it, and where to scan it",
            trigger: ".o_notification:contains('in the field of the id number')",
            run: rest,
        },
        {
            trigger: `body:not(:has(.modal)) ${NUMBER}:value('000190000011')`,
        },
        {
            content: "Nothing of it is left where the procedure is chosen",
            trigger: `${PROCEDURE}:focus`,
            run() {
                if (this.anchor.value) {
                    throw new Error(`"${this.anchor.value}" is left`);
                }
            },
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('First medical licence')",
        },
        {
            content: "In that field it is taken",
            trigger: NUMBER,
            run: `edit ${CARD}`,
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            trigger: ".o_field_widget[name='person_name'] input:value('Trần Văn Mới')",
        },
        {
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: ".o_list_view",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_lost_letters_keys", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            trigger: `${NUMBER}:focus`,
            run: `edit ${LOST}`,
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            content: "The name is to be corrected before anything else",
            trigger: ".o_field_widget[name='person_name'] input:focus",
            run: "edit Trần Văn Mới",
        },
        {
            trigger: "body:has(.alert [name='card_words'])",
            run: rest,
        },
        {
            trigger: ".o_field_widget[name='person_name'] input",
            run: "press Enter",
        },
        {
            content: "Corrected, it warns no more",
            trigger: `body:not(:has(.alert [name='card_words'])) ${PROCEDURE}:focus`,
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('First medical licence')",
            run: rest,
        },
        {
            trigger: PROCEDURE,
            run: "press Enter",
        },
        {
            trigger: ".modal .o_kho_dl_consent input:focus",
            run: "press Escape",
        },
        {
            content: "The next key changes nothing that was chosen",
            trigger: "body:not(:has(.modal)) button[name='action_kho_dl_retrieve']:focus",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_number_keys", {
    steps: () => [
        {
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            trigger: `${NUMBER}:focus`,
            run: "edit 01090000013",
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            content: "A question about the number gets the keyboard",
            trigger: ".o_field_widget[name='owner_id_number'] button:focus",
            run: "click",
        },
        {
            trigger: `${NUMBER}:value('001090000013')`,
        },
        {
            content: "Nobody has it: one field takes the name, not two",
            trigger: ".o_field_widget[name='person_name'] input:focus",
            run: "edit Trần Văn Mới",
        },
        {
            trigger: "body:not(:has(.o_field_widget[name='owner_id'] input))",
            run: rest,
        },
        {
            trigger: ".o_field_widget[name='person_name'] input",
            run: "press Enter",
        },
        {
            trigger: `${PROCEDURE}:focus`,
        },
        {
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: ".o_list_view",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_card_zoomed", {
    steps: () => [
        {
            trigger: ".o_control_panel button:contains('New')",
            run: "click",
        },
        {
            trigger: `${NUMBER}:focus`,
            run: `edit ${KNOWN}`,
        },
        {
            trigger: NUMBER,
            run: "press Enter",
        },
        {
            content: "Where there is little room the procedures are in a dialog, which opens by itself",
            trigger: ".modal .o_kanban_record:focus",
            run: rest,
        },
        {
            trigger: ".modal .modal-header button",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
            run() {
                document.querySelector("[name='procedure_id'] input").focus();
            },
        },
        {
            content: "And by a key",
            trigger: "[name='procedure_id'] input",
            run: "press Enter",
        },
        {
            trigger:
                ".modal .o_kanban_record:contains('First medical licence'), .modal .o_data_row:contains('First medical licence')",
            run: "click",
        },
        {
            trigger: ".modal .o_kho_dl_consent input",
        },
    ],
});
