import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { TourPointer } from "@web_tour/js/tour_pointer/tour_pointer";

// Odoo compares with the dialog when one opens, while the pointer still has the button that opened it: what is pointed
// to first in a dialog would have no pointer.
patch(TourPointer.prototype, {
    setup() {
        super.setup();
        const ui = useService("ui");
        useEffect(
            (anchor, isVisible) => {
                if (anchor && isVisible) {
                    this.state.triggerBelow = !ui.activeElement.contains(anchor);
                }
            },
            () => [this.props.pointerState.anchor, this.props.pointerState.isVisible]
        );
    },
});
