import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

import { useScanner } from "../stay/scanner";

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
}

registry.category("views").add("kho_dl_case", { ...formView, Controller: KhoDlCaseController });
