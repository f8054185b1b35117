from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError

from ..protocol.task_pool import TaskPool
from .common import AN, CRIMINAL_RECORD, DEGREE, new_test_user
from .paper_case import PDF, PaperCase


class OutboxCase(PaperCase):
    def prepare(self):
        super().prepare()
        # A token is there: what tests look at is what becomes of messages.
        self.env["kho.dl.security.server"].action_refresh()
        self.simulator.clear_requests()
        self.company.kho_dl_sync_enabled = True
        self.outbox = self.env["kho.dl.outbox"]

    def rows(self, case):
        return self.outbox.search([("case_id", "=", case.id)], order="id")

    def states(self, case):
        return [(row.kind, row.state) for row in self.rows(case)]

    def send(self):
        self.outbox._cron_send()

    def sent(self, service=None):
        """Return the bodies of the calls that told the portal something, without session."""
        bodies = [request["body"] for request in self.simulator.requests("sync")]
        return [body for body in bodies if service in (None, body["service"])]

    def at_portal(self, case):
        [found] = [row for row in self.simulator.cases() if row["MaHoSo"] == case.name]
        return found


class TestOutbox(OutboxCase):
    # Proves W.7-6.
    def test_a_new_case_is_told_with_its_first_step(self):
        case = self.make_case(AN)
        self.assertEqual(self.states(case), [("case", "pending"), ("progress", "pending")])
        self.assertEqual(case.portal_state, "waiting")
        self.assertFalse(self.simulator.requests())
        self.send()
        self.assertEqual(self.states(case), [("case", "accepted"), ("progress", "accepted")])
        self.assertEqual(case.portal_state, "sent")
        found = self.at_portal(case)
        self.assertEqual((found["MaTTHC"], found["MaDoiTuong"], found["TrangThaiHoSo"]), ("1.012289", AN, "1"))
        self.assertEqual([step["NguoiXuLy"] for step in found["TienDo"]], ["Hoa"])
        self.assertEqual(self.sent("DongBoHoSoMC")[0]["isUpdating"], "False")

    def test_what_was_accepted_before_is_updated(self):
        case = self.make_case(AN)
        self.send()
        case.state = "2"
        self.send()
        self.assertEqual([body["isUpdating"] for body in self.sent("DongBoHoSoMC")], ["False", "True"])
        self.assertEqual(self.at_portal(case)["TrangThaiHoSo"], "2")
        self.assertEqual([step["TrangThai"] for step in self.at_portal(case)["TienDo"]], ["1", "2"])
        self.assertTrue(self.at_portal(case)["NgayTiepNhan"])

    def test_several_changes_are_one_message_and_each_step_its_own(self):
        case = self.make_case(AN)
        self.send()
        case.date_due = fields.Datetime.now() + timedelta(days=5)
        case.channel = "3"
        self.assertEqual(len(self.rows(case)), 3)
        case.state = "2"
        case.state = "4"
        self.send()
        self.assertEqual([step["TrangThai"] for step in self.at_portal(case)["TienDo"]], ["1", "2", "4"])
        # What is told twice is the same: how the case is when it is sent.
        self.assertEqual({body["data"][0]["TrangThaiHoSo"] for body in self.sent("DongBoHoSoMC")[1:]}, {"4"})

    def test_times_are_those_of_vietnam(self):
        case = self.make_case(AN, date_submitted="2026-03-01 20:15:30")
        self.send()
        self.assertEqual(self.at_portal(case)["NgayNopHoSo"], "20260302031530")

    def test_nothing_is_told_where_it_is_switched_off(self):
        self.company.kho_dl_sync_enabled = False
        case = self.make_case(AN)
        case.state = "2"
        self.send()
        self.assertFalse(self.rows(case))
        self.assertEqual(case.action_tell_portal()["params"]["type"], "warning")
        self.assertFalse(self.rows(case))
        self.company.kho_dl_sync_enabled = True
        said = case.action_tell_portal()["params"]
        self.assertEqual((said["type"], "1 cases" in said["message"]), ("success", True))
        self.send()
        self.assertEqual(self.at_portal(case)["TrangThaiHoSo"], "2")

    # Proves III.2-1, W.7-4.
    def test_provenance_is_told_truly(self):
        self.make_paper(number="own").action_enter()
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        self.line(wizard, DEGREE)[:1].selected = True
        degree = self.document(case, DEGREE).procedure_document_id.sudo()
        degree.substitute_code_ids = degree.result_code_ids
        wizard.action_attach()
        self.document(case, False)[:1].write(
            {"attachment_ids": [Command.create({"name": "form.pdf", "raw": PDF + b"form"})]}
        )
        self.send()
        told = {row["TenTepDinhKem"]: row for row in self.at_portal(case)["TaiLieuNop"]}
        keys = ("DuocSoHoa", "DuocTaiSuDung", "DuocLayTuKhoDMQG", "MaKetQuaThayThe")
        found = sorted(tuple(row[key] for key in keys) for row in told.values())
        self.assertEqual(found, [(0, 1, 0, ""), (0, 2, 1, DEGREE), (1, 0, 0, "")])
        self.assertEqual(self.at_portal(case)["HoSoCoThanhPhanSoHoa"], 1)

    def test_a_substitute_is_one_of_the_accepted_results(self):
        document = self.procedure.document_ids[1]
        with self.assertRaises(ValidationError):
            document.substitute_code_ids = self.codes[DEGREE] | self.codes[CRIMINAL_RECORD]

    # Proves II.1-1.
    def test_results_are_told_with_their_links_and_taken_back(self):
        case = self.make_case(AN)
        self.send()
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.send()
        [result] = self.at_portal(case)["DanhSachGiayToKetQua"]
        self.assertEqual(result["DuongDanTepTinKetQua"], paper.file_ids._address())
        self.assertEqual(result["MaGiayToKetQua"], CRIMINAL_RECORD)
        paper._revoke("x")
        self.send()
        self.assertEqual(self.at_portal(case)["DanhSachGiayToKetQua"], [])

    def told_with_a_result(self, **values):
        """Return a case that the portal knows, and the paper that it issued."""
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id, **values)
        case.state = "9"
        self.send()
        self.assertEqual(len(self.at_portal(case)["DanhSachGiayToKetQua"]), 1)
        return case, paper

    def test_a_link_goes_from_the_portal_on_the_day_after_the_last_day_of_its_paper(self):
        today = self.env["kho.dl.paper"]._today()
        case, paper = self.told_with_a_result(date_expiry=today, is_unlimited=False)
        self.outbox._cron_links()
        self.assertFalse(self.rows(case).filtered(lambda row: row.state == "pending"))
        # Two days later: that nobody ran the action yesterday loses nothing.
        self.patch(type(paper), "_today", lambda _papers: today + timedelta(days=2))
        paper.invalidate_recordset()
        self.outbox._cron_links()
        self.send()
        self.assertEqual(self.at_portal(case)["DanhSachGiayToKetQua"], [])
        count = len(self.rows(case))
        self.outbox._cron_links()
        self.assertEqual(len(self.rows(case)), count)

    def test_a_new_address_of_ours_reaches_the_portal(self):
        case, paper = self.told_with_a_result()
        untold = self.make_case(AN)
        self.rows(untold).unlink()
        self.company.kho_dl_own_providerurl = "https://moi.example.gov.vn"
        self.outbox._cron_links()
        self.assertEqual((self.company.kho_dl_links_left, len(self.rows(untold))), (0, 0))
        self.send()
        [result] = self.at_portal(case)["DanhSachGiayToKetQua"]
        self.assertEqual(result["DuongDanTepTinKetQua"], paper.file_ids._address())
        self.assertIn("moi.example.gov.vn", result["DuongDanTepTinKetQua"])
        self.company.kho_dl_own_providerurl = "https://moi.example.gov.vn"
        self.assertFalse(self.company.kho_dl_links_left)

    def test_a_link_that_changes_while_the_first_message_is_on_its_way_follows(self):
        self.company.kho_dl_sync_enabled = False
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.company.kho_dl_sync_enabled = True
        case.action_tell_portal()
        collect, once = TaskPool.collect, []

        def change_first(pool, seconds):
            if not once:
                once.append(len(pool))
                self.company.kho_dl_own_providerurl = "https://moi.example.gov.vn"
                self.outbox._cron_links()
            return collect(pool, seconds)

        self.patch(TaskPool, "collect", change_first)
        self.send()
        self.send()
        [result] = self.at_portal(case)["DanhSachGiayToKetQua"]
        self.assertEqual(result["DuongDanTepTinKetQua"], paper.file_ids._address())

    def test_what_was_revoked_while_nothing_was_told_goes_when_it_is_told_again(self):
        case, paper = self.told_with_a_result()
        self.company.kho_dl_sync_enabled = False
        paper._revoke("x")
        self.company.kho_dl_sync_enabled = True
        self.outbox._cron_links()
        self.send()
        self.assertEqual(self.at_portal(case)["DanhSachGiayToKetQua"], [])

    def test_another_adapter_is_another_link(self):
        self.company.kho_dl_own_dstcode = "VN:GOV:H46:sub"
        case, paper = self.told_with_a_result()
        self.company.kho_dl_download_adapter = "OtherAdapter"
        self.outbox._cron_links()
        self.send()
        [result] = self.at_portal(case)["DanhSachGiayToKetQua"]
        self.assertIn("OtherAdapter", result["DuongDanTepTinKetQua"])

    def test_a_case_that_the_portal_may_know_stays(self):
        case = self.make_case(AN)
        self.rows(case)[0].is_uncertain = True
        with self.assertRaises(UserError):
            case.sudo().unlink()

    def test_what_is_refused_says_why_and_holds_back_what_follows(self):
        case, other = self.make_case(AN), self.make_case(AN)
        self.simulator.reject_case(case.name, "Thiếu mã lĩnh vực")
        self.send()
        self.assertEqual(self.states(case), [("case", "rejected"), ("progress", "pending")])
        self.assertEqual(self.states(other), [("case", "accepted"), ("progress", "accepted")])
        self.assertEqual((case.portal_state, case.portal_words), ("refused", "Thiếu mã lĩnh vực"))
        self.simulator.reject_case(case.name, "")
        self.send()
        self.assertEqual(self.states(case)[0], ("case", "rejected"))
        case.with_user(self.clerk).action_send_again()
        self.send()
        self.assertEqual(self.states(case), [("case", "accepted"), ("progress", "accepted")])

    def test_what_is_refused_without_a_word_was_refused_all_the_same(self):
        case = self.make_case(AN)
        self.simulator.reject_case(case.name, " ")
        self.send()
        [row, *_later] = self.rows(case)
        self.assertEqual(row.state, "rejected")
        self.assertFalse(row.portal_message)
        self.assertEqual((case.portal_state, case.portal_words), ("refused", row.error))

    def test_a_corrected_case_is_sent_again_by_itself(self):
        case = self.make_case(AN)
        self.simulator.reject_case(case.name, "Sai kênh")
        self.send()
        self.simulator.reject_case(case.name, "")
        case.with_user(self.clerk).channel = "3"
        self.send()
        self.assertEqual(self.states(case), [("case", "accepted"), ("progress", "accepted")])
        self.assertEqual(self.at_portal(case)["KenhThucHien"], "3")

    def test_a_case_that_cannot_be_told_says_what_is_missing(self):
        case = self.make_case(False)
        self.send()
        self.assertIn("id number", self.rows(case)[0].error)
        # The portal has not seen it: nothing says that it refused.
        self.assertEqual((case.portal_state, case.portal_words), ("stuck", self.rows(case)[0].error))
        self.assertFalse(self.sent())
        case.owner_id_number = AN
        self.send()
        self.assertEqual(self.states(case)[0], ("case", "accepted"))

    def test_a_portal_that_is_down_holds_up_no_case(self):
        self.simulator.stop()
        try:
            case = self.make_case(AN)
            self.send()
            case.state = "2"
        finally:
            self.simulator.start()
        self.assertEqual(case.state, "2")
        first = self.rows(case)[0]
        self.assertEqual((first.state, first.tries), ("pending", 1))
        self.assertTrue(first.error)
        self.assertIn(first.error, case.portal_words)
        first.sudo().next_try_on = False
        self.send()
        self.assertEqual({state for _kind, state in self.states(case)}, {"accepted"})

    def test_a_case_whose_answer_was_lost_is_looked_up_first(self):
        case = self.make_case(AN)
        self.simulator.order("sync", "cut_body", times=1, bytes=3)
        self.send()
        first = self.rows(case)[0]
        self.assertEqual((first.state, first.is_uncertain), ("pending", True))
        self.send()
        self.assertEqual(self.states(case), [("case", "accepted"), ("progress", "accepted")])
        services = [body["service"] for body in self.sent()]
        self.assertEqual(services, ["DongBoHoSoMC", "TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"])
        self.assertEqual([body["isUpdating"] for body in self.sent("DongBoHoSoMC")], ["False", "True"])

    def test_a_step_whose_answer_was_lost_is_not_told_twice(self):
        case = self.make_case(AN)
        self.send()
        self.outbox._tell_steps(case)
        self.simulator.order("sync", "cut_body", times=1, bytes=3)
        self.send()
        self.assertTrue(self.rows(case)[-1].is_uncertain)
        self.send()
        self.assertEqual(self.rows(case)[-1].state, "accepted")
        self.assertEqual(len(self.at_portal(case)["TienDo"]), 2)

    # Proves W.1-5.
    def test_an_old_token_costs_one_login_and_no_message(self):
        self.send()
        case = self.make_case(AN)
        self.send()
        self.simulator.expire_tokens()
        case.state = "2"
        self.send()
        self.assertEqual({state for _kind, state in self.states(case)}, {"accepted"})

    def test_a_wrong_account_keeps_everything_waiting(self):
        self.company.kho_dl_password = "wrong"
        self.env["kho.dl.token"].sudo().search([]).unlink()
        case = self.make_case(AN)
        self.send()
        self.assertEqual(self.rows(case)[0].state, "pending")
        self.assertEqual(self.rows(case)[0].error_kind, "account_refused")
        self.assertFalse(self.rows(case)[0].is_uncertain)

    def test_clerks_of_another_company_see_and_send_nothing(self):
        case = self.make_case(AN)
        company = self.env["res.company"].create({"name": "B"})
        stranger = new_test_user(
            self.env, "stranger", groups="kho_dl.group_clerk", company_id=company.id, company_ids=[company.id]
        )
        self.assertFalse(self.outbox.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.rows(case).with_user(stranger).action_send_again()
        with self.assertRaises(AccessError):
            self.rows(case).with_user(self.clerk).write({"state": "accepted"})
