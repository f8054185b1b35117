import { useExternalListener } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

// No hand types faster; a scanner types a character in some milliseconds, and ends with Enter or Tab.
const MOMENT = 60;
const SHORTEST = 4;
const TEXT_FIELDS = "textarea, [contenteditable='true'], input:not([type='checkbox']):not([type='radio'])";

/**
 * Keep what a hand scanner types while no field has the keyboard from ticking boxes and pressing buttons: its Enter would.
 * `onScan(text)` gets it. What is typed into a field is that field's, and what a dialog above `root` gets is that dialog's.
 */
export function useScanner(onScan, root) {
    const ui = useService("ui");
    let typed = "";
    let last = 0;

    function onKeydown(ev) {
        if (!ui.activeElement.contains(root.el)) {
            return;
        }
        const isQuick = ev.timeStamp - last < MOMENT;
        last = ev.timeStamp;
        if (ev.target.matches?.(TEXT_FIELDS) || ev.altKey || ev.ctrlKey || ev.metaKey) {
            typed = "";
        } else if (ev.key.length === 1) {
            typed = isQuick ? typed + ev.key : ev.key;
            if (typed.length > 1) {
                // A blank among it would press the button that has the focus.
                ev.preventDefault();
                ev.stopImmediatePropagation();
            }
        } else if (["Enter", "Tab"].includes(ev.key)) {
            const isScanned = isQuick && typed.length >= SHORTEST;
            // Some scanners end with two: the second would press what the first led to.
            if (isScanned || (isQuick && ev.key === "Enter")) {
                ev.preventDefault();
                ev.stopImmediatePropagation();
            }
            if (isScanned) {
                onScan(typed);
            }
            typed = "";
        }
    }

    // Before Odoo's own keys, which tick a box at Enter.
    useExternalListener(window, "keydown", onKeydown, { capture: true });
}
