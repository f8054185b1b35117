from odoo import Command
from odoo.tests import Form, tagged

from ..models.portal.own_history import OwnHistory
from ..models.reporting.person_history import PersonHistory
from .common import AN, BINH, CRIMINAL_RECORD, DEGREE, new_test_user
from .test_case_received import SCAN, ReceivedCase


@tagged("-at_install", "post_install")
class TestPortalReceived(ReceivedCase):
    """What the applicant is told of a case that one office receives for another: who did what, and where it was handed in."""

    def history(self, kind, *companies):
        """Return {kind of entry: who} of what is on record about An."""
        reader = self.env["kho.dl.case"].sudo().with_context(allowed_company_ids=[one.id for one in companies])
        return {entry.kind: entry.who for entry in kind(reader.env, [AN]).entries()[0]}

    # Proves K.1-4.
    def test_whoever_had_the_case_is_the_one_who_asked_looked_and_attached(self):
        case = self.receive()
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        self.line(wizard, DEGREE).action_look()
        for line in wizard.line_ids:
            line.selected = line == self.line(wizard, CRIMINAL_RECORD)[:1]
        wizard.action_attach()
        self.as_("a", case).action_hand_over()
        by_a = dict.fromkeys(("asked", "attached", "previewed"), self.a.name)
        self.assertEqual(self.history(OwnHistory, self.a, self.b), by_a)
        by_clerk = {kind: f"{self.as_('a').env.user.name}, {self.a.name}" for kind in by_a}
        self.assertEqual(self.history(PersonHistory, self.a, self.b), by_clerk)

    # Proves K.1-4.
    def test_the_citizen_reads_where_it_was_handed_in_and_when_it_went_on(self):
        case = self.receive().sudo()
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal", lang="en_US")
        pages = self.env["kho.dl.citizen"].with_user(citizen)
        line = pages._case_line(case)
        self.assertEqual(line.office, f"{self.b.name} (handed in at {self.a.name})")
        case.write({"date_submitted": "2026-03-01", "handed_over_on": "2026-03-02", "date_received": "2026-03-03"})
        steps = [words for words, _moment in pages._steps_taken(case)]
        self.assertEqual(steps, ["Submitted", "Handed over to the office that decides", "Received by the office"])
        own = self.make_case(BINH).sudo()
        self.assertEqual(pages._case_line(own).office, own.company_id.name)

    # Proves K.1-4.
    def test_a_message_is_of_the_office_that_had_the_case(self):
        case = self.receive()
        values = {"case_id": case.id, "body": "Please come", "sent_on": "2026-01-01 08:00:00"}
        early = self.env["kho.dl.case.message"].sudo().create(values)
        self.as_("a", case).action_hand_over()
        late = early.copy({"sent_on": "2126-01-01 08:00:00"})
        writer = self.env["kho.dl.citizen"]._writer
        self.assertEqual([writer(early), writer(late)], [self.a.name, self.b.name])

    # Proves K.1-4.
    def test_what_was_handed_over_is_kept_in_the_language_of_the_office(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["res.users"].browse(self._staff.values()).lang = "vi_VN"
        case = self.receive()
        self.as_("a", case).with_context(lang="en_US").action_hand_over()
        kept = self.env["kho.dl.handover"].sudo().search([("case_id", "=", case.id)])
        self.assertIn("chưa có", kept.documents)
        self.assertTrue(self.as_("b", case).action_take_over(), "XML-RPC cannot carry nothing")

    def test_what_was_handed_over_lies_as_a_person_lays_it_out(self):
        case = self.receive()
        names = ["Thẻ căn cước – mặt sau.pdf", "Thẻ căn cước – mặt trước.pdf"]
        document = self.as_("a", self.document(case, CRIMINAL_RECORD))
        document.write({"attachment_ids": [Command.create({"name": name, "raw": SCAN}) for name in names]})
        self.as_("a", case).action_hand_over()
        kept = self.env["kho.dl.handover"].sudo().search([("case_id", "=", case.id)])
        self.assertEqual(kept.attachment_ids.sorted("id").mapped("name"), names[::-1])
        self.assertLess(kept.documents.index(names[1]), kept.documents.index(names[0]))

    def test_a_result_can_be_entered_where_the_procedure_names_none(self):
        case = self.as_("a").create(
            {"procedure_id": self.procedure.id, "owner_id_number": BINH, "person_name": "Trần Văn Bình", "state": "4"}
        )
        self.assertFalse(case.result_code_ids)
        self.assertFalse(Form(case)._get_modifier("paper_ids", "invisible"))
