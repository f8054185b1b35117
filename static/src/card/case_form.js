import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

import { useScanner } from "../stay/scanner";
import { goToNeeded } from "./go_on";

/** The next citizen's card is scanned while the last one's case is open: its blanks would press what has the focus. */
export class KhoDlCaseController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        useScanner(() => {
            const words = _t("Nothing was done with what was scanned. Press New (Alt+C), then scan again.");
            this.notification.add(words, { type: "warning" });
        }, this.rootRef);
    }

    /** On a case that is new, "New" would keep the keyboard, and the next card be scanned into nothing. */
    async create() {
        await super.create();
        const { root } = this.model;
        const number = this.rootRef.el?.querySelector("[name='owner_id_number'] input");
        if (number && root.isNew) {
            root.data.owner_id_number ? goToNeeded(number) : number.focus();
        }
    }
}

registry.category("views").add("kho_dl_case", { ...formView, Controller: KhoDlCaseController });
