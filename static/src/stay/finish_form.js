import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

import { KhoDlKeptController } from "./kept_form";

/** Asks why a case is finished without its documents, or set back; says so where the reason is missing. */
export class KhoDlFinishController extends KhoDlKeptController {
    async beforeExecuteActionButton(clickParams) {
        const { root } = this.model;
        await root.isDirty();
        if (clickParams.name === "action_finish" && !(root.data.reason || "").trim()) {
            this.notification.add(_t("Nothing was changed: say why first. The reason is kept in the journal."), {
                type: "danger",
            });
            this.rootRef.el?.querySelector("[name='reason'] textarea")?.focus();
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
    }
}

registry.category("views").add("kho_dl_finish_form", { ...formView, Controller: KhoDlFinishController });
