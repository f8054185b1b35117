import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLOURS = { danger: "danger", warning: "warning" };

/** What somebody has to see to: each with what to do, and a button that opens the place where. */
export class KhoDlTroublesField extends Component {
    static template = "kho_dl.TroublesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get troubles() {
        return this.props.record.data[this.props.name] || [];
    }

    colour(trouble) {
        return COLOURS[trouble.level];
    }

    async open(trouble) {
        const { resModel } = this.props.record;
        this.action.doAction(await this.orm.call(resModel, "action_open_place", [trouble.kind]));
    }
}

registry.category("fields").add("kho_dl_troubles", {
    component: KhoDlTroublesField,
    supportedTypes: ["json"],
});
