from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_case_received import ReceivedCase


@tagged("-at_install", "post_install")
class TestOfficeArchived(ReceivedCase):
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
        with self.assertRaisesRegex(ValidationError, "1 cases lie at “Commune A”"):
            self.archive(self.a)

    def test_what_was_stopped_keeps_no_office(self):
        self.as_("a", self.receive()).action_choose_other_office()
        self.archive(self.a)
        self.assertFalse(self.a.active)
