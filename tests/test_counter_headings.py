from odoo.tests import tagged

from .common import CHAU
from .counter_case import CounterCase

_CUT = """
[
    ...document.querySelectorAll(".o_action_manager .o_list_table thead th, .o_data_row .badge:not(.o_tag)"),
    ...document.querySelectorAll(".o_control_panel .o_last_breadcrumb_item"),
    // A moment without its end is another one.
    ...[...document.querySelectorAll(".o_data_row td")].filter((cell) => /^\\d+\\/\\d+\\/\\d+/.test(cell.innerText)),
].filter((words) =>
    [words, ...words.querySelectorAll("*")].some(
        (one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible"
    )
).map((words) => [words.dataset.name || words.getAttribute("name"), words.innerText.trim()]).concat(
    // Nor is a list in a form wider than its place: its last columns would not be seen.
    [...document.querySelectorAll(".o_field_widget .o_list_renderer")].filter(
        (list) => list.scrollWidth > list.clientWidth + 1
    ).map((list) => [list.closest("[name]").getAttribute("name"), `is ${list.scrollWidth - list.clientWidth} points too wide`])
)
"""


_CUT_FILTERS = """
(async () => {
    document.querySelector(".o_searchview_dropdown_toggler").click();
    const items = () => [...document.querySelectorAll(".o_filter_menu .o_menu_item")];
    for (let i = 0; i < 100 && !items().length; i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return [items().length, items().filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)];
})()
"""


@tagged("-at_install", "post_install")
class TestHeadings(CounterCase):
    """What is said above a list, above each of its columns, and in its badges, can be read in Vietnamese on the screen of an office."""

    def setUp(self):
        super().setUp()
        # The longest words of each.
        self.make_case(CHAU).state = "6"
        self.procedure.document_ids[:1].mapping_not_reusable()
        self.env.flush_all()

    def test_no_filter_is_cut(self):
        self.clerk.lang = "vi_VN"
        cases = self.menu("action_kho_dl_case")
        with self.browser(self.clerk.login) as browser:
            self.start(browser)
            self.open(browser, cases)
            shown, cut = self.evaluate(browser, _CUT_FILTERS)
        self.assertGreater(shown, 8)
        self.assertFalse(cut)

    def test_no_heading_of_a_list_is_cut(self):
        users = self.clerk | self.administrator | self.auditor
        users.lang = "vi_VN"
        cut = []
        for user in users:
            screens = [screen for screen in self.menus(user) if screen.name.endswith(" list")]
            self.assertTrue(screens)
            screens += self.forms(user)
            with self.browser(user.login) as browser:
                self.start(browser)
                for screen in screens:
                    self.open(browser, screen)
                    cut += [(screen.name, *heading) for heading in self.evaluate(browser, _CUT)]
        self.assertFalse(cut)
