from odoo.tests import tagged

from .counter_case import CounterCase

_CUT = """
[...document.querySelectorAll(".o_action_manager .o_list_table thead th")].filter((heading) =>
    [heading, ...heading.querySelectorAll("*")].some(
        (one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible"
    )
).map((heading) => [heading.dataset.name, heading.innerText.trim()])
"""


@tagged("-at_install", "post_install")
class TestHeadings(CounterCase):
    """What is said above each column of a list can be read in Vietnamese on the screen of an office."""

    def test_no_heading_of_a_list_is_cut(self):
        users = self.administrator | self.auditor
        users.lang = "vi_VN"
        cut = []
        for user in users:
            screens = [screen for screen in self.menus(user) if screen.name.endswith(" list")]
            self.assertTrue(screens)
            with self.browser(user.login) as browser:
                self.start(browser)
                for screen in screens:
                    self.open(browser, screen)
                    cut += [(screen.name, *heading) for heading in self.evaluate(browser, _CUT)]
        self.assertFalse(cut)
