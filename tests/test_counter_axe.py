import json
import os
import time

from odoo.tests import tagged

from .counter_case import GROUPS, CounterCase


@tagged("-at_install", "post_install")
class TestCounterAxe(CounterCase):
    def test_every_screen(self):
        out = []
        for group in os.environ.get("AXE_GROUPS", ",".join(GROUPS)).split(","):
            user = self.people[group]
            screens = self.menus(user) + self.forms(user)
            with self.browser(user.login) as browser:
                self.start(browser)
                for screen in screens:
                    t = time.time()
                    try:
                        self.open(browser, screen)
                        t1 = time.time()
                        look = self.look(browser)
                    except BaseException as e:
                        out.append((group, screen.name, 0, 0, {"error": repr(e)[:1500]}))
                        self.start(browser)
                        continue
                    out.append((group, screen.name, round(t1 - t, 2), round(time.time() - t1, 2), look))
        json.dump(out, open("/tmp/axe2.json", "w"), indent=1, ensure_ascii=False)
