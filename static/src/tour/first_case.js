import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// Where the screens have what the tour points to. Of two that a comma parts one is shown at a time.
const CASES = "th[data-name='owner_id'] ~ th[data-name='procedure_id']";
const ELSEWHERE = `body:not(:has(${CASES}))`;
const NEW = `.o_list_view:has(${CASES}) .o_list_button_add`;
const APPS = `${ELSEWHERE} .o_navbar_apps_menu button`;
const APP = ".o_app[data-menu-xmlid='kho_dl.menu_kho_dl_root']";
const NUMBER = ".o_form_view .o_field_widget[name='owner_id_number'] input";
const PROCEDURE = ".o_form_view .o_field_widget[name='procedure_id'] input";
const CHOICE = ".o_field_widget[name='procedure_id'] .o-autocomplete--dropdown-item:not(:has(.o_loading))";
const LOOK = ".o_form_view button[name='action_kho_dl_retrieve']";
const CONSENT = ".modal .o_kho_dl_consent input:not(:checked)";
const ATTACH = ".modal-footer button[name='action_attach']";
const NOTHING =
    ".modal:has(.o_kho_dl_consent input:checked):not(:has(.o_kho_dl_paper)) .modal-footer button[special='cancel']";
const FILE = "body:not(:has(.modal)) .o_kho_dl_look_file, body:not(:has(.modal)) .o_kho_dl_files a";

registry.category("web_tour.tours").add("kho_dl_first_case", {
    url: "/odoo",
    steps: () => [
        {
            trigger: `${APPS}, ${NEW}`,
            content: _t("Let us take in your first case together. Begin here."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            isActive: [ELSEWHERE],
            trigger: `${APP}, ${NEW}`,
            content: _t("Open Kho DL: the cases of your counter are there."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            isActive: [ELSEWHERE],
            trigger: NEW,
            content: _t("Press New for the person in front of you."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: NUMBER,
            content: _t("Scan the applicant's id card, or type the id number."),
            tooltipPosition: "bottom",
            run: "edit 000190000011",
        },
        {
            trigger: PROCEDURE,
            content: _t("Fill in what is still empty about the applicant, then come here for the procedure."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: CHOICE,
            content: _t("Choose the procedure, or type a part of its name."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: LOOK,
            content: _t("Now see which of its documents another office keeps already: nobody has to bring those."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: CONSENT,
            content: _t("Ask the applicant. Tick here if they agree: then the national store is asked."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: `${ATTACH}, ${NOTHING}`,
            content: _t(
                "Compare what was found with the person in front of you and press Attach. What was not found the applicant has to bring: then close this window."
            ),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: FILE,
            content: _t("The paper is on the case, and nobody had to bring it. Press its name to read it."),
            tooltipPosition: "top",
            run: "click",
        },
    ],
});
