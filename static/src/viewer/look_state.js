import { reactive, toRaw, useState } from "@odoo/owl";

const looks = new WeakMap();

/**
 * What is looked at beside a form: shared by the list in which somebody clicks and the viewer that shows it, which know
 * nothing of each other but the form's model. `ask` is
 * `{key, title, isPreview, load}`, or false where nothing is looked at; `viewers` counts who could show it.
 */
export function useLook(proxy) {
    // Each component has its own proxy of one model.
    const model = toRaw(proxy);
    if (!looks.has(model)) {
        looks.set(model, reactive({ ask: false, viewers: 0 }));
    }
    return useState(looks.get(model));
}
