from odoo import Command
from odoo.tests import tagged

from ..models.reporting.person_history import PersonHistory
from .common import AN, CRIMINAL_RECORD
from .paper_case import PaperFixtures
from .test_case_received import SCAN, ReceivedCase


@tagged("-at_install", "post_install")
class TestStoreReceived(PaperFixtures, ReceivedCase):
    """What an office keeps itself goes onto a case that it received for another one, which does not see where it was kept."""

    def make(self, who, **values):
        return self.as_(who).create({"procedure_id": self.procedure.id, "owner_id_number": AN, "state": "2", **values})

    def close(self, who, case):
        self.as_(who, case).with_context(kho_dl_reason="Done").write({"state": "9"})

    def attach_own(self, case):
        """Attach as A's clerk what A keeps itself."""
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id})
        self.assertEqual(wizard.line_ids.mapped("source"), ["local"])
        wizard.line_ids.selected = True
        wizard.action_attach()
        self.assertTrue(self.document(case.sudo(), CRIMINAL_RECORD).attachment_ids)

    def assertFoundAgain(self, case):
        """Hand `case` over, finish it, and look as B's clerk for papers of the same person."""
        self.as_("a", case).action_hand_over()
        self.as_("b", case).action_take_over()
        self.close("b", case)
        second = self.make("b", owner_id=case.sudo().owner_id.id)
        self.env.flush_all()
        [line] = self.as_("b", "kho.dl.retrieve.wizard").create({"case_id": second.id}).line_ids
        self.assertEqual(line.source, "local")
        self.assertTrue(self.as_("b", second)._slip())

    def test_a_copy_of_an_earlier_case_is_found_again_where_it_came_to(self):
        own = self.make("a", person_name="Nguyễn Thị An")
        document = self.as_("a", self.document(own, CRIMINAL_RECORD))
        document.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        self.close("a", own)
        case = self.make("a", owner_id=own.owner_id.id, office_id=self.b.id)
        self.attach_own(case)
        self.assertFoundAgain(case)

    def test_a_copy_of_a_kept_paper_is_found_again_and_told_where_it_was_made(self):
        self.a.kho_dl_own_providerurl = "https://dvc.example.gov.vn"
        self.as_("a", "kho.dl.paper").create(self.paper_values()).action_enter()
        case = self.receive()
        self.attach_own(case)
        self.assertFoundAgain(case)
        for who in ("auditor_a", "auditor_b"):
            entries, _is_more = PersonHistory(self.as_(who, "kho.dl.query").env, [AN]).entries()
            self.assertEqual([(one.kind, one.who.split(", ")[-1]) for one in entries], [("attached", "Commune A")], who)
