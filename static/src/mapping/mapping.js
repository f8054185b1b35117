import { Component, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { formatInteger } from "@web/views/fields/formatters";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "kho.dl.procedure.document";
const SURE = 90;
const PATIENCE = 400;
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]:not([contenteditable=false])";
const OPEN = ".modal, .o-dropdown--menu";
const PRESSED_BY_ENTER = "button, a, [role=button], [role=menuitem]";

/** The desk at which an administrator maps one required document after the other, by keyboard. */
export class KhoDlMapping extends Component {
    static template = "kho_dl.Mapping";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.searching = new KeepLast();
        this.root = useRef("root");
        this.isDeciding = false;
        this.isReading = false;
        this.lastReading = 0;
        this.state = useState({
            open: 0,
            mapped: 0,
            of_others: 0,
            documents: [],
            current: 0,
            chosen: 0,
            found: [],
            foundFor: "",
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

    /** Whether the choices belong to what is typed now. */
    get isFound() {
        return this.state.wanted === (this.state.wanted && this.state.foundFor);
    }

    /** What is on the screen is about to change: who presses a key now means what is seen now. */
    get isBusy() {
        return this.isDeciding || this.isReading;
    }

    get percent() {
        const { mapped, open } = this.state;
        return mapped + open ? Math.floor((100 * mapped) / (mapped + open)) : 100;
    }

    get left() {
        return formatInteger(this.state.open);
    }

    /** Whether somebody chose what to see, so that an empty list says nothing of the rest. */
    get isFiltered() {
        return Boolean(this.state.sector_id || this.state.agency_id || this.state.text);
    }

    /** Whether there is nothing that could be mapped, also nothing that is. */
    get isEmpty() {
        const { open, mapped, of_others } = this.state;
        return !this.isFiltered && !open && !mapped && !of_others;
    }

    /** What is not the user's to map, in words; "" where there is nothing. */
    get ofOthers() {
        const count = this.state.of_others;
        return count
            ? _t(
                  "%s documents of procedures of all companies, or of a company above: who keeps those maps them.",
                  formatInteger(count)
              )
            : "";
    }

    async load() {
        // Of several readings the one that was asked for last counts, whichever answer comes first.
        const reading = (this.lastReading += 1);
        this.isReading = true;
        try {
            const worklist = await this.orm.call(MODEL, "mapping_worklist", [this.filters]);
            if (reading === this.lastReading) {
                Object.assign(this.state, worklist);
                this.go(Math.min(this.state.current, Math.max(0, worklist.documents.length - 1)));
            }
        } finally {
            this.isReading = this.isReading && reading !== this.lastReading;
        }
    }

    go(place) {
        Object.assign(this.state, { current: place, chosen: 0, wanted: "", found: [], foundFor: "" });
    }

    async searchResult() {
        const { wanted } = this.state;
        if (!wanted) {
            return;
        }
        const domain = [
            "|",
            "|",
            ["code", "ilike", wanted],
            ["name", "ilike", wanted],
            ["search_name", "ilike", wanted],
        ];
        const rows = await this.searching.add(
            this.orm.searchRead("kho.dl.result.code", domain, ["code", "name"], { limit: 9 })
        );
        if (wanted !== this.state.wanted) {
            return;
        }
        this.state.foundFor = wanted;
        this.state.found = rows.map(({ id, code, name }) => ({ code_id: id, code, name, score: false, why: "" }));
        this.state.chosen = 0;
    }

    /** Do one thing at a time, and no other before the list is read again. */
    async alone(action) {
        if (this.isBusy) {
            return;
        }
        this.isDeciding = true;
        try {
            await action();
        } finally {
            await this.load().finally(() => (this.isDeciding = false));
        }
    }

    decide(method, ...args) {
        const { document } = this;
        return document && this.alone(() => this.orm.call(MODEL, method, [[document.id], ...args]));
    }

    accept(place = this.state.chosen) {
        const choice = this.choices[place];
        return choice && this.decide("mapping_accept", [choice.code_id], this.state.all);
    }

    undo() {
        return this.alone(async () => {
            const count = await this.orm.call(MODEL, "mapping_undo", []);
            this.notification.add(_t("Taken back: %s documents are to be mapped again.", count), { type: "info" });
        });
    }

    async acceptSure() {
        const score = Math.min(100, Math.max(50, Number(this.state.sure) || SURE));
        const { filters } = this;
        if (this.isBusy) {
            return;
        }
        // What is out of range is shown as it is taken.
        this.state.sure = score;
        this.isDeciding = true;
        const count = await this.orm
            .call(MODEL, "mapping_accept_above", [score, filters, true])
            .finally(() => (this.isDeciding = false));
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
            confirm: () =>
                this.alone(async () => {
                    const done = await this.orm.call(MODEL, "mapping_accept_above", [score, filters]);
                    this.notification.add(_t("Mapped: %s documents.", done), { type: "success" });
                }),
            cancel: () => {},
        });
    }

    onKey(event) {
        const { target } = event;
        const hasModifier = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
        const field = target.closest(FIELDS);
        // A dialog, an open menu, and a field beside the desk have their own keys.
        if (hasModifier || document.querySelector(OPEN) || (field && !this.root.el?.contains(field))) {
            return;
        }
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const action = field ? this.keysInField(field)[key] : this.keys(target)[key];
        if (!action) {
            return;
        }
        event.preventDefault();
        // A key that is held down decides once, and only about what can be seen.
        if (key.startsWith("Arrow") || (!event.repeat && !this.isBusy)) {
            action();
        }
    }

    /** Return what keys do while somebody types in `field`. */
    keysInField(field) {
        if (!field.matches(".o_kho_dl_mapping_search")) {
            return { Escape: () => field.blur() };
        }
        return {
            Enter: () => {
                // Not what was found for something typed before, nor what the empty box is no question for.
                if (this.state.wanted && this.isFound && this.choices.length) {
                    field.blur();
                    this.accept();
                }
            },
            Escape: () => {
                field.blur();
                this.go(this.state.current);
            },
        };
    }

    /** Return what keys do while nobody types; `target` has the focus. */
    keys(target) {
        const last = this.state.documents.length - 1;
        const keys = {
            Enter: () => this.accept(),
            Escape: () => this.go(this.state.current),
            ArrowDown: () => this.go(Math.min(last, this.state.current + 1)),
            ArrowUp: () => this.go(Math.max(0, this.state.current - 1)),
            s: () => this.decide("mapping_skip"),
            n: () => this.decide("mapping_not_reusable", this.state.all),
            a: () => (this.state.all = !this.state.all),
            u: () => this.undo(),
        };
        if (target.closest(PRESSED_BY_ENTER)) {
            delete keys.Enter;
        }
        for (let place = 0; place < Math.min(9, this.choices.length); place++) {
            keys[place + 1] = () => this.accept(place);
        }
        return keys;
    }
}

registry.category("actions").add("kho_dl.mapping", KhoDlMapping);
