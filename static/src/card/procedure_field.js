import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";

import { goTo, goToNeeded, isEnter } from "./go_on";
import { isStrayCard } from "./id_number";

// What is to be compared with the card before anybody is asked.
const WARNINGS = ["card_words", "number_words", "owner_warning"];

/**
 * What a case is about. On a new case Enter chooses it and goes on: to what is still missing, else the case is saved
 * and its papers are looked for.
 */
export class KhoDlProcedureField extends Many2OneField {
    static template = "kho_dl.ProcedureField";

    setup() {
        super.setup();
        this.notification = useService("notification");
        // An object: what a template reads, as `m2oProps`, is not run on the component itself, and what it wrote there the
        // component would never see.
        this.keys = { entered: null, isGoing: false };
    }

    get m2oProps() {
        const { update, ...props } = super.m2oProps;
        return {
            ...props,
            update: async (value, options) => {
                const input = this.keys.entered;
                this.keys.entered = null;
                await update(value, options);
                const { data } = this.props.record;
                if (input && data[this.props.name] && !WARNINGS.some((name) => data[name])) {
                    await this.goOn(input);
                }
            },
        };
    }

    onKeydown(ev) {
        if (isEnter(ev) && isStrayCard(ev.target.value)) {
            this.refuseCard(ev);
            return;
        }
        // Chosen from the list with Enter: `update` follows.
        this.keys.entered = isEnter(ev) && !this.props.record.resId ? ev.target : null;
        const { data } = this.props.record;
        const isChoosing = ev.target.getAttribute("aria-expanded") === "true";
        if (this.keys.entered && !isChoosing && data[this.props.name]?.display_name === ev.target.value) {
            ev.preventDefault();
            this.goOn(ev.target);
        }
    }

    /** The second of two scans in a row: the first one led here. */
    refuseCard(ev) {
        ev.preventDefault();
        ev.stopPropagation();
        const input = ev.target;
        input.value = "";
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        goTo(input);
        const words = _t(
            "Nothing was done with this card: here the procedure is chosen. If it is another person's, scan it again in the field of the id number."
        );
        this.notification.add(words, { type: "warning" });
    }

    onPointerdown() {
        this.keys.entered = null;
    }

    async goOn(input) {
        const { record } = this.props;
        if (this.keys.isGoing) {
            return;
        }
        this.keys.isGoing = true;
        try {
            await record.isDirty();
            // The field of what goes with the choice appears.
            await new Promise((resolve) => setTimeout(resolve, 50));
            if (input.isConnected && !goToNeeded(input)) {
                // Where the keyboard comes back to: the next key must not change what was chosen.
                input.closest(".o_form_view").querySelector("[name='action_kho_dl_retrieve']")?.focus();
                await this.look();
            }
        } finally {
            this.keys.isGoing = false;
        }
    }

    /** As if the button were pressed; the form saves before it calls. */
    look() {
        const { record } = this.props;
        return this.env.onClickViewButton({
            clickParams: { name: "action_kho_dl_retrieve", type: "object" },
            getResParams: () => {
                const { context, evalContext, resModel, resId, resIds } = record;
                return { context, evalContext, resModel, resId, resIds };
            },
        });
    }
}

registry.category("fields").add("kho_dl_procedure", buildM2OFieldDescription(KhoDlProcedureField));
