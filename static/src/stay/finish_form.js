import { Component, useState, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { KhoDlKeptController } from "./kept_form";

function isSilent(record) {
    return !(record.data.reason || "").trim();
}

/** Asks why a case is finished without its documents, or set back; says where the reason is typed that it is missing. */
export class KhoDlFinishController extends KhoDlKeptController {
    isRefused(button) {
        return button === "action_finish" && isSilent(this.model.root);
    }

    async beforeExecuteActionButton(clickParams) {
        const isGoingOn = await super.beforeExecuteActionButton(clickParams);
        if (this.faults.button) {
            this.rootRef.el?.querySelector("[name='reason'] textarea")?.focus();
        }
        return isGoingOn;
    }
}

/** Stands below the reason, and says that it is missing, once the button was pressed without one. */
export class KhoDlReasonFault extends Component {
    static template = xml`<div t-if="isMissing" class="text-danger o_kho_dl_fault" role="alert" t-esc="props.words"/>`;
    static props = { ...standardWidgetProps, words: { type: String } };

    setup() {
        this.faults = useState(this.env.khoDlFaults || { button: false });
    }

    get isMissing() {
        return this.faults.button && isSilent(this.props.record);
    }
}

registry.category("views").add("kho_dl_finish_form", { ...formView, Controller: KhoDlFinishController });
registry.category("view_widgets").add("kho_dl_reason_fault", {
    component: KhoDlReasonFault,
    extractProps: ({ attrs }) => ({ words: attrs.title }),
});
