import { Component, onWillDestroy, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { useLook } from "./look_state";

// The server answers sooner: this is for a server, or a line to it, that does not.
const PATIENCE = 40000;
const ZOOMS = [100, 150, 200, 300];

/** Shows the pages of what is looked at (see `useLook`) beside the list in which somebody clicked on it. */
export class KhoDlViewer extends Component {
    static template = "kho_dl.Viewer";
    static props = { ...standardWidgetProps };

    setup() {
        this.root = useRef("root");
        this.paper = useRef("paper");
        this.look = useLook(this.props.record.model);
        this.state = useState({
            seen: false,
            error: "",
            isLoading: false,
            file: 0,
            page: 1,
            zoom: 0,
            isTurning: false,
            isPageLost: false,
        });
        useEffect(
            (ask) => {
                if (ask) {
                    this.opener = document.activeElement;
                    this.load();
                }
            },
            () => [this.look.ask]
        );
        onWillStart(() => {
            this.look.viewers++;
        });
        onWillDestroy(() => this.look.viewers--);
        // The pager may put another record before the same viewer, and what is seen is not about that one.
        useEffect(
            () => () => this.close(false),
            () => [this.props.record.resId]
        );
    }

    async load() {
        const { ask } = this.look;
        Object.assign(this.state, {
            seen: false,
            error: "",
            isLoading: true,
            file: 0,
            page: 1,
            zoom: 0,
            isPageLost: false,
        });
        let timer;
        const late = new Promise((resolve, reject) => {
            timer = browser.setTimeout(() => reject(new Error()), PATIENCE);
        });
        let seen = false;
        let error = "";
        try {
            seen = await Promise.race([ask.load(), late]);
        } catch (failure) {
            error =
                failure.data?.message ||
                _t("The pages did not come. The form is as it was: try again, or go on without.");
        }
        browser.clearTimeout(timer);
        // Meanwhile something else may be looked at, or nothing.
        if (this.look.ask === ask) {
            Object.assign(this.state, {
                seen,
                error,
                isLoading: false,
                isTurning: Boolean(seen.files?.[0]?.shown_count),
            });
            this.root.el?.focus();
            this.root.el?.scrollIntoView({ block: "nearest" });
        }
    }

    close(isFocusGivenBack = true) {
        // Made anew where a file arrived meanwhile.
        const opener = this.opener?.isConnected
            ? this.opener
            : document.querySelector(".o_kho_dl_look_file[aria-pressed='true']");
        this.look.ask = false;
        this.state.seen = false;
        if (isFocusGivenBack) {
            opener?.focus();
        }
    }

    get file() {
        return this.state.seen?.files?.[this.state.file];
    }

    get address() {
        return `${this.file.address}/${this.state.page}.jpg`;
    }

    get pageWords() {
        return _t("Page %(page)s of %(count)s", { page: this.state.page, count: this.file.page_count });
    }

    get fewWords() {
        return _t("Before it is attached, its first %s pages are shown.", this.file.shown_count);
    }

    get canTurnBack() {
        return this.state.page > 1 || this.state.file > 0;
    }

    get canTurnOn() {
        return this.state.page < this.file.shown_count || this.state.file < this.state.seen.files.length - 1;
    }

    /** Turn to the next page (1) or the one before (-1), and from the last one to the next file. */
    turn(step) {
        const { state } = this;
        const page = state.page + step;
        if (page >= 1 && page <= this.file.shown_count) {
            this.show(state.file, page);
        } else if (state.seen.files[state.file + step]) {
            const file = state.file + step;
            this.show(file, step > 0 ? 1 : Math.max(1, state.seen.files[file].shown_count));
        }
    }

    show(file, page) {
        Object.assign(this.state, { file, page, isPageLost: false });
        this.state.isTurning = Boolean(this.file.shown_count);
        this.paper.el?.scrollTo(0, 0);
    }

    onPage(isThere) {
        Object.assign(this.state, { isTurning: false, isPageLost: !isThere });
    }

    /** Ask for a page again that did not come. */
    askAgain() {
        const { page } = this.state;
        Object.assign(this.state, { page: 0, isPageLost: false });
        browser.setTimeout(() => this.show(this.state.file, page));
    }

    get zoom() {
        return ZOOMS[this.state.zoom];
    }

    canZoom(step) {
        return ZOOMS[this.state.zoom + step] !== undefined;
    }

    magnify(step) {
        if (this.canZoom(step)) {
            this.state.zoom += step;
        }
    }

    onKeydown(ev) {
        const does = {
            Escape: () => this.close(),
            PageDown: () => this.file && this.turn(1),
            PageUp: () => this.file && this.turn(-1),
            "+": () => this.magnify(1),
            "=": () => this.magnify(1),
            "-": () => this.magnify(-1),
        }[ev.key];
        if (does && !ev.altKey && !ev.ctrlKey && !ev.metaKey) {
            // Escape ends the look, not the form beside it.
            ev.preventDefault();
            ev.stopPropagation();
            does();
        }
    }
}

registry.category("view_widgets").add("kho_dl_viewer", { component: KhoDlViewer });
