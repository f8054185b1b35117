import { registry } from "@web/core/registry";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/**
 * The applicant's consent: ticking it is the order to look, so that a clerk with a queue in
 * front does not confirm the same thing twice.
 */
export class KhoDlConsentField extends BooleanField {
    async onChange(given) {
        super.onChange(given);
        if (!given || this.isAsking) {
            return;
        }
        this.isAsking = true;
        try {
            await this.ask();
        } catch (error) {
            await this.takeBack({ save: true });
            throw error;
        } finally {
            this.isAsking = false;
        }
    }

    async ask() {
        const { record } = this.props;
        await this.env.onClickViewButton({
            clickParams: { name: "action_search", type: "object" },
            // The button pipeline of the form saves before it calls: the tick is stored by then.
            getResParams: () => ({
                context: record.context,
                evalContext: record.evalContext,
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
            }),
        });
        if (this.env.khoDlFaults?.button) {
            // Not even saved.
            await this.takeBack();
        }
    }

    /** Nothing was asked: the tick goes back, and ticking again asks again. */
    takeBack(options) {
        this.isAsking = false;
        return this.props.record.update({ [this.props.name]: false }, options);
    }
}

registry.category("fields").add("kho_dl_consent", { ...booleanField, component: KhoDlConsentField });
