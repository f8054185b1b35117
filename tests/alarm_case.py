from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..protocol.errors import TimedOut
from .test_connection_branches import BranchCase


class AlarmCase(BranchCase):
    """What goes wrong in the offices of a province, and who is told of it."""

    # Statements are counted.
    keeps_memory = False

    def prepare(self):
        super().prepare()
        self.alarms = self.env["kho.dl.alarm"]
        self.clerk.company_ids |= self.branches

    def check(self, later=timedelta(0)):
        """Check `later` than now; return {(kind, company)} of the alarms that last."""
        with freeze_time(fields.Datetime.now() + later):
            self.alarms._cron_check()
        self.env.invalidate_all()
        return {(alarm.kind, alarm.company_id) for alarm in self.alarms.search([("ended_on", "=", False)])}

    def kinds(self, company):
        return {trouble.kind for trouble in self.env["kho.dl.health"]._facts_and_troubles(company)[1]}

    def out(self, lane, since, until=None):
        """Let `lane` fail from `since` on, and answer at `until`."""
        breakers, server = self.env["kho.dl.breaker"], self.company.kho_dl_own_server
        with freeze_time(since):
            for _failure in range(FAILURES_TO_OPEN):
                breakers._failed(server, lane, f"Name of {lane}", TimedOut())
        if until:
            with freeze_time(until):
                breakers._worked(server, [lane])

    def give_up(self, office, count, reason, closed_on):
        self.files(office, count, name=reason, state="failed", error_kind=reason, closed_on=closed_on)
        # Or it were a trouble of its own after an hour.
        self.env["kho.dl.journal"]._seal_closed(office)

    def wait(self, office):
        """Let files and messages of `office` wait for days."""
        self.files(office, 2, name="waiting")
        messages = self.env["kho.dl.outbox"].search([("company_id", "=", office.id)])
        messages.waiting_since = fields.Datetime.now() - timedelta(days=4)
        self.assertTrue(messages)

    def files(self, office, count, name, **values):
        case = self.make_case(officer_id=False, company_id=office.id)
        self.env["kho.dl.retrieval"].create(
            [
                {
                    "case_document_id": case.document_ids[0].id,
                    "user_id": self.clerk.id,
                    "file_name": "paper.pdf",
                    "link": f"http://files.example/{name}/{office.id}/{number}",
                    "link_key": f"{name} {office.id} {number}",
                    "lane": "agency",
                    "requested_on": fields.Datetime.now() - timedelta(days=4),
                    **values,
                }
                for number in range(count)
            ]
        )
