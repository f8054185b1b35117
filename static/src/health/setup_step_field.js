import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LOOKS = {
    done: { colour: "success", icon: "fa-check", label: _t("Done") },
    todo: { colour: "info", icon: "fa-circle-o", label: _t("To do") },
    failed: { colour: "danger", icon: "fa-times", label: _t("Failed") },
};

/** How far one step of the first set-up is; `options.step` names it within the field. */
export class KhoDlSetupStepField extends Component {
    static template = "kho_dl.SetupStepField";
    static props = {
        ...standardFieldProps,
        step: { type: String },
    };

    get step() {
        return this.props.record.data[this.props.name]?.[this.props.step];
    }

    get look() {
        return LOOKS[this.step.state];
    }
}

registry.category("fields").add("kho_dl_setup_step", {
    component: KhoDlSetupStepField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ step: options.step }),
});
