import { registry } from "@web/core/registry";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";

import { goToNeeded, isEnter } from "./go_on";

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
        // Chosen from the list with Enter: `update` follows.
        this.keys.entered = isEnter(ev) && !this.props.record.resId ? ev.target : null;
        const { data } = this.props.record;
        const isChoosing = ev.target.getAttribute("aria-expanded") === "true";
        if (this.keys.entered && !isChoosing && data[this.props.name]?.display_name === ev.target.value) {
            ev.preventDefault();
            this.goOn(ev.target);
        }
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
