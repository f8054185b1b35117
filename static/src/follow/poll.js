import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const MOMENT = 2000;

/** Reads the record again every moment, until the view makes this widget invisible: work goes on in the background. */
export class KhoDlPoll extends Component {
    static template = xml`<i class="fa fa-spinner fa-spin" role="img" aria-hidden="true"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => this.wait());
        onWillUnmount(() => {
            this.isGone = true;
            clearTimeout(this.timer);
        });
    }

    wait() {
        if (!this.isGone) {
            this.timer = setTimeout(() => this.look(), MOMENT);
        }
    }

    async look() {
        try {
            const { record } = this.props;
            // What somebody is typing must not be lost to a reload.
            if (!(await record.isDirty())) {
                await record.load();
            }
        } finally {
            this.wait();
        }
    }
}

registry.category("view_widgets").add("kho_dl_poll", { component: KhoDlPoll });
