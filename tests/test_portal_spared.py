from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from .application_case import ApplicationCase


@tagged("-at_install", "post_install")
class TestPortalSpared(ApplicationCase):
    """While the portal answers nobody, citizens do not wait for it one after the other."""

    def setUp(self):
        super().setUp()
        self.draft = self.begin()
        self.address = self.draft_address(self.draft)

    def ask(self):
        """Return how often the portal was asked as the citizen asks."""
        self.simulator.clear_requests()
        self.post(f"{self.address}/ask", self.an, agree="1")
        return len(self.simulator.requests("papers"))

    def opened(self):
        return self.env["kho.dl.breaker"]._open()

    # Proves I.2-9.
    def test_a_portal_that_answers_nobody_is_spared_until_one_question_tries_it(self):
        self.simulator.order("papers", "server_fault", times=None, code="Server.ClientProxy.NetworkError")
        for _each in range(FAILURES_TO_OPEN):
            self.assertFalse(self.opened())
            self.assertTrue(self.ask())
        self.assertTrue(self.opened())
        self.assertFalse(self.ask())
        # It can be submitted, and the office asks, who is told whatever the portal says.
        self.assertIn("store could not be asked for", self.text(self.address))
        self.simulator.clear_faults()
        self.assertFalse(self.ask())
        self.opened().next_trial_on = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.assertTrue(self.ask())
        self.assertFalse(self.opened())
        self.assertNotIn("store could not be asked for", self.text(self.address))
