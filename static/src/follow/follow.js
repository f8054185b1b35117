import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// News come over Odoo's bus; the clock is for a connection that was lost.
const PATIENCE = 15000;
const MOMENT = 2000;

/**
 * Follows work that goes on in the background, with a bar: reads the record again when there is news
 * of its case, until the view makes this widget invisible, which it does when nothing is under way.
 */
export class KhoDlFollow extends Component {
    static template = "kho_dl.Follow";
    static props = { ...standardWidgetProps };

    setup() {
        const bus = useService("bus_service");
        const channel = `kho_dl.case_${this.caseId}`;
        const onNews = ({ case_id: caseId }) => caseId === this.caseId && this.look();
        onMounted(() => {
            bus.addChannel(channel);
            bus.subscribe("kho_dl.progress", onNews);
            this.wait();
        });
        onWillUnmount(() => {
            clearTimeout(this.timer);
            bus.unsubscribe("kho_dl.progress", onNews);
            bus.deleteChannel(channel);
            // What arrived is summed up on the chatter, a moment after the last file.
            const { resModel: model, resId: id } = this.props.record;
            setTimeout(() => this.env.bus.trigger("MAIL:RELOAD-THREAD", { model, id }), MOMENT);
        });
    }

    get caseId() {
        const { case_id: ofForm } = this.props.record.data;
        return ofForm ? ofForm.id : this.props.record.resId;
    }

    get total() {
        return this.props.record.data.fetch_total;
    }

    get done() {
        return this.props.record.data.fetch_done;
    }

    get percent() {
        return this.total ? Math.round((100 * this.done) / this.total) : 0;
    }

    wait() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.look(), PATIENCE);
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
