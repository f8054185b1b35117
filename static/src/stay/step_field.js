import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { StatusBarField, statusBarField } from "@web/views/fields/statusbar/statusbar_field";

/** The steps of a case: where somebody has to say why, the server answers with the form that asks. */
export class KhoDlStepField extends StatusBarField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async selectItem(item) {
        const { record } = this.props;
        // A second click while the first is on its way is the same wish.
        if (this.isStepping || !(await record.save())) {
            return;
        }
        this.isStepping = true;
        try {
            const action = await this.orm.call(record.resModel, "action_step", [[record.resId], item.value]);
            if (action) {
                await this.action.doAction(action, { onClose: () => record.load() });
            } else {
                await record.load();
            }
        } finally {
            this.isStepping = false;
        }
    }
}

registry.category("fields").add("kho_dl_steps", { ...statusBarField, component: KhoDlStepField });
