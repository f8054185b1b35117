import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("kho_dl_mapping", {
    steps: () => [
        {
            content: "The first of the worklist has its candidate; Enter accepts it",
            trigger: ".o_kho_dl_mapping_name:contains('Phiếu LLTP số 1')",
        },
        {
            trigger: ".o_kho_dl_mapping_choice.active:contains('KQ.T1')",
            run: "press Enter",
        },
        {
            content: "The next one is no result: N",
            trigger: ".o_kho_dl_mapping_name:contains('Đơn đề nghị')",
            run: "press n",
        },
        {
            trigger: ".o_kho_dl_mapping_name:contains('Giấy tờ khác')",
            run: "press s",
        },
        {
            content: "Skipped is still there; U takes that back, and again what was not reusable",
            trigger: ".o_kho_dl_mapping [role='option'].text-muted:contains('Giấy tờ khác')",
            run: "press u",
        },
        {
            trigger: ".o_kho_dl_mapping [role='option']:not(.text-muted):contains('Giấy tờ khác')",
            run: "press u",
        },
        {
            trigger: ".o_kho_dl_mapping_name:contains('Đơn đề nghị')",
        },
        {
            content: "Another document by arrow, another result by its name",
            trigger: ".o_kho_dl_mapping",
            run: "press ArrowDown",
        },
        {
            trigger: ".o_kho_dl_mapping_name:contains('Giấy tờ khác')",
        },
        {
            trigger: ".o_kho_dl_mapping_search",
            run: "edit KQ.T2",
        },
        {
            trigger: ".o_kho_dl_mapping_choice:contains('KQ.T2')",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_mapping:not(:contains('Giấy tờ khác'))",
        },
        {
            content: "Many at once, after a question",
            trigger: ".o_kho_dl_mapping_sure",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary:contains('Map them')",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_mapping:not(:contains('Giấy khai sinh'))",
        },
        {
            content: "The last one that was decided by mistake is taken back with the mouse, too",
            trigger: ".o_kho_dl_mapping_none",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_mapping:not(:has([role='option'])) .o_kho_dl_mapping_undo",
            run: "click",
        },
        {
            trigger: ".o_kho_dl_mapping_name:contains('Đơn đề nghị')",
        },
    ],
});

registry.category("web_tour.tours").add("kho_dl_propose", {
    steps: () => [
        {
            trigger: "button[name='action_kho_dl_retrieve']",
            run: "click",
        },
        {
            trigger: ".modal .o_kho_dl_propose",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:contains('KQ.G17.000120') .o_data_cell:first",
            run: "click",
        },
        {
            content: "The form is still there, and says thanks",
            trigger: ".o_notification:contains('administrator decides')",
        },
        {
            trigger: ".modal .o_kho_dl_papers",
        },
    ],
});
