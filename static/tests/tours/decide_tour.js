import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_wrong_number", {
    steps: () => [
        {
            content: "Said beside the field",
            trigger: ".o_form_view .alert:contains('known here as that of Nguyễn Thị An')",
        },
        {
            trigger: ".o_form_view button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            content: "Said before the consent, which asks",
            trigger:
                ".modal:has(.alert:contains('known here as that of Nguyễn Thị An')) .o_kho_dl_consent input:not(:checked)",
            run: "click",
        },
        {
            trigger: ".modal:has(.o_kho_dl_paper input:checked) button[name='action_attach']",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_kho_dl_look_file",
            timeout: 60000,
        },
        {
            trigger: ".o_field_widget[name='owner_id_number'] input",
            run: "edit 000285000022",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Marked at once, on the line",
            trigger: ".o_kho_dl_documents .o_data_row:contains('Fetched for another number')",
        },
        {
            trigger: "button[name='action_decide_files']",
            run: "click",
        },
        {
            trigger: ".modal button[name='action_stay']",
        },
        {
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit Fetched for An",
        },
        {
            trigger: ".modal button[name='action_take_off']:visible",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)):not(:has(button[name='action_decide_files'])) .o_kho_dl_documents",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_replace_file", {
    steps: () => [
        {
            trigger: ".o_kho_dl_files:has(.o_kho_dl_look_file[title='wrong.pdf']) .o_kho_dl_take_off",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit Scan of somebody else",
        },
        {
            trigger: ".modal .o_field_widget[name='new_file_ids'] input[type='file']:not(:visible)",
            run() {
                const transfer = new DataTransfer();
                transfer.items.add(new File(["%PDF-1.4 right %%EOF"], "right.pdf", { type: "application/pdf" }));
                this.anchor.files = transfer.files;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            trigger: ".modal button[name='action_take_off']:contains('Replace')",
            run: "click",
        },
        {
            content: "The gate has looked at the new file, which takes its time on a busy machine",
            trigger:
                "body:not(:has(.modal)) .o_kho_dl_files:not(:has(.o_kho_dl_look_file[title='wrong.pdf'])) .o_kho_dl_look_file[title='right.pdf']",
            timeout: 60000,
        },
    ],
});

const NUMBER = ".o_field_widget[name='owner_id_number'] input";
const FILE = ".o_kho_dl_files:has(.o_kho_dl_look_file[title='wrong.pdf'])";

/** Type `number` without saving, open what `button` opens, do `steps` there, and find the number kept. */
function typeAndOpen(number, button, steps) {
    return [
        { trigger: `body:not(:has(.modal)) ${NUMBER}`, run: `edit ${number}` },
        { trigger: `${FILE} ${button}`, run: "click" },
        ...steps,
        {
            content: "What was typed is still there",
            trigger: `body:not(:has(.modal)) ${NUMBER}:value(${number})`,
        },
    ];
}

registry.category("web_tour.tours").add("kho_dl_typed_is_kept", {
    steps: () => [
        ...typeAndOpen("000285000022", ".o_kho_dl_take_off", [
            { trigger: ".modal .o_field_widget[name='reason']" },
            { trigger: ".modal .btn-close", run: "click" },
        ]),
        ...typeAndOpen("000392000033", "button:has(.badge)", [{ trigger: ".modal .btn-close", run: "click" }]),
        ...typeAndOpen("000179000044", ".o_kho_dl_take_off", [
            { trigger: ".modal .o_field_widget[name='reason'] textarea", run: "edit Scan of somebody else" },
            { trigger: ".modal button[name='action_take_off']:visible", run: "click" },
        ]),
        { trigger: ".o_kho_dl_documents:not(:has(.o_kho_dl_look_file[title='wrong.pdf']))" },
    ],
});
