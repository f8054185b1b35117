import { Component, onWillStart, useExternalListener, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "kho.dl.procedure.document";
const SURE = 90;
const PATIENCE = 400;

/** The desk at which an administrator maps one required document after the other, by keyboard. */
export class KhoDlMapping extends Component {
    static template = "kho_dl.Mapping";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.searching = new KeepLast();
        this.state = useState({
            open: 0,
            mapped: 0,
            documents: [],
            current: 0,
            chosen: 0,
            found: [],
            wanted: "",
            text: "",
            sectors: [],
            agencies: [],
            sector_id: false,
            agency_id: false,
            sure: SURE,
            all: true,
        });
        this.look = useDebounced(() => this.load(), PATIENCE);
        this.lookForResult = useDebounced(() => this.searchResult(), PATIENCE);
        onWillStart(async () => {
            const names = ["display_name"];
            [this.state.sectors, this.state.agencies] = await Promise.all([
                this.orm.searchRead("kho.dl.sector", [], names),
                this.orm.searchRead("kho.dl.agency", [], names),
                this.load(),
            ]);
        });
        useExternalListener(window, "keydown", (event) => this.onKey(event));
    }

    get filters() {
        const { sector_id, agency_id, text } = this.state;
        return { sector_id: Number(sector_id), agency_id: Number(agency_id), text };
    }

    get document() {
        return this.state.documents[this.state.current];
    }

    /** What the document could be: what was typed for, or else the candidates. */
    get choices() {
        return this.state.wanted ? this.state.found : this.document?.candidates || [];
    }

    get percent() {
        const { mapped, open } = this.state;
        return mapped + open ? Math.floor((100 * mapped) / (mapped + open)) : 100;
    }

    async load() {
        const worklist = await this.orm.call(MODEL, "mapping_worklist", [this.filters]);
        Object.assign(this.state, worklist);
        this.go(Math.min(this.state.current, Math.max(0, worklist.documents.length - 1)));
    }

    go(place) {
        Object.assign(this.state, { current: place, chosen: 0, wanted: "", found: [] });
    }

    async searchResult() {
        const { wanted } = this.state;
        if (!wanted) {
            return;
        }
        const domain = ["|", ["code", "ilike", wanted], ["name", "ilike", wanted]];
        const rows = await this.searching.add(
            this.orm.searchRead("kho.dl.result.code", domain, ["code", "name"], { limit: 9 })
        );
        this.state.found = rows.map(({ id, code, name }) => ({ code_id: id, code, name, score: false, why: "" }));
        this.state.chosen = 0;
    }

    async decide(method, ...args) {
        if (!this.document || this.isBusy) {
            return;
        }
        this.isBusy = true;
        try {
            await this.orm.call(MODEL, method, [[this.document.id], ...args]);
        } finally {
            this.isBusy = false;
            await this.load();
        }
    }

    accept(place = this.state.chosen) {
        const choice = this.choices[place];
        return choice && this.decide("mapping_accept", [choice.code_id], this.state.all);
    }

    async undo() {
        const count = await this.orm.call(MODEL, "mapping_undo", []);
        this.notification.add(_t("Taken back: %s documents are to be mapped again.", count), { type: "info" });
        await this.load();
    }

    async acceptSure() {
        const score = Math.min(100, Math.max(50, Number(this.state.sure) || SURE));
        const count = await this.orm.call(MODEL, "mapping_accept_above", [score, this.filters, true]);
        if (!count) {
            this.notification.add(_t("No document has a single best candidate of %s points or more.", score), {
                type: "info",
            });
            return;
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Map many documents at once"),
            body: _t(
                "%(count)s documents are mapped to their best candidate of %(score)s points or more. One press takes all of it back.",
                {
                    count,
                    score,
                }
            ),
            confirmLabel: _t("Map them"),
            confirm: async () => {
                const done = await this.orm.call(MODEL, "mapping_accept_above", [score, this.filters]);
                this.notification.add(_t("Mapped: %s documents.", done), { type: "success" });
                await this.load();
            },
            cancel: () => {},
        });
    }

    onKey(event) {
        const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select");
        const hasModifier = event.ctrlKey || event.altKey || event.metaKey;
        if (hasModifier || document.querySelector(".modal") || (isTyping && !["Enter", "Escape"].includes(event.key))) {
            return;
        }
        const last = this.state.documents.length - 1;
        const actions = {
            Enter: () => this.accept(),
            Escape: () => {
                event.target.blur?.();
                this.go(this.state.current);
            },
            ArrowDown: () => this.go(Math.min(last, this.state.current + 1)),
            ArrowUp: () => this.go(Math.max(0, this.state.current - 1)),
            s: () => this.decide("mapping_skip"),
            n: () => this.decide("mapping_not_reusable", this.state.all),
            a: () => (this.state.all = !this.state.all),
            u: () => this.undo(),
        };
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const digit = Number(key);
        if (key === "Enter" && event.target.closest("button, a")) {
            return;
        }
        if (digit >= 1 && digit <= this.choices.length) {
            event.preventDefault();
            this.state.chosen = digit - 1;
            this.accept();
        } else if (actions[key]) {
            event.preventDefault();
            actions[key]();
        }
    }
}

registry.category("actions").add("kho_dl.mapping", KhoDlMapping);
