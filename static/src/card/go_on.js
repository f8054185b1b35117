// Scanners send one Enter, or two: the second must not choose what the first one led to.
const DEAF_FOR = 400;

/** Put the focus where the form still needs something: what is required and empty, else what follows `input`. */
export function goOn(input) {
    const fields = [...input.closest(".o_form_view").querySelectorAll(".o_field_widget:not(.o_readonly_modifier)")];
    const open = fields
        .map((field) => ({ field, element: field.querySelector("input:not([type=checkbox]), textarea") }))
        .filter(
            ({ field, element }) =>
                element && element !== input && element.checkVisibility() && !field.closest(".o_list_view")
        );
    const isEmpty = ({ element }) => !element.value;
    const needed = open.find((one) => isEmpty(one) && one.field.classList.contains("o_required_modifier"));
    const following = open.find(
        (one) => isEmpty(one) && input.compareDocumentPosition(one.element) & Node.DOCUMENT_POSITION_FOLLOWING
    );
    const next = needed || following;
    if (!next) {
        return;
    }
    next.element.focus();
    if (next.field.querySelector(".o-autocomplete")) {
        // Shows what can be chosen, the most used first.
        next.element.click();
    }
    beDeaf();
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
