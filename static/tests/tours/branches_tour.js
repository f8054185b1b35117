import { registry } from "@web/core/registry";

const LIMITS = ".o_kho_dl_followed[data-group='limits']";

registry.category("web_tour.tours").add("kho_dl_branch_settings", {
    steps: () => [
        {
            content: "Whose settings these are",
            trigger: ".o_kho_dl_followed[data-group='connection'][data-own='no']:contains('From Province')",
        },
        {
            content: "A password from outside cannot be typed over",
            trigger: ".o_kho_dl_outside[data-of='kho_dl_password']:contains('KHO_DL_H46_PASSWORD')",
        },
        {
            content: "What is entered here counts here",
            trigger: "[name='kho_dl_timeout'] input",
            run: "edit 11",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: `${LIMITS}[data-own='yes'] button:contains('Follow Province again')`,
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: `${LIMITS}[data-own='no'] button:contains('Differ here')`,
            run: "click",
        },
        {
            trigger: `${LIMITS}[data-own='yes']`,
        },
    ],
});
