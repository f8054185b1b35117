import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** A form in a dialog that loses nothing: however it is closed, what was typed or ticked is kept on the server. */
export class KhoDlKeptController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        if (this.env.dialogData) {
            this.env.dialogData.dismiss = () => this.keep();
        }
    }

    /** Save what there is; where the server takes it no more, say so, and close all the same. */
    async keep() {
        const root = this.model.root;
        if (!(await root.isDirty())) {
            return;
        }
        try {
            await root.save({ reload: false });
        } catch (error) {
            this.notification.add(error.data?.message || _t("What you typed last could not be kept."), {
                type: "warning",
            });
            await root.discard();
        }
    }

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.special === "cancel") {
            await this.keep();
        }
        return super.beforeExecuteActionButton(clickParams);
    }
}

registry.category("views").add("kho_dl_kept_form", { ...formView, Controller: KhoDlKeptController });
