from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .test_case_received import ReceivedCase


@tagged("-at_install", "post_install")
class TestReceivedCase(ReceivedCase):
    """What the portal is told of a case that A received for B: it is B's from the beginning."""

    def setUp(self):
        super().setUp()
        # Unit codes that the portal knows.
        self.a.write({"kho_dl_unit_code": "H46", "kho_dl_sync_enabled": True})
        self.b.write({"kho_dl_unit_code": "H22", "kho_dl_sync_enabled": True})

    def send(self):
        """Send what waits; return (madonvi, DonViXuLy, NoiNopHoSo) of the case, and (madonvi, who, where) of its steps."""
        self.simulator.clear_requests()
        self.env["kho.dl.outbox"].sudo()._cron_send()
        told = {"DongBoHoSoMC": [], "CapNhatTienDoHoSoMC": []}
        for request in self.simulator.requests("sync"):
            body = request["body"]
            keys = ("DonViXuLy", "NoiNopHoSo") if body["service"] == "DongBoHoSoMC" else ("NguoiXuLy", "PhongBanXuLy")
            told[body["service"]] += [(body["madonvi"], *(row[key] for key in keys)) for row in body["data"]]
        return told["DongBoHoSoMC"], told["CapNhatTienDoHoSoMC"]

    # Proves K.1-4.
    def test_the_case_is_that_of_its_office_and_each_step_of_where_it_was_done(self):
        case = self.receive()
        clerk_a, clerk_b = (self.as_(who).env.user.name for who in "ab")
        cases, steps = self.send()
        self.assertEqual(cases, [("H22", "Commune B", "2")])
        self.assertEqual(set(steps), {("H22", clerk_a, "Commune A")})
        self.as_("a", case).state = "4"
        self.as_("a", case).action_hand_over()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            mine = self.as_("b", case)
            mine.action_take_over()
            mine.state = "9"
        cases, steps = self.send()
        self.assertEqual(set(cases), {("H22", "Commune B", "2")})
        self.assertEqual(steps, [("H22", clerk_a, "Commune A"), ("H22", clerk_b, "Commune B")])
        self.assertEqual({row.state for row in self.env["kho.dl.outbox"].sudo().search([])}, {"accepted"})

    def test_a_case_that_is_received_where_it_belongs(self):
        self.as_("b").create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": self.env["res.partner"].create({"name": "Applicant"}).id,
                "owner_id_number": "000190000011",
            }
        )
        cases, steps = self.send()
        self.assertEqual(cases, [("H22", "Commune B", "2")])
        self.assertEqual({where for _unit, _who, where in steps}, {"Commune B"})

    def test_who_has_a_case_of_another_office_tells_the_portal_of_it(self):
        case = self.receive()
        told = self.as_("a", case).action_tell_portal()
        self.assertEqual(told["params"]["type"], "success")
        self.b.kho_dl_sync_enabled = False
        self.assertEqual(self.as_("a", case).action_tell_portal()["params"]["type"], "warning")

    def test_the_office_that_received_a_case_is_told_how_far_it_is_and_not_by_whom(self):
        case = self.receive()
        self.as_("a", case).action_hand_over()
        self.as_("b", case).write({"state": "4"})
        kept = self.as_("a", "kho.dl.handover").search([("case_id", "=", case.id)])
        self.assertEqual(kept.state, "4")
        self.assertNotEqual(kept.write_uid, self.as_("b").env.user)

    def test_results_are_made_by_the_office_whose_case_it_is(self):
        case = self.receive()
        for who in ("a", "b"):
            with self.assertRaisesRegex(UserError, "made by the office whose case this is"):
                self.as_(who, case).action_digitise()
        self.as_("a", case).action_hand_over()
        self.assertEqual(self.as_("b", case).action_digitise()["res_model"], "kho.dl.digitise")

    # Proves K.1-4.
    def test_who_received_it_reads_that_the_portal_refused_it_and_sends_it_again(self):
        self.b.kho_dl_unit_code = "H99"
        case = self.receive()
        self.assertEqual(self.as_("a", case).portal_state, "waiting")
        self.send()
        self.assertEqual(self.as_("a", case).portal_state, "refused")
        self.b.kho_dl_unit_code = "H22"
        self.as_("a", case).action_send_again()
        self.send()
        mine = self.as_("a", case)
        self.assertEqual((mine.portal_state, mine.has_access("write")), ("sent", True))
        with self.assertRaises(AccessError):
            self.as_("c", case).action_send_again()
