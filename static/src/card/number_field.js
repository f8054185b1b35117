import { useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

import { goOn } from "./go_on";
import { numberFault } from "./id_number";

/**
 * The id number, typed, pasted, or scanned off the card by a scanner that types: what is wrong with it is said beside it
 * while it is typed, and Enter, which scanners send, goes on to what is still empty.
 */
export class KhoDlNumberField extends CharField {
    static template = "kho_dl.NumberField";

    setup() {
        super.setup();
        this.said = useState({ fault: "" });
    }

    get faultId() {
        return `${this.props.id}_fault`;
    }

    /** A number that nobody can have is not even looked for: the form stays as it was, and says why. */
    parse(value) {
        const number = super.parse(value);
        this.said.fault = numberFault(number, true);
        if (this.said.fault) {
            throw new Error("no id number");
        }
        return number;
    }

    onInput(ev) {
        this.said.fault = numberFault(ev.target.value, false);
    }

    onFocus(ev) {
        // The next scan takes the place of what stands there.
        ev.target.select();
    }

    async onKeydown(ev) {
        if (ev.key !== "Enter" || ev.isComposing || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        ev.preventDefault();
        // Scanners send one Enter, or two.
        if (this.isGoing) {
            return;
        }
        this.isGoing = true;
        const input = ev.target;
        const { record } = this.props;
        try {
            await record.isDirty();
            await record.model.mutex.getUnlockedDef();
            // The fields of an applicant who is not known yet appear.
            await new Promise((resolve) => setTimeout(resolve, 50));
        } finally {
            this.isGoing = false;
        }
        // What is asked about the number is answered first.
        if (!this.said.fault && record.data[this.props.name] && !this.restored) {
            goOn(input);
        }
    }

    // A case that was never saved has no server to press a button on.
    get restored() {
        return !this.props.record.resId && this.props.record.data.number_restored;
    }
    get isAskedForTaxCode() {
        return this.restored && this.props.record.data.may_be_tax_code;
    }

    restore() {
        return this.props.record.update({ [this.props.name]: this.restored });
    }

    confirm() {
        return this.props.record.update({ is_number_right: true });
    }
}

registry.category("fields").add("kho_dl_number", { ...charField, component: KhoDlNumberField });
