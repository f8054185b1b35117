import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { exprToBoolean } from "@web/core/utils/strings";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** Procedures from and to a table, in the ⚙ of their list: in the place of Odoo's own import, which checks nothing. */
export class TableMenu extends Component {
    static template = "kho_dl.TableMenu";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    bringIn() {
        this.action.doAction("kho_dl.action_kho_dl_catalogue_import");
    }

    download(path) {
        this.action.doAction({
            type: "ir.actions.act_url",
            url: `/kho_dl/catalogue/${path}`,
            target: "download",
        });
    }
}

registry.category("cogMenu").add(
    "kho_dl_table_menu",
    {
        Component: TableMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: ({ config, searchModel }) =>
            searchModel?.resModel === "kho.dl.procedure" &&
            config.viewType === "list" &&
            exprToBoolean(config.viewArch.getAttribute("create"), true),
    },
    { sequence: 1 }
);
