import { Component } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";

/** Tells whoever works with Kho DL in a copy of a database that it rests, and lets a system administrator end that. */
export class KhoDlCopyBanner extends Component {
    static template = "kho_dl.CopyBanner";
    static props = {};

    setup() {
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.mayConfirm = session.kho_dl_copy.may_confirm;
    }

    confirm() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Does this database work for the office?"),
            body: _t(
                "From now on it asks the national store, fetches files, tells the portal and gives papers to other agencies. What was waiting when it was copied is sent, too. Confirm only when the other database does not work any more."
            ),
            confirmLabel: _t("Confirm this database"),
            cancelLabel: _t("Leave it so"),
            confirm: async () => {
                await this.orm.call("kho.dl.database", "action_confirm", []);
                window.location.reload();
            },
            cancel: () => {},
        });
    }
}

if (session.kho_dl_copy) {
    registry.category("main_components").add("kho_dl_copy_banner", { Component: KhoDlCopyBanner });
}
