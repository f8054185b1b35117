from odoo import Command

from .common import AN
from .paper_case import PDF
from .test_outbox import OutboxCase


class TestLengths(OutboxCase):
    # Proves W.7-5.
    def test_what_was_shortened_is_shown_and_stays_whole_with_us(self):
        name = "Nguyễn " * 10
        self.clerk.name = name
        case = self.make_case(AN)
        self.send()
        step = self.rows(case)[-1]
        self.assertEqual(self.at_portal(case)["TienDo"][0]["NguoiXuLy"], name.strip()[:50])
        self.assertEqual((step.cut_fields, step.cut_words), ("NguoiXuLy", "name of the officer"))
        self.assertFalse(self.rows(case)[0].cut_words)
        seen = case.with_user(self.clerk)
        self.assertIn("Shortened there, whole with us: name of the officer.", seen.portal_words)
        self.assertEqual(step.step_user_id.name, name)
        self.procedure.name = "Cấp giấy phép hành nghề " * 60
        file = {"name": f"{'tờ khai ' * 550}.pdf", "raw": PDF}
        self.document(case, False)[:1].write({"attachment_ids": [Command.create(file)]})
        self.send()
        self.assertEqual(len(self.at_portal(case)["TrichYeuHoSo"]), 1000)
        row = self.rows(case).filtered(lambda row: row.kind == "case")[-1]
        self.assertEqual((row.state, row.cut_words), ("accepted", "summary of the case, name of a file"))
        self.assertIn(row, self.outbox.with_user(self.clerk).search([("cut_fields", "!=", False)]))

    def test_what_is_short_enough_is_told_as_it_is(self):
        case = self.make_case(AN)
        self.send()
        self.assertFalse(any(self.rows(case).mapped("cut_fields")))
        self.assertNotIn("Shortened", case.portal_words)

    # Proves W.7-9.
    def test_a_step_of_a_user_without_a_name_names_the_office(self):
        self.clerk.partner_id.sudo().name = " "
        case = self.make_case(AN)
        self.send()
        [step] = self.at_portal(case)["TienDo"]
        self.assertEqual(step["NguoiXuLy"], self.company.name)
