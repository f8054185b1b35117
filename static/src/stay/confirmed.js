import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";

/** Ask with the `words` of a ConfirmationDialog; return whether the answer is its yes, and not its no, Escape or the cross. */
export function isConfirmed(dialog, words) {
    return new Promise((resolve) => {
        dialog.add(
            ConfirmationDialog,
            { ...words, confirm: () => resolve(true), cancel: () => resolve(false) },
            { onClose: () => resolve(false) }
        );
    });
}
