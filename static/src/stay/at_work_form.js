import { FormController } from "@web/views/form/form_controller";

/** A form that knows whether the work of one of its buttons is being done, what has to be saved before it included. */
export class KhoDlAtWorkController extends FormController {
    async beforeExecuteActionButton(clickParams) {
        let isGoingOn = false;
        this.isAtWork = true;
        try {
            isGoingOn = await super.beforeExecuteActionButton(clickParams);
        } finally {
            // Where it goes on, until the button's work is done, which may lead to another page.
            this.isAtWork = isGoingOn !== false;
        }
        return isGoingOn;
    }

    async afterExecuteActionButton(clickParams) {
        this.isAtWork = false;
        return super.afterExecuteActionButton(clickParams);
    }
}
