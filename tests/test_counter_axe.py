from odoo.tests import tagged

from .counter_case import CounterCase


@tagged("-at_install", "post_install")
class TestCounterAxe(CounterCase):
    """Every screen behind a menu of ours and every form, as each group, as WCAG 2.1 AA has it."""

    # Proves J.5-1.
    def test_every_screen_of_a_clerk(self):
        self.look_at_all("clerk")

    def test_every_screen_of_an_administrator(self):
        self.look_at_all("administrator")

    def test_every_screen_of_an_auditor(self):
        self.look_at_all("auditor")

    def test_every_screen_of_a_system_administrator(self):
        self.look_at_all("system")

    def look_at_all(self, group):
        user = self.people[group]
        screens = self.menus(user) + self.forms(user)
        self.assertGreater(len(screens), 20)
        faults = []
        with self.browser(user.login) as browser:
            self.start(browser)
            for screen in screens:
                self.open(browser, screen)
                look = self.look(browser)
                if any(look.values()):
                    faults.append((screen.name, look))
        self.assertFalse(faults)
