import { Component, onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CharField } from "@web/views/fields/char/char_field";
import { Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

import { useLook } from "../viewer/look_state";
import { isNumberMissing, isSilent } from "./retrieve_form";

const PLAN_COLOURS = {
    attached: "success",
    other_number: "danger",
    fetching: "info",
    local: "primary",
    found: "primary",
    ask: "secondary",
    number: "warning",
    none: "warning",
    no_file: "warning",
    failed: "danger",
    hand_in: "secondary",
};
const STATUS_COLOURS = { waiting: "info", attached: "success", failed: "danger" };

/**
 * The required documents, each with the papers that exist of it. `options.papers` names the field
 * that holds the papers; both lists link by `case_document_id`.
 */
export class KhoDlPapersField extends Component {
    static template = "kho_dl.PapersField";
    static components = { CharField, CheckBox, Many2OneField };
    static props = {
        ...standardFieldProps,
        papers: { type: String },
    };

    setup() {
        this.root = useRef("root");
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.look = useLook(this.props.record.model);
        // `unasked`: the document whose number was typed, and which may not be asked for yet.
        this.state = useState({ unasked: false });
        this.faults = useState(this.env.khoDlFaults || { button: false });
        useEffect(
            (button) => button && this.focusFault(),
            () => [this.faults.button]
        );
        // The dialog puts the focus on its own first element once it is complete, buttons included: go after it.
        onMounted(() => setTimeout(() => this.focusNextStep()));
    }

    /** Put the keyboard where the clerk goes on: consent, a choice to make, the main button, or the way out. */
    focusNextStep() {
        const dialog = this.root.el?.closest(".modal");
        const isChosen = Boolean(dialog?.querySelector(".o_kho_dl_paper input:checked:enabled"));
        const steps = [
            ".o_kho_dl_consent input:enabled",
            ".modal-footer .btn-primary[name='action_search']",
            isChosen && ".modal-footer [name='action_attach']",
            ".o_kho_dl_paper input:enabled",
            ".modal-footer .btn:last-child",
        ];
        steps
            .map((step) => step && dialog?.querySelector(step))
            .find(Boolean)
            ?.focus();
    }

    /** Put the keyboard where what is missing is filled in. */
    focusFault() {
        const steps = [".o_kho_dl_fault input", ".o_kho_dl_paper input:enabled", ".o_kho_dl_fault"];
        const place = steps.map((step) => this.root.el?.querySelector(step)).find(Boolean);
        this.root.el?.querySelector(".o_kho_dl_fault")?.scrollIntoView({ block: "nearest" });
        place?.focus();
    }

    get isNothingSelected() {
        const papers = this.props.record.data[this.props.papers].records;
        return this.faults.button === "action_attach" && !papers.some((paper) => paper.data.selected);
    }

    isReasonMissing(paper) {
        return this.faults.button === "action_attach" && isSilent(paper);
    }

    isNumberMissing(document) {
        return this.faults.button === "action_search" && isNumberMissing(document);
    }

    isConsentMissing(document) {
        return this.state.unasked === document.resId && this.isConsentWanted;
    }

    get isConsentWanted() {
        const { consent_needed: needed, consent_given: given, query_id: asked } = this.props.record.data;
        return Boolean(needed && !given && !asked);
    }

    /** Enter in the field of a number asks for that paper alone; so does the Enter that a hand scanner types. */
    async onNumberKey(ev, document) {
        if (getActiveHotkey(ev) !== "enter") {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        await this.props.record.isDirty();
        this.state.unasked = document.resId;
        if (this.isAsking || !(document.data.paper_number || "").trim()) {
            return;
        }
        if (this.isConsentWanted) {
            this.root.el.closest(".modal")?.querySelector(".o_kho_dl_consent input")?.focus();
            return;
        }
        this.isAsking = true;
        try {
            await this.askFor(document);
        } finally {
            this.isAsking = false;
        }
    }

    askFor(document) {
        const { context, evalContext } = this.props.record;
        const { resModel, resId } = document;
        return this.env.onClickViewButton({
            clickParams: { name: "action_ask", type: "object" },
            getResParams: () => ({ context, evalContext, resModel, resId, resIds: [resId] }),
        });
    }

    /** Enter in a reason says that it is typed: the keyboard goes on, and nothing is pressed. */
    onReasonKey(ev) {
        if (getActiveHotkey(ev) === "enter") {
            ev.preventDefault();
            ev.stopPropagation();
            this.root.el.closest(".modal")?.querySelector(".modal-footer [name='action_attach']")?.focus();
        }
    }

    get documents() {
        return this.props.record.data[this.props.name].records;
    }

    papersOf(document) {
        return this.props.record.data[this.props.papers].records.filter(
            (paper) => paper.data.case_document_id.id === document.data.case_document_id.id
        );
    }

    fileNames(paper) {
        return (paper.data.file_names || "").split("\n").filter(Boolean);
    }

    /** Return what kind of file `name` says it is: names of other offices are for the provenance. */
    fileKind(name) {
        return name.match(/\.([a-z0-9]{2,5})$/i)?.[1].toUpperCase() || name;
    }

    label(record, name) {
        const selection = record.fields[name].selection;
        return selection.find(([value]) => value === record.data[name])?.[1] || "";
    }

    planColour(document) {
        // What nobody has to hand in warns of nothing.
        const isQuiet = document.data.plan === "number" && !document.data.required;
        return isQuiet ? "secondary" : PLAN_COLOURS[document.data.plan];
    }

    statusColour(paper) {
        return STATUS_COLOURS[paper.data.status];
    }

    /** Whether the line of the document says already that this paper, its only one, is on the case, or on its way. */
    isSaidAbove(document, paper) {
        const said = { attached: "attached", waiting: "fetching" }[paper.data.status];
        return document.data.plan === said && this.papersOf(document).length === 1;
    }

    canSelect(paper) {
        return paper.data.file_count && !["attached", "waiting"].includes(paper.data.status);
    }

    canPropose(document) {
        return document.data.plan === "hand_in" && document.data.mapping_state === "open" && !document.data.is_form;
    }

    /** Let the clerk say which result a document is that nobody has mapped; an administrator decides. */
    propose(document) {
        const { id } = document.data.case_document_id;
        this.dialog.add(SelectCreateDialog, {
            title: _t("Which result is “%s”?", document.data.name),
            resModel: "kho.dl.result.code",
            multiSelect: false,
            noCreate: true,
            onSelected: async ([codeId]) => {
                const action = await this.orm.call("kho.dl.case.document", "action_propose_result", [[id], codeId]);
                this.notification.add(action.params.message, { type: action.params.type });
            },
        });
    }

    canLook(paper) {
        return paper.resId && paper.data.file_count && paper.data.status !== "attached";
    }

    lookLabel(paper) {
        return _t("Preview: %s", paper.data.name);
    }

    isLookedAt(paper) {
        return this.look.ask && this.look.ask.key === paper.resId;
    }

    /** Show the pages of a paper beside the list; nothing of the form changes or waits. */
    lookAt(paper) {
        const { resModel, resId, data } = paper;
        const load = () => this.orm.silent.call(resModel, "action_look", [[resId]]);
        this.look.ask = { key: resId, title: data.name, isPreview: true, load };
    }

    select(paper, selected) {
        return paper.update({ selected });
    }
}

registry.category("fields").add("kho_dl_papers", {
    ...x2ManyField,
    component: KhoDlPapersField,
    extractProps: ({ options }) => ({ papers: options.papers }),
});
