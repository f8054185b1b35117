import { useExternalListener, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

import { goOn, goTo, isEnter } from "./go_on";
import { numberFault } from "./id_number";

/**
 * The id number, typed, pasted, or scanned off the card by a scanner that types: what is wrong with it is said beside it
 * while it is typed, and Enter, which scanners send, goes on to what is still empty, as Tab does.
 */
export class KhoDlNumberField extends CharField {
    static template = "kho_dl.NumberField";

    setup() {
        super.setup();
        this.said = useState({ fault: "" });
        useExternalListener(document, "keydown", (ev) => this.onPersonKeydown(ev));
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
        if (!isEnter(ev) && !this.isTabToAnswer(ev)) {
            return;
        }
        ev.preventDefault();
        // Scanners send one Enter, or two.
        if (this.isGoing) {
            return;
        }
        this.isGoing = true;
        // What is typed before the answer is no part of the number.
        const input = this.input.el;
        input.readOnly = true;
        try {
            await this.goOn();
        } finally {
            input.readOnly = false;
            this.isGoing = false;
        }
    }

    /** The field that Tab leads to may give way to another one, as soon as the server has said whose number it is. */
    isTabToAnswer(ev) {
        const isTab = ev.key === "Tab" && !ev.shiftKey && !ev.ctrlKey && !ev.altKey && !ev.metaKey;
        const number = ev.target.value;
        return isTab && number && number !== this.formattedValue && !numberFault(number, true);
    }

    /** Go on once the server has said whose number it is. */
    async goOn() {
        const { record } = this.props;
        await record.isDirty();
        await record.model.mutex.getUnlockedDef();
        // The fields of an applicant who is not known yet appear.
        await new Promise((resolve) => setTimeout(resolve, 50));
        const input = this.input.el;
        if (this.restored) {
            // What is asked about the number is answered first.
            goTo(input.closest(".o_field_widget").querySelector("button"));
        } else if (record.data.card_words && record.data.is_new_person) {
            // The name is compared with the card, and corrected, before anything else.
            goTo(input.closest(".o_form_view").querySelector("[name='person_name'] input"));
        } else if (!this.said.fault && record.data[this.props.name]) {
            goOn(input);
        }
    }

    /** Enter goes on from what is typed of a new applicant, too. */
    onPersonKeydown(ev) {
        const isPerson = ev.target.matches?.(".o_kho_dl_upper [name^='person_'] input");
        if (isPerson && isEnter(ev) && !this.props.record.resId) {
            goOn(ev.target);
        }
    }

    // A case that was never saved has no server to press a button on.
    get restored() {
        return !this.props.record.resId && this.props.record.data.number_restored;
    }
    get isAskedForTaxCode() {
        return this.restored && this.props.record.data.may_be_tax_code;
    }

    async restore() {
        await this.props.record.update({ [this.props.name]: this.restored });
        await this.goOn();
    }

    async confirm() {
        await this.props.record.update({ is_number_right: true });
        await this.goOn();
    }
}

registry.category("fields").add("kho_dl_number", { ...charField, component: KhoDlNumberField });
