import { useState, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * What the server would refuse is said here where it is about, before it is called: a clerk with a queue in front
 * reads no dialog, and finds the form as it was. The server has the last word all the same.
 */
export class KhoDlRetrieveController extends FormController {
    setup() {
        super.setup();
        // `button`: the one that was pressed in vain. What is missing is read off the records, so that it goes away
        // by itself as it is filled in.
        this.faults = useState({ button: false });
        useSubEnv({ khoDlFaults: this.faults });
    }

    async beforeExecuteActionButton(clickParams) {
        this.faults.button = false;
        // What is typed and not left yet counts.
        await this.model.root.isDirty();
        if (findFaults(clickParams.name, this.model.root)) {
            this.faults.button = clickParams.name;
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
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
