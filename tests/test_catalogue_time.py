import time

from ..models.common import cron_budget
from .leaps import let_time_leap
from .test_catalogue import CatalogueCase


class TestCatalogueTime(CatalogueCase):
    """A portal that needs longer than there is time: what came is kept, and our own clock is nobody's failure."""

    def setUp(self):
        super().setUp()
        self.simulator.catalogue.generate(10, with_parts=False)
        self.run_ = self.syncs._start(self.company)

    def state(self):
        return self.run_.state, self.run_.tries, self.run_.error_kind, self.run_.next_try_on

    def leap(self, seconds, asked):
        """Have so much time go by when the portal is asked so often, while it thinks."""
        self.simulator.order("catalogue", "latency", times=None, seconds=0.1)
        let_time_leap(self, seconds, lambda: len(self.simulator.requests("catalogue")) >= asked)

    def test_what_was_read_when_time_was_over_is_brought_in(self):
        self.run_._go_on(0)
        self.simulator.clear_requests()
        self.leap(31, asked=3)
        now = time.monotonic()
        self.company.kho_dl_timeout = 300
        self.run_._go_on(now + 60, now + 30)
        # What is coming when it is over may have come all the same.
        self.assertIn(self.run_.done_count, (2, 3))
        self.assertEqual(self.state(), ("pending", 0, False, False))

    def test_the_lists_have_what_the_pass_has_left(self):
        self.simulator.clear_requests()
        self.leap(11, asked=1)
        now = time.monotonic()
        self.run_._go_on(now + 10, now + 10)
        self.assertTrue(self.run_.is_listed)
        self.assertEqual(self.state(), ("pending", 0, False, False))

    def test_a_list_for_which_there_was_no_time_is_no_failure(self):
        self.patch(cron_budget, "pass_ends_at", lambda: time.monotonic() + 1)
        self.simulator.order("catalogue", "never_answer", times=None)
        now = time.monotonic()
        self.run_._go_on(now + 1, now + 1)
        self.assertEqual(self.state(), ("pending", 0, False, False))

    def test_a_portal_that_had_its_time_has_failed(self):
        self.company.kho_dl_timeout = 1
        self.simulator.order("catalogue", "never_answer", times=None)
        now = time.monotonic()
        self.run_._go_on(now + 10, now + 10)
        self.assertEqual(self.state()[:3], ("pending", 1, "timed_out"))
