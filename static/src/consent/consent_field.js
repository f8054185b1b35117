import { registry } from "@web/core/registry";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/**
 * The applicant's consent: ticking it is the order to look, so that a clerk with a queue in
 * front does not confirm the same thing twice.
 */
export class KhoDlConsentField extends BooleanField {
    async onChange(given) {
        super.onChange(given);
        if (!given) {
            return;
        }
        const { record } = this.props;
        try {
            await this.env.onClickViewButton({
                clickParams: { name: "action_search", type: "object", "block-ui": "1" },
                // The button pipeline of the form saves before it calls: the tick is stored by then.
                getResParams: () => ({
                    context: record.context,
                    evalContext: record.evalContext,
                    resModel: record.resModel,
                    resId: record.resId,
                    resIds: record.resIds,
                }),
            });
        } catch (error) {
            // Nothing was asked: the tick goes back, and ticking again asks again.
            await record.update({ [this.props.name]: false }, { save: true });
            throw error;
        }
    }
}

registry.category("fields").add("kho_dl_consent", { ...booleanField, component: KhoDlConsentField });
