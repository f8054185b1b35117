import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { StatusBarField, statusBarField } from "@web/views/fields/statusbar/statusbar_field";
import { isConfirmed } from "./confirmed";

// Not accepted, withdrawn by the citizen, stopped: the applicant and the portal are told that nothing comes of the case.
const WITHOUT_RESULT = ["3", "7", "8"];

/** The steps of a case: where somebody has to say why, the server answers with the form that asks. */
export class KhoDlStepField extends StatusBarField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
    }

    /**
     * Steps aside from the way to the result, such as asking for more documents, stand behind "...". They come first here:
     * what is next of a step (Alt+X) is never one of them. A case that waits goes back to the step before; nothing is next
     * of one that has ended without a result.
     */
    getAllItems() {
        const { visibleSelection } = this.props;
        const items = super.getAllItems();
        const aside = this.field.selection.filter(([value]) => !items.some((item) => item.value === value));
        const here = items.findIndex((item) => item.isSelected && !visibleSelection.includes(item.value));
        const isOver = here >= 0 && WITHOUT_RESULT.includes(items[here].value);
        const further = isOver ? items.splice(here + 1) : [];
        if (here > 0 && !isOver) {
            [items[here - 1], items[here]] = [items[here], items[here - 1]];
        }
        return [
            ...aside.map(([value, label]) => ({ value, label, isFolded: true, isSelected: false })),
            ...further.map((item) => ({ ...item, isFolded: true })),
            ...items,
        ];
    }

    async selectItem(item) {
        // A second click while the first is on its way is the same wish.
        if (this.isStepping) {
            return;
        }
        this.isStepping = true;
        try {
            if (!WITHOUT_RESULT.includes(item.value) || (await this.isMeant(item))) {
                await this.step(item.value);
            }
        } finally {
            this.isStepping = false;
        }
    }

    /** These stand one below the other: a press beside the right one would end the case. */
    isMeant({ label }) {
        return isConfirmed(this.dialog, {
            title: label,
            body: _t("The case ends with this step, without a result."),
            confirmLabel: label,
        });
    }

    async step(state) {
        const { record } = this.props;
        // What is typed on the case is kept first.
        if (!(await record.save())) {
            return;
        }
        const action = await this.orm.call(record.resModel, "action_step", [[record.resId], state]);
        if (action) {
            await this.action.doAction(action, { onClose: () => this.show() });
        } else {
            await this.show();
        }
    }

    async show() {
        const { record } = this.props;
        await record.load();
        this.env.bus.trigger("MAIL:RELOAD-THREAD", { model: record.resModel, id: record.resId });
    }
}

registry.category("fields").add("kho_dl_steps", { ...statusBarField, component: KhoDlStepField });
