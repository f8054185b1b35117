import { toRaw, useExternalListener } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { KhoDlAtWorkController } from "./at_work_form";
import { isConfirmed } from "./confirmed";

/**
 * A form in a dialog that does what it is for by its button alone. Odoo saves a form that is left, which would send half a
 * message, and throws away what a dialog holds that is closed: here somebody who typed is asked first.
 */
export class KhoDlTypedController extends KhoDlAtWorkController {
    setup() {
        super.setup();
        this.dialogs = useService("dialog");
        // The dialog is not to be drawn anew, with this form in it, for what is changed here.
        const dialogData = toRaw(this.env.dialogData);
        if (!dialogData) {
            // A page, to which a link leads: Odoo saves it as it is left.
            return;
        }
        const close = dialogData.close;
        // Closed by Escape or the cross, and not by a button of the form: what one sends at this moment is no longer
        // somebody's to discard, and it closes the form by itself or says what is wrong.
        dialogData.close = async (params) =>
            (!params?.dismiss || (!this.isAtWork && (await this.isGivenUp()))) && close(params);
        // One that was made here, and is opened anew with a question about what was typed.
        this.isTyped = Boolean(this.props.resId) && this.canEdit;
        // The browser's way back, or another menu: Odoo asks the page below alone.
        useBus(this.env.bus, "CLEAR-UNCOMMITTED-CHANGES", ({ detail }) =>
            detail.push(({ forceLeave }) => forceLeave || this.isAtWork || this.isGivenUp())
        );
        useExternalListener(document, "input", (ev) => {
            this.isTyped ||= Boolean(this.rootRef.el?.contains(ev.target));
        });
    }

    get modelParams() {
        const params = super.modelParams;
        // What is chosen and not typed.
        params.hooks.onRecordChanged = () => (this.isTyped = true);
        return params;
    }

    /** Return whether nothing was typed, or whoever typed it does without. A second wish to leave waits for the same answer. */
    isGivenUp() {
        this.asking ||= this.ask().finally(() => (this.asking = null));
        return this.asking;
    }

    async ask() {
        // Of a record that is there by itself, what is saved is no longer to be lost; what a form is made of is saved with
        // each press of its button, also in vain.
        const isLost = this.canCreate ? this.isTyped : await this.model.root.isDirty();
        if (!isLost) {
            return true;
        }
        return isConfirmed(this.dialogs, {
            title: _t("Discard what was typed?"),
            body: _t("What you typed or chose here has not been sent or saved."),
            confirmLabel: _t("Discard it"),
            cancelLabel: _t("Go on typing"),
        });
    }

    /** Who looks at another tab meanwhile has pressed nothing either. */
    beforeVisibilityChange() {
        return this.env.dialogData ? undefined : super.beforeVisibilityChange();
    }

    beforeUnload(ev) {
        if (!this.env.dialogData || !this.canCreate) {
            return super.beforeUnload(ev);
        }
        if (this.isTyped) {
            ev.preventDefault();
            ev.returnValue = true;
        }
    }
}

registry.category("views").add("kho_dl_typed", { ...formView, Controller: KhoDlTypedController });
