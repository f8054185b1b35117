import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PAUSE = 2000;

/**
 * Follows work that goes on in the background: reads the record again until the
 * view makes this widget invisible, which it does when nothing is under way.
 */
export class KhoDlFollow extends Component {
    static template = "kho_dl.Follow";
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => this.wait());
        onWillUnmount(() => {
            clearTimeout(this.timer);
            // What arrived is summed up on the chatter, a moment after the last file.
            const { resModel: model, resId: id } = this.props.record;
            setTimeout(() => this.env.bus.trigger("MAIL:RELOAD-THREAD", { model, id }), PAUSE);
        });
    }

    wait() {
        this.timer = setTimeout(() => this.look(), PAUSE);
    }

    async look() {
        const { record } = this.props;
        try {
            // What the clerk is typing must not be lost to a reload.
            if (record.resId && !(await record.isDirty())) {
                await record.load();
            }
        } finally {
            this.wait();
        }
    }
}

registry.category("view_widgets").add("kho_dl_follow", { component: KhoDlFollow });
