// Scanners send one Enter, or two: the second must not choose what the first one led to.
const DEAF_FOR = 400;

function openFields(input) {
    const fields = [...input.closest(".o_form_view").querySelectorAll(".o_field_widget:not(.o_readonly_modifier)")];
    return fields
        .map((field) => ({ field, element: field.querySelector("input:not([type=checkbox]), textarea") }))
        .filter(
            ({ field, element }) =>
                element && element !== input && element.checkVisibility() && !field.closest(".o_list_view")
        );
}

function isEmpty({ element }) {
    return !element.value;
}

function focus({ field, element }) {
    element.focus();
    if (field.querySelector(".o_input_dropdown")) {
        // Shows what can be chosen, the most used first.
        element.click();
    }
    if (element.readOnly) {
        focusFirstChoice();
    }
}

/** Where there is little room the choices are in a dialog, which puts the keyboard on a button that clears the field. */
function focusFirstChoice(tries = 40) {
    const first = document.querySelector(".modal .o_kanban_record:not(.o_kanban_ghost)");
    if (first) {
        first.focus();
    } else if (tries) {
        setTimeout(() => focusFirstChoice(tries - 1), 100);
    }
}

/** Put the focus where the form has something required and empty; return whether there is such a place. */
export function goToNeeded(input) {
    const needed = openFields(input).find((one) => isEmpty(one) && one.field.matches(".o_required_modifier"));
    if (needed) {
        focus(needed);
    }
    return Boolean(needed);
}

/** Put the focus on `element`, which the Enter that led to it does not press. */
export function goTo(element) {
    element?.focus();
    beDeaf();
}

/** Put the focus where the form still needs something: what is required and empty, else what follows `input`. */
export function goOn(input) {
    if (goToNeeded(input)) {
        beDeaf();
        return;
    }
    const following = openFields(input).find(
        (one) => isEmpty(one) && input.compareDocumentPosition(one.element) & Node.DOCUMENT_POSITION_FOLLOWING
    );
    if (following) {
        focus(following);
        beDeaf();
    }
}

function beDeaf() {
    const swallow = (ev) => {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopImmediatePropagation();
        }
    };
    window.addEventListener("keydown", swallow, { capture: true });
    setTimeout(() => window.removeEventListener("keydown", swallow, { capture: true }), DEAF_FOR);
}

/** Return whether `ev` is the Enter that means: go on. */
export function isEnter(ev) {
    return ev.key === "Enter" && !ev.isComposing && !ev.ctrlKey && !ev.altKey && !ev.metaKey;
}
