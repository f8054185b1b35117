from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..models.health.health_levels import unit_codes
from ..models.health.statistics import statistics_of
from .common import AN
from .paper_case import ADDRESS, PaperFixtures
from .test_case_received import ReceivedCase


@tagged("-at_install", "post_install")
class TestOfficeArchived(PaperFixtures, ReceivedCase):
    """Communes are merged: an office that is no more is still told of by what it did."""

    def archive(self, office):
        users = self.env["res.users"].search([("company_id", "=", office.id)])
        users.write({"company_id": self.env.company.id, "company_ids": [Command.set(self.env.company.ids)]})
        office.active = False

    def test_a_case_tells_who_received_it_after_that_office_is_archived(self):
        case = self.receive()
        self.as_("a", case).action_hand_over()
        self.archive(self.a)
        shown = {name: {"fields": {"display_name": {}}} for name in ("office_id", "receiving_office_id")}
        [read] = self.as_("b", case).web_read({**shown, "received_words": {}})
        self.assertIn("Commune A", read["receiving_office_id"]["display_name"])
        self.assertIn("Commune A has received this case", read["received_words"])

    def test_a_case_tells_whose_it_is_after_that_office_is_archived(self):
        case = self.receive()
        self.archive(self.b)
        mine = self.as_("a", case)
        self.assertEqual(mine.office_id.name, "Commune B")
        self.assertIn("Commune B", str(mine._slip_facts()))
        action = mine.action_choose_other_office()
        with self.assertRaisesRegex(UserError, "This office is no more"):
            self.as_("a").with_context(**action["context"]).create({"office_id": self.b.id})

    def test_nobody_finds_an_archived_office(self):
        self.archive(self.b)
        offices = self.as_("a", "kho.dl.office")
        self.assertFalse(offices.name_search("Commune B"))
        self.assertNotIn(self.b.id, offices.search([]).ids)

    def test_an_office_is_not_archived_while_cases_of_others_lie_there(self):
        self.receive()
        # Whose they are need not be there: they are handed over to it all the same.
        self.archive(self.b)
        with self.assertRaisesRegex(ValidationError, "1 open cases lie at “Commune A”"):
            self.archive(self.a)

    def test_an_office_is_not_archived_while_its_own_cases_are_open(self):
        case = self.receive()
        self.as_("a", case).action_hand_over()
        with self.assertRaisesRegex(ValidationError, "1 open cases lie at “Commune B”"):
            self.archive(self.b)
        case.sudo().with_context(kho_dl_reason="Was there").state = "9"
        self.archive(self.b)
        self.assertFalse(self.b.active)

    def test_what_was_stopped_keeps_no_office(self):
        self.as_("a", self.receive()).action_choose_other_office()
        self.archive(self.a)
        self.assertFalse(self.a.active)

    def asked(self):
        """Return a finished case of B, about which B's clerk asked."""
        case = self.as_("b").create(
            {
                "procedure_id": self.procedure.id,
                "person_name": "Nguyễn Thị An",
                "owner_id_number": AN,
                "state": "2",
            }
        )
        self.as_("b", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True}).action_search()
        self.as_("b", case).with_context(kho_dl_reason="Was there").state = "9"
        return case.sudo()

    def in_days(self, days, work):
        self.env.flush_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            work()
        self.env.invalidate_all()

    def test_its_journal_loses_personal_data_in_time(self):
        (self.a | self.b).kho_dl_retention_days = 30
        query, received = self.asked().query_ids, self.receive()
        self.as_("a", received).action_hand_over()
        received.sudo().with_context(kho_dl_reason="Was there").state = "9"
        kept = self.env["kho.dl.handover"].search([("case_id", "=", received.id)])
        self.archive(self.a)
        self.archive(self.b)
        self.in_days(29, self.env["kho.dl.journal"]._cron_empty_payloads)
        self.in_days(29, kept._gc_outdated)
        self.assertEqual((query.owner_id_number, kept.owner_id_number), (AN, AN))
        self.in_days(31, self.env["kho.dl.journal"]._cron_empty_payloads)
        self.in_days(31, kept._gc_outdated)
        self.assertFalse(query.owner_id_number or kept.owner_id_number)
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.b).fault)

    def test_what_the_portal_was_told_of_its_papers_is_given(self):
        self.b.write({"kho_dl_own_providerurl": ADDRESS, "kho_dl_serve_addresses": "192.0.2.1"})
        paper = self.as_("b", "kho.dl.paper").create(self.paper_values())
        paper.action_enter()
        token = paper.sudo().file_ids.token
        self.env.flush_all()
        given = self.env["kho.dl.serving"]._admitted(token, "192.0.2.1", "caller")
        self.assertTrue(given)
        self.archive(self.b)
        self.assertEqual(self.env["kho.dl.serving"]._admitted(token, "192.0.2.1", "caller"), given)
        # Nor does the page where anybody checks a paper say that it is none of ours.
        [verdict] = self.env["kho.dl.check"]._verdicts_of_hash(given.sha256)
        self.assertEqual(verdict.agency, "Commune B")

    def test_its_days_stay_in_the_statistics(self):
        self.asked()
        today = self.env["kho.dl.paper"]._today()
        before = statistics_of(self.env, self.env.company, today, 7)
        self.assertTrue(before["questions"])
        self.archive(self.b)
        for is_by_unit in (False, True):
            after = statistics_of(self.env, self.env.company, today, 7, is_by_unit)
            self.assertEqual(sum(one["count"] for one in after["questions"]), 1)
        # Who takes its code over is called by it.
        self.c.kho_dl_unit_code = self.b.kho_dl_unit_code
        codes = unit_codes((self.a | self.b | self.c).sudo())
        self.assertEqual(list(codes.values()), ["H46.a", f"#{self.b.id}", "H46.b"])
