import { _t } from "@web/core/l10n/translation";
import { x2ManyCommands } from "@web/core/orm_service";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Many2ManyBinaryField, many2ManyBinaryField } from "@web/views/fields/many2many_binary/many2many_binary_field";

import { useLook } from "../viewer/look_state";

/**
 * Files as one line of buttons each: a click shows the pages beside the form, or in a tab of their own where the form has no
 * viewer; the paper clip adds a scan and saves it at once, so that no file waits for a save to be remembered. Beside each
 * stands what was found out about it (`file_badges` of the record); a click there tells more.
 */
export class KhoDlFilesField extends Many2ManyBinaryField {
    static template = "kho_dl.FilesField";

    setup() {
        super.setup();
        this.action = useService("action");
        this.look = useLook(this.props.record.model);
    }

    badge(file) {
        return this.props.record.data.file_badges?.[file.id] || {};
    }

    openCheck(file) {
        return this.open({ name: file.name, res_model: "kho.dl.file.check", res_id: this.badge(file).check_id });
    }

    /** Return the name in two parts, of which the end gives way last: which side it is, and what kind of file. */
    nameParts(file) {
        // Where there is little room, what tells one of several from the others stays; of a single one nothing has to.
        const ending =
            this.files.length > 1 ? /^(.+?)((?: – [^–]{1,12}| \(\d+\))?\.[^.]{1,5})$/ : /^(.+)(\.[^.]{1,5})$/;
        const [, head, end] = file.name.match(ending) || ["", file.name, ""];
        return { head, end };
    }

    isLookedAt(file) {
        return this.look.ask && this.look.ask.key === file.id;
    }

    /** Show the pages of a file beside the documents. */
    lookAt(file) {
        const { resModel, resId } = this.props.record;
        const load = () => this.orm.silent.call(resModel, "action_look_at_file", [[resId], file.id]);
        this.look.ask = { key: file.id, title: file.name, isPreview: false, load };
    }

    /** Ask why the file is taken off, or what takes its place. */
    takeOff(file) {
        this.look.ask = false;
        return this.open({
            name: _t("Take off or replace"),
            res_model: "kho.dl.decide.file",
            context: { default_file_ids: [x2ManyCommands.set([file.id])] },
        });
    }

    /** Open the form of `action` above this one, which is saved before: it is read anew when the other closes. */
    async open(action) {
        const { model } = this.props.record;
        if (await model.root.save()) {
            await this.action.doAction(
                { type: "ir.actions.act_window", views: [[false, "form"]], target: "new", ...action },
                { onClose: () => model.root.load() }
            );
        }
    }

    getUrl(id) {
        return `/web/content/${id}`;
    }

    get files() {
        // The front of a card before its back, whatever came first.
        const place = (file) => this.badge(file).place ?? Infinity;
        return super.files.sort((one, other) => place(one) - place(other) || one.id - other.id);
    }

    get isHere() {
        // What another office received is not worked on before it is handed over.
        return !this.props.record.model.root.data?.is_on_its_way;
    }

    get canAdd() {
        // A list shows its rows read-only until they are clicked; the paper clip must not wait for that.
        const { record } = this.props;
        const { root } = record.model;
        const isOpen = record.data.is_case_open !== false && this.isHere;
        return Boolean(record.resId) && isOpen && root.isInEdition;
    }

    async onFileUploaded(files) {
        await super.onFileUploaded(files);
        await this.props.record.model.root.save();
    }
}

registry.category("fields").add("kho_dl_files", { ...many2ManyBinaryField, component: KhoDlFilesField });
