from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..models.connection import kho_dl_gateway
from ..simulator.profiles import PROFILES
from .common import AN
from .test_outbox import OutboxCase

ASKED, BACK = datetime(2026, 4, 10, 5), datetime(2026, 4, 12, 5)
DUE, DUE_AGAIN = datetime(2026, 4, 20, 5), datetime(2026, 4, 22, 5)


class PartsCase(OutboxCase):
    def speak(self, profile):
        self.simulator.reset()
        self.simulator.speak(profile)
        self.company.kho_dl_profile = profile
        self.env["kho.dl.token"].sudo().search([]).unlink()


class TestParts(PartsCase):
    """Requests for more documents, fees and refusals go with the case."""

    # Proves W.7-14 in every profile.
    def test_a_request_for_more_documents_is_told_with_its_receipt(self):
        for profile in PROFILES:
            with self.subTest(profile):
                self.speak(profile)
                case = self.make_case(AN, date_received="2026-04-01 05:00:00", date_due=DUE)
                with freeze_time(ASKED):
                    case.state = "5"
                self.assertIn("Health certificate", case.supplement_ids.content)
                case.supplement_ids.content = "Giấy khám sức khỏe còn hạn"
                self.send()
                told = self.at_portal(case)
                [asked] = told["DanhSachHoSoBoSung"]
                self.assertEqual(asked["HoSoBoSungId"], str(case.supplement_ids.id))
                self.assertEqual(
                    (asked["NoiDungBoSung"], asked["NgayBoSung"], asked["NguoiYeuCauBoSung"], asked["TrangThaiBoSung"]),
                    ("Giấy khám sức khỏe còn hạn", "20260410120000", "Hoa", "0"),
                )
                self.assertEqual(told["NgayYeuCauBoSung"], "20260410120000")
                with freeze_time(BACK):
                    case.state = "4"
                case.date_due = DUE_AGAIN
                case.supplement_ids.note = "Đã nộp"
                self.send()
                [asked] = self.at_portal(case)["DanhSachHoSoBoSung"]
                self.assertEqual(
                    [asked[name] for name in ("NguoiTiepNhanBoSung", "NgayTiepNhanBoSung", "TrangThaiBoSung")],
                    ["Hoa", "20260412120000", "1"],
                )
                self.assertEqual(
                    [asked[name] for name in ("ThongTinTiepNhan", "NgayHenTraTruoc", "NgayHenTraMoi")],
                    ["Đã nộp", "20260420120000", "20260422120000"],
                )

    # Proves W.7-3, W.7-11 in every profile.
    def test_a_case_that_the_portal_has_already_goes_once_more_as_an_update(self):
        for profile in PROFILES:
            with self.subTest(profile):
                self.speak(profile)
                case = self.make_case(AN)
                self.send()
                # As after a backup was restored: we do not know that we told of it.
                self.rows(case).sudo().unlink()
                self.simulator.clear_requests()
                case.with_user(self.clerk).action_tell_portal()
                self.send()
                self.assertEqual(self.states(case), [("case", "accepted")])
                self.assertTrue(self.rows(case).is_update)
                self.assertEqual(len(self.sent("DongBoHoSoMC")), 2)
                number = case.name
                with self.env["kho.dl.gateway"]._client(self.company) as client:
                    kho_dl_gateway.end_transaction(self.env.cr)
                    self.assertEqual(client.find_case(number).state, "1")

    def test_each_request_is_a_row_of_its_own(self):
        case = self.make_case(AN, state="5")
        self.assertEqual(len(case.supplement_ids), 1)
        case.state = "5"
        case.state = "7"
        self.assertFalse(case.supplement_ids.received_on)
        case.state = "4"
        self.assertTrue(case.supplement_ids.received_on)
        case.state = "5"
        self.send()
        told = self.at_portal(case)["DanhSachHoSoBoSung"]
        self.assertEqual([row["TrangThaiBoSung"] for row in told], ["1", "0"])

    def test_nobody_types_in_when_more_was_asked_for(self):
        supplement = self.make_case(AN, state="5").supplement_ids
        for values in ({"asked_on": ASKED}, {"received_on": ASKED}, {"note": "x", "asked_by": self.env.uid}):
            with self.assertRaises(AccessError):
                supplement.write(values)
        with self.assertRaises(AccessError):
            supplement.unlink()
        with self.assertRaises(AccessError):
            supplement.create({"case_id": supplement.case_id.id, "asked_on": ASKED, "asked_by": self.env.uid})

    # Proves W.7-14 in every profile.
    def test_fees_are_told_as_the_office_types_them(self):
        fee = {"name": "Lệ phí cấp phép", "code": "LP1", "amount": 135000, "collected": "4", "kind": "2"}
        for profile in PROFILES:
            with self.subTest(profile):
                self.speak(profile)
                case = self.make_case(AN)
                self.send()
                self.assertEqual(self.at_portal(case)["DanhSachLePhi"], [])
                case.write({"state": "6", "fee_ids": [Command.create(fee)]})
                self.send()
                told = [
                    {
                        "TenPhiLePhi": "Lệ phí cấp phép", "MaPhiLePhi": "LP1", "HinhThucThu": "4", "Gia": "135000",
                        "LoaiPhiLePhi": "2",
                    }
                ]  # fmt: skip
                self.assertEqual(self.at_portal(case)["DanhSachLePhi"], told)
                # A change of it alone is told, and that it is gone.
                case.fee_ids.amount = 0
                self.send()
                self.assertEqual(self.at_portal(case)["DanhSachLePhi"][0]["Gia"], "0")
                case.fee_ids.unlink()
                self.send()
                self.assertEqual(self.at_portal(case)["DanhSachLePhi"], [])

    def test_a_fee_that_was_typed_on_the_wrong_case_is_gone_there(self):
        wrong, right = self.make_case(AN), self.make_case(AN)
        wrong.fee_ids = [Command.create({"name": "Lệ phí", "amount": 10})]
        self.send()
        wrong.fee_ids.with_user(self.clerk).case_id = right
        self.send()
        self.assertEqual([len(self.at_portal(case)["DanhSachLePhi"]) for case in (wrong, right)], [0, 1])

    @mute_logger("odoo.sql_db")
    def test_a_fee_is_not_below_zero(self):
        case = self.make_case(AN)
        with self.assertRaisesRegex(Exception, "below zero|amount_not_negative"), self.env.cr.savepoint():
            case.fee_ids = [Command.create({"name": "x", "amount": -1})]

    # Proves W.7-14.
    def test_when_a_case_was_refused_is_told(self):
        case = self.make_case(AN)
        self.send()
        self.assertNotIn("NgayTuChoi", self.at_portal(case))
        with freeze_time(ASKED):
            case.state = "3"
        self.send()
        self.assertEqual(self.at_portal(case)["NgayTuChoi"], "20260410120000")


class TestStates(PartsCase):
    """States go by themselves, too, where the agency wants it."""

    def prepare(self):
        super().prepare()
        self.company.kho_dl_tell_states = True

    def told(self):
        return [body["data"]["TrangThai"] for body in self.sent("DongBoTrangThaiHoSo")]

    # Proves W.7-13 in every profile.
    def test_a_new_state_is_told_by_itself_where_the_portal_offers_it(self):
        for profile, spoken in PROFILES.items():
            with self.subTest(profile):
                self.speak(profile)
                case = self.make_case(AN)
                self.send()
                case.state = "2"
                case.state = "5"
                self.send()
                self.assertEqual(self.told(), ["1", "5"])
                self.assertEqual([step["TrangThai"] for step in self.at_portal(case)["TienDo"]], ["1", "2", "5"])
                last = self.rows(case)[-1]
                if spoken.has_states:
                    [_first, state] = self.at_portal(case)["TrangThai"]
                    self.assertEqual((state["MaHoSoDonVi"], state["NoiDung"]), (case.name, case.supplement_ids.content))
                    self.assertEqual((last.kind, last.state), ("state", "accepted"))
                else:
                    # Nobody else's message waits for it.
                    self.assertEqual((last.kind, last.state), ("state", "rejected"))
                    case.state = "4"
                    self.send()
                    self.assertEqual(self.at_portal(case)["TienDo"][-1]["TrangThai"], "4")
                    self.assertEqual(len(self.rows(case).filtered(lambda row: row.kind == "state")), 1)

    def test_steps_still_go_together(self):
        self.speak("field_2024")
        case = self.make_case(AN)
        for state in ("2", "4", "5", "4"):
            case.state = state
        self.send()
        services = [body["service"] for body in self.sent()]
        self.assertEqual(services, ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "DongBoTrangThaiHoSo"])

    def test_an_answer_that_was_lost_is_told_again(self):
        self.speak("field_2024")
        case = self.make_case(AN)
        self.send()
        case.state = "2"
        self.simulator.order("sync", "reset", times=None, match="")
        self.send()
        self.simulator.clear_faults()
        self.rows(case).sudo().next_try_on = False
        self.env["kho.dl.breaker"].sudo().search([]).unlink()
        self.send()
        self.assertEqual({state for _kind, state in self.states(case)}, {"accepted"})
        self.assertEqual(self.at_portal(case)["TrangThaiHoSo"], "2")

    def test_results_go_with_the_state_that_they_are_issued_in(self):
        self.speak("field_2024")
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.send()
        [file] = self.at_portal(case)["TrangThai"][-1]["TaiLieuXuLy"]
        self.assertEqual(file["DuongDanTaiTepTin"], paper.file_ids._address())

    def test_it_is_off_until_somebody_wants_it(self):
        self.company.kho_dl_tell_states = False
        self.speak("client_2026")
        self.make_case(AN)
        self.send()
        self.assertEqual(self.told(), [])
