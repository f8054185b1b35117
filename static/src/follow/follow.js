import { Component, onMounted, onWillUnmount, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// News come over Odoo's bus; the clock is for a connection that was lost. The first look is for what was on its way as the
// record was read, and ended before anybody followed it.
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
        const onNews = ({ case_id: caseId }) => caseId === this.caseId && this.look();
        // The pager may put another case before the same widget.
        useEffect(
            (caseId) => {
                const channel = `kho_dl.case_${caseId}`;
                bus.addChannel(channel);
                return () => bus.deleteChannel(channel);
            },
            () => [this.caseId]
        );
        onMounted(() => {
            bus.subscribe("kho_dl.progress", onNews);
            this.wait(MOMENT);
        });
        onWillUnmount(() => {
            this.isGone = true;
            clearTimeout(this.timer);
            bus.unsubscribe("kho_dl.progress", onNews);
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

    get failed() {
        return this.props.record.data.fetch_failed;
    }

    percent(count) {
        return this.total ? Math.round((100 * count) / this.total) : 0;
    }

    wait(time = PATIENCE) {
        clearTimeout(this.timer);
        // A record may still have been on its way when the view closed: nobody looks any more.
        if (!this.isGone) {
            this.timer = setTimeout(() => this.look(), time);
        }
    }

    async look() {
        this.hasNews = true;
        if (this.isLooking) {
            return;
        }
        this.isLooking = true;
        try {
            // News that come while the record is read ask for one more reading, not for one each.
            while (this.hasNews && !this.isGone) {
                this.hasNews = false;
                await this.read();
            }
        } finally {
            this.isLooking = false;
            this.wait();
        }
    }

    async read() {
        const { record } = this.props;
        // What the clerk is typing must not be lost to a reload.
        if (record.resId && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("kho_dl_follow", { component: KhoDlFollow });
