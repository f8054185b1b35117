import { _t } from "@web/core/l10n/translation";

/**
 * What Odoo's web client leaves without a name or gives a role that it does not play, by selector: a screen reader says
 * nothing of it, or nonsense. Found by axe-core on our screens; each line can go when Odoo has mended it.
 */
const FIXES = [
    // The menu bar: buttons and links, no menus.
    [".o_menu_sections, .o_menu_systray", (one) => one.setAttribute("role", "group")],
    [".o_menu_brand, .o_menu_sections > [role=menuitem]", (one) => one.removeAttribute("role")],
    [".o_menu_toggle", (one) => name(one, _t("Menu"))],
    [".o_button_more", (one) => !one.innerText.trim() && name(one, _t("More"))],
    // The search bar.
    [
        ".o_searchview[aria-expanded], .o_searchview[aria-autocomplete]",
        (one) => remove(one, "aria-expanded", "aria-autocomplete"),
    ],
    [".o_searchview_input", (one) => name(one, one.placeholder)],
    [".o_searchview_input[aria-selected]", (one) => one.removeAttribute("aria-selected")],
    [".o_searchview_facet", (one) => one.setAttribute("role", "group")],
    [".o_searchview_facet[aria-selected]", (one) => one.removeAttribute("aria-selected")],
    [".o_searchview_facet_label", (one) => name(one, _t("Change this filter"))],
    [".o_facet_remove", (one) => name(one, _t("Remove"))],
    // Lists.
    ["thead .o_list_record_selector input", (one) => name(one, _t("Select all"))],
    ["tbody .o_list_record_selector input", (one) => name(one, _t("Select"))],
    [".o_optional_columns_dropdown button", (one) => name(one, _t("Columns"))],
    [".o_data_cell input", (one) => name(one, columnOf(one))],
    // Drawn behind the words that say what to do.
    [".o_view_sample_data .o_list_table, .o_view_sample_data .o_kanban_record", (one) => (one.inert = true)],
    // Forms: what is typed into a heading or a line has no label beside it.
    [".oe_title input, .o_kho_dl_papers input[placeholder]", (one) => name(one, one.placeholder)],
    [".o_notebook_headers > ul, .settings_tab", (one) => one.setAttribute("role", "tablist")],
    [".o_notebook_headers > ul > li", (one) => one.setAttribute("role", "presentation")],
    ["[autocomplete=selectMenuAutocompleteOff]", (one) => (one.autocomplete = "off")],
    [".o_tag[aria-selected]", (one) => one.removeAttribute("aria-selected")],
    [".o_tag[aria-label]:not([role])", (one) => one.setAttribute("role", "group")],
    [".o-dropdown:not(button, a, [role])[aria-expanded]", (one) => one.removeAttribute("aria-expanded")],
    ["input[role=combobox][aria-selected]", (one) => one.removeAttribute("aria-selected")],
    [".o_progress:not([role])", (one) => name(one, _t("Progress")) || one.setAttribute("role", "progressbar")],
    [".o_clipboard_button", (one) => !one.innerText.trim() && name(one, _t("Copy"))],
    // Dialogs: their title comes right after that of the page, whatever its letters are like.
    [".modal-title:not([aria-level])", (one) => (one.ariaLevel = "2")],
    [".modal-body, .o_list_renderer", makeScrollable],
    // The parts of a form come right after its title, too.
    [
        ".o_form_sheet :is(h3, h4, h5):not([aria-level]), .modal-body :is(h4, h5):not([aria-level])",
        (one) => (one.ariaLevel = one.closest(".modal-body") ? "3" : "2"),
    ],
    // The chatter.
    [".o-mail-Message-avatarContainer[aria-label]:not([role])", (one) => one.setAttribute("role", "group")],
    // Anywhere.
    ["img:not([alt])", (one) => (one.alt = "")],
    ["button[data-tooltip], a[data-tooltip]", (one) => !one.innerText.trim() && name(one, one.dataset.tooltip)],
    ["i[role=image], i[role=img]:not([aria-label], [title], [aria-hidden])", hide],
];

function remove(element, ...attributes) {
    attributes.forEach((attribute) => element.removeAttribute(attribute));
}

function name(element, words) {
    const hasName = element.ariaLabel || element.title || element.hasAttribute("aria-labelledby");
    const isLabelled = [...(element.labels || [])].some((label) => label.textContent.trim());
    if (words && !hasName && !isLabelled) {
        element.ariaLabel = words.toString();
    }
}

/** Return the words above the column of a list that `element` stands in. */
function columnOf(element) {
    const column = element.closest(".o_data_cell").getAttribute("name");
    const head = element.closest("table").querySelector(`thead th[data-name="${CSS.escape(column)}"]`);
    return head?.innerText.trim() || head?.ariaLabel || head?.dataset.tooltip;
}

/** A picture without words is decoration: its button or what stands beside it has them. */
function hide(icon) {
    icon.removeAttribute("role");
    icon.ariaHidden = "true";
}

/** What is longer than the screen and holds nothing to go to is scrolled by keyboard only if it can be gone to. */
function makeScrollable(body) {
    const inside = ":is(a[href], button, input, select, textarea):not(:disabled, [tabindex='-1']), [tabindex='0']";
    const isLonger = () => body.scrollHeight > body.clientHeight || body.scrollWidth > body.clientWidth;
    if (body.tabIndex < 0 && !body.querySelector(inside) && isLonger()) {
        body.tabIndex = 0;
    }
}

export function mend(root) {
    for (const [selector, fix] of FIXES) {
        root.querySelectorAll(selector).forEach(fix);
    }
}
