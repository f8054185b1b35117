import { patch } from "@web/core/utils/patch";
import { RelationalModel } from "@web/model/relational_model/relational_model";

// A new form opens with what Odoo remembers of the last one, and what the server says meanwhile follows: what was typed by
// then stays in it, but Odoo takes it for nothing that would be lost.
patch(RelationalModel.Record.prototype, {
    _setData(data, options = {}) {
        const isTyped = this.dirty && options.keepChanges;
        super._setData(data, options);
        this.dirty ||= isTyped;
    },
});
