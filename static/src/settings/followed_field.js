import { Component, onMounted, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// The field in which a choice was made: the page is made anew then, and would begin at its top.
let chosen = "";

/** Whose settings a branch has in `options.group`, and the other choice; nothing of a company without one above. */
export class KhoDlFollowedField extends Component {
    static template = "kho_dl.FollowedField";
    static props = {
        ...standardFieldProps,
        group: { type: String },
    };

    setup() {
        this.root = useRef("root");
        onMounted(() => {
            if (chosen && chosen === this.props.id) {
                chosen = "";
                // Once the page that it is on is shown.
                setTimeout(() => this.comeBack());
            }
        });
    }

    comeBack() {
        this.root.el?.scrollIntoView({ block: "center" });
        this.root.el?.querySelector("button")?.focus();
    }

    get part() {
        return this.props.record.data[this.props.name]?.[this.props.group];
    }

    get words() {
        return this.part.is_own ? _t("Settings of its own") : _t("From %s", this.part.from);
    }

    get choice() {
        return this.part.is_own ? _t("Follow %s again", this.part.above) : _t("Differ here");
    }

    choose() {
        const { is_own: isOwn, above } = this.part;
        this.env.onClickViewButton({
            clickParams: {
                type: "object",
                name: isOwn ? "action_kho_dl_follow" : "action_kho_dl_differ",
                args: JSON.stringify([this.props.group]),
                confirm: isOwn && _t("What is entered here is lost, and the settings of %s count again. Go on?", above),
            },
            getResParams: () => {
                // Asked for once the choice is confirmed.
                chosen = this.props.id;
                return pick(this.props.record, "context", "evalContext", "resModel", "resId", "resIds");
            },
        });
    }
}

registry.category("fields").add("kho_dl_followed", {
    component: KhoDlFollowedField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ group: options.group }),
});

/** Where the secret of the field `options.of` comes from, where it is kept outside the database. */
export class KhoDlOutsideField extends Component {
    static template = "kho_dl.OutsideField";
    static props = {
        ...standardFieldProps,
        of: { type: String },
    };

    get words() {
        return this.props.record.data[this.props.name]?.[this.props.of];
    }
}

registry.category("fields").add("kho_dl_outside", {
    component: KhoDlOutsideField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ of: options.of }),
});
