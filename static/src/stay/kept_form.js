import { status, useExternalListener, useState, useSubEnv } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { rpcBus } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { KhoDlAtWorkController } from "./at_work_form";

// How long somebody who types must rest for it to be kept.
const REST = 700;

/**
 * A form in a dialog that loses nothing: what is ticked or typed is kept on the server as it is made, so that it is
 * there again after Escape, a reload, the browser's "back", and in another tab. What the server would refuse is said where
 * it is about, before it is called; the server has the last word all the same.
 */
export class KhoDlKeptController extends KhoDlAtWorkController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        this.action = useService("action");
        // `button`: the one that was pressed in vain. What is missing is read off the records, so that it goes away
        // by itself as it is filled in.
        this.faults = useState({ button: false });
        useSubEnv({ khoDlFaults: this.faults });
        if (this.env.dialogData) {
            this.env.dialogData.dismiss = () => this.leave();
        }
        const keepTyped = useDebounced(() => this.model.root.isDirty(), REST, { execBeforeUnmount: false });
        useExternalListener(document, "input", (ev) => this.isOurs(ev.target) && keepTyped());
        // Another tab, or a colleague, may have gone on meanwhile.
        useExternalListener(document, "visibilitychange", () => this.lookAgain());
    }

    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRecordChanged = () => this.keepSoon();
        return params;
    }

    isOurs(element) {
        return Boolean(this.rootRef.el?.contains(element));
    }

    /** Whether what was changed is saved at once; what orders something by itself is saved with its order. */
    get isKeptAtOnce() {
        return true;
    }

    /** Save after the change that is under way; one save takes all that were made meanwhile. */
    keepSoon() {
        const { root } = this.model;
        if (this.isKeepingSoon || !this.isKeptAtOnce || !root.resId) {
            return;
        }
        this.isKeepingSoon = true;
        setTimeout(() => {
            this.isKeepingSoon = false;
            if (root.dirty && this.isKeptAtOnce && status(this) !== "destroyed") {
                // Not read anew: the place where somebody types would be made anew, too.
                root.save({ reload: false });
            }
        });
    }

    async lookAgain() {
        if (document.visibilityState === "visible" && !(await this.model.root.isDirty())) {
            await this.model.root.load();
        }
    }

    /** Save what there is; where the server takes it no more, say so, and close all the same. */
    async keep() {
        const { root } = this.model;
        try {
            if (await root.isDirty()) {
                await root.save({ reload: false });
            }
        } catch (error) {
            const words = error.data?.message || _t("What was typed or ticked last could not be kept.");
            this.notification.add(words, { type: "warning" });
            await root.discard();
        }
    }

    /** Somebody who goes on to the next case: what a call that still runs answers is not to come up in front of that. */
    async leave() {
        await this.keep();
        // What had to be saved first is saved: the call is on its way a turn later.
        await new Promise((resolve) => setTimeout(resolve));
        if (this.isAtWork && this.pressed) {
            this.tellWhatIsRefused(this.pressed);
            // Odoo's way to give up the answer of a button: another action. Of what the call does nothing is given up.
            await this.action.doAction({ type: "ir.actions.act_window_close" });
        }
    }

    /** Say beside the screen, and of which page, why the running call of `button` did nothing. */
    tellWhatIsRefused(button) {
        const title = this.action.currentController?.displayName;
        const onAnswer = ({ detail: { data, error } }) => {
            if (data.params.method === button) {
                rpcBus.removeEventListener("RPC:RESPONSE", onAnswer);
                const words = error?.data?.message || _t("No answer came. Open it again to see what was done.");
                error && this.notification.add(words, { title, type: "danger", sticky: true });
            }
        };
        rpcBus.addEventListener("RPC:RESPONSE", onAnswer);
    }

    /** Return whether the server would refuse the button of this name. */
    isRefused() {
        return false;
    }

    async beforeExecuteActionButton(clickParams) {
        this.faults.button = false;
        // What is typed and not left yet counts.
        await this.model.root.isDirty();
        if (clickParams.special === "cancel") {
            await this.keep();
        } else if (this.isRefused(clickParams.name)) {
            this.faults.button = clickParams.name;
            return false;
        }
        this.pressed = clickParams.name;
        return super.beforeExecuteActionButton(clickParams);
    }
}
