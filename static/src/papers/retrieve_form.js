import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

import { KhoDlKeptController } from "../stay/kept_form";
import { useScanner } from "../stay/scanner";

/** A clerk with a queue in front reads no dialog, and finds the form as it was. */
export class KhoDlRetrieveController extends KhoDlKeptController {
    setup() {
        super.setup();
        useScanner((text) => this.onScan(text), this.rootRef);
    }

    /** The tick of the consent is an order to look: it is saved with that, or not at all. */
    get isKeptAtOnce() {
        const { consent_given: given, query_id: asked } = this.model.root.data;
        return Boolean(asked) || !(given && "consent_given" in this.model.root._changes);
    }

    /** What is scanned while no field has the keyboard is the number that is asked for, where there is one to type. */
    onScan(text) {
        const numbers = [...(this.rootRef.el?.querySelectorAll(".o_kho_dl_number input") || [])];
        const number = numbers.find((input) => !input.value) || numbers[0];
        // A card is no number of a paper.
        if (!number || text.includes("|")) {
            const words = _t("Nothing was done with what was scanned: it is no number that is asked for here.");
            this.notification.add(words, { type: "warning" });
            return;
        }
        number.focus();
        number.value = text;
        number.dispatchEvent(new InputEvent("input", { bubbles: true }));
        number.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    }

    isRefused(button) {
        return findFaults(button, this.model.root);
    }
}

export function isSilent(paper) {
    return paper.data.selected && paper.data.needs_reason && !(paper.data.reason || "").trim();
}

export function isNumberMissing(document) {
    return document.data.plan === "number" && !(document.data.paper_number || "").trim();
}

/** Return whether `button` of the retrieval form would be refused: nothing ticked, a reason or a number missing. */
export function findFaults(button, form) {
    if (button === "action_attach") {
        const papers = form.data.line_ids.records;
        return !papers.some((paper) => paper.data.selected) || papers.some(isSilent);
    }
    if (button === "action_search") {
        const documents = form.data.document_ids.records;
        const asking = documents.filter((document) => ["ask", "number", "failed"].includes(document.data.plan));
        return asking.length > 0 && asking.every(isNumberMissing);
    }
    return false;
}

registry.category("views").add("kho_dl_retrieve", { ...formView, Controller: KhoDlRetrieveController });
