import { BaseImportModel } from "@base_import/import_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

// A table of ten thousand rows without its files must not fill the screen with their names.
const MOST_NAMES = 20;

patch(BaseImportModel.prototype, {
    /** Names the files that the table of papers asks for and that were not chosen with it. */
    async _pushLocalImageToRecords(ids, binaryFilenames, isTest) {
        if (this.resModel === "kho.dl.paper" && binaryFilenames) {
            const chosen = this.binaryFilesParams.binaryFiles.value || {};
            const missing = (binaryFilenames.file || []).flatMap((name, row) =>
                name && !(name in chosen) ? [_t("Row %(row)s: %(name)s", { row: row + 1, name })] : []
            );
            if (missing.length) {
                const left = missing.length - MOST_NAMES;
                this._addMessage("warning", [
                    _t("These files were not chosen with the table. Their papers stay drafts until they have a file:"),
                    ...missing.slice(0, MOST_NAMES),
                    ...(left > 0 ? [_t("… and %s more", left)] : []),
                ]);
            }
        }
        return super._pushLocalImageToRecords(ids, binaryFilenames, isTest);
    },
});
