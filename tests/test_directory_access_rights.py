from lxml import html

from odoo import Command
from odoo.exceptions import AccessError

from ..models.connection.res_company import PORTAL_DSTCODE
from .common import KhoDLCase, new_test_user

HA_GIANG = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"


class TestAccessRights(KhoDLCase):
    # Statements are counted.
    keeps_memory = False

    users = {
        "administrator": {"login": "keeper", "groups": "kho_dl.group_administrator", "name": "Lan"},
    }

    def setUp(self):
        super().setUp()
        self.rights = self.env["kho.dl.access.right"].with_user(self.administrator)
        self.servers = self.env["kho.dl.security.server"]

    def right(self, dstcode=HA_GIANG):
        return self.rights.with_context(active_test=False).search([("dstcode", "=", dstcode)])

    def listed(self):
        return set(self.rights.search([]).mapped("dstcode"))

    def progress(self):
        return self.rights._progress_in_words(self.company)

    # -- in step with the directory ----------------------------------------------------------------

    def test_each_subsystem_of_the_directory_has_a_row_and_so_has_the_portal(self):
        others = self.servers.search([("code", "!=", "000.00.00.H46")])
        self.assertEqual(self.listed(), {*others.mapped("dstcode"), PORTAL_DSTCODE})
        first = self.rights.search([])[0]
        self.assertEqual((first.dstcode, first.is_portal, first.state), (PORTAL_DSTCODE, True, "not_yet"))
        self.assertEqual(self.right().agency, self.servers.search([("dstcode", "=", HA_GIANG)]).name)

    # Proves W.3-6.
    def test_the_right_of_a_successor_says_whose_papers_it_has(self):
        self.assertFalse(self.right().succeeds)
        self.env["kho.dl.agency.succession"].create(
            [
                {"old_code": "H98", "old_name": "Tỉnh cũ", "new_code": "H99"},
                {"old_code": "000.00.00.H99", "new_code": "H22"},
                # A circle of entries ends.
                {"old_code": "H22", "new_code": "H98", "date_to": "2020-01-01"},
            ]
        )
        self.env.invalidate_all()
        self.assertEqual(self.right().succeeds, "000.00.00.H99 (000.00.00.H99), Tỉnh cũ (H98)")

    def test_a_vanished_subsystem_is_archived_and_keeps_its_mark(self):
        self.right().action_mark_granted()
        self.simulator.world.remove_agency("000.00.00.H22")
        self.servers.action_refresh()
        self.assertEqual((self.right().active, self.right().state), (False, "granted"))
        self.assertNotIn(HA_GIANG, self.listed())
        self.simulator.reset()
        self.servers.action_refresh()
        self.assertEqual((self.right().active, self.right().state), (True, "granted"))

    def test_another_subsystem_of_an_agency_begins_anew(self):
        self.right().action_mark_granted()
        self.simulator.world.set_agency("000.00.00.H22", name="Hà Giang", dstcode="VN:GOV:000.00.00.H22:new")
        self.servers.action_refresh()
        self.assertFalse(self.right().active)
        self.assertEqual(self.right("VN:GOV:000.00.00.H22:new").state, "not_yet")

    def test_edits_by_hand_are_followed_when_the_list_is_opened(self):
        own = self.servers.create({"code": "X1", "name": "By hand", "dstcode": "VN:GOV:X1:own"})
        action = self.rights.action_open()
        self.assertEqual(action["res_model"], "kho.dl.access.right")
        self.assertTrue(self.right("VN:GOV:X1:own").active)
        own.name = "Renamed"
        self.rights.action_open()
        self.assertEqual(self.right("VN:GOV:X1:own").agency, "Renamed")
        own.active = False
        self.rights.action_open()
        self.assertFalse(self.right("VN:GOV:X1:own").active)

    def test_nobody_grants_access_to_oneself(self):
        self.company.kho_dl_unit_code = "H22"
        self.rights.action_open()
        self.assertFalse(self.right().active)

    def test_two_agencies_of_one_subsystem_are_one_row(self):
        self.servers.create({"code": "000.00.09.H22", "name": "A district", "dstcode": HA_GIANG})
        self.rights.action_open()
        self.assertEqual(len(self.right()), 1)

    def test_the_portal_of_the_test_environment(self):
        self.company.kho_dl_papers_dstcode = "VN:GOV:000.00.00.G22:test"
        self.rights.action_open()
        self.assertTrue(self.right("VN:GOV:000.00.00.G22:test").is_portal)
        self.assertFalse(self.right(PORTAL_DSTCODE).is_portal)

    # Proves W.0-13.
    def test_each_subsystem_of_the_portal_that_a_call_goes_to_is_listed(self):
        login = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
        self.company.kho_dl_profile = "field_2024"
        self.company.write({"kho_dl_lookup_dstcode": "VN:GOV:000.00.00.G22:look", "kho_dl_sync_dstcode": f" {login} "})
        self.rights.action_open()
        portal = self.rights.search([("is_portal", "=", True)])
        self.assertEqual(set(portal.mapped("dstcode")), {PORTAL_DSTCODE, login, "VN:GOV:000.00.00.G22:look"})
        self.company.kho_dl_lookup_dstcode = False
        self.rights.action_open()
        self.assertFalse(self.right("VN:GOV:000.00.00.G22:look").active)

    def test_nothing_changed_means_nothing_written(self):
        self.right().note = "Letter 12"
        self.env.flush_all()
        before = self.rights.search([]).mapped("write_date")
        count = self.env.cr.sql_log_count
        self.rights._follow_directory()
        self.assertLessEqual(self.env.cr.sql_log_count - count, 3)
        self.assertEqual(self.rights.search([]).mapped("write_date"), before)

    def test_a_large_directory_is_followed_in_one_statement(self):
        counts = []
        for agencies in (100, 2000):
            self.simulator.reset()
            self.simulator.world.add_generated_agencies(agencies)
            self.servers.action_refresh()
            self.env.cr.execute("DELETE FROM kho_dl_access_right")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.rights._follow_directory()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertGreaterEqual(self.rights.search_count([]), agencies)
        self.assertLessEqual(counts[1], counts[0])

    # -- marking -----------------------------------------------------------------------------------

    def test_marking_many_records_who_and_when_and_tells_the_progress(self):
        total = len(self.listed())
        self.assertEqual(self.progress(), f"0 of {total} granted")
        chosen = self.rights.search([], limit=3)
        notice = chosen.action_mark_granted()
        self.assertEqual(notice["params"]["message"], f"3 of {total} granted")
        self.assertEqual(chosen.state_user_id, self.administrator)
        self.assertTrue(all(right.state_on for right in chosen))
        chosen[0].action_mark_refused()
        self.assertEqual((chosen[0].state, self.progress()), ("refused", f"2 of {total} granted"))
        chosen[0].action_mark_not_yet()
        self.assertEqual(chosen[0].state, "not_yet")

    def test_the_chatter_keeps_the_history(self):
        right = self.right()
        for mark in (right.action_mark_granted, right.action_mark_refused):
            mark()
            self.env.flush_all()
            self.env.cr.precommit.run()
        changes = right.sudo().message_ids.tracking_value_ids.mapped("new_value_char")
        self.assertEqual(set(changes), {"Granted", "Refused"})

    def test_who_marked_first_stays_when_somebody_marks_the_same_again(self):
        self.right().action_mark_granted()
        other = new_test_user(self.env, "keeper2", groups="kho_dl.group_administrator")
        self.right().with_user(other).action_mark_granted()
        self.assertEqual(self.right().state_user_id, self.administrator)

    def test_what_is_recorded_cannot_be_written(self):
        for name, value in (("state_user_id", 1), ("dstcode", "VN:GOV:X:y"), ("state_on", False), ("active", False)):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.right().write({name: value})

    # -- the checklist -----------------------------------------------------------------------------

    # Proves V.4-1.
    def test_the_words_of_the_security_servers_screen(self):
        portal = self.right(PORTAL_DSTCODE)
        self.assertEqual(portal.keyword, "G22")
        self.assertEqual(portal.subject, f"SUBSYSTEM:{PORTAL_DSTCODE}")
        self.assertEqual(
            (portal.instance, portal.member_class, portal.member_code, portal.subsystem_code),
            ("VN", "GOV", "000.00.00.G22", "vpcpcdvcqgsub01"),
        )

    def test_a_destination_code_of_another_shape_is_shown_as_it_is(self):
        self.servers.create({"code": "X1", "name": "Odd", "dstcode": "odd-one"})
        self.rights.action_open()
        odd = self.right("odd-one")
        self.assertEqual((odd.keyword, odd.subject, odd.member_code), ("odd-one", "odd-one", False))

    def test_the_printed_checklist_has_every_name(self):
        self.right().action_mark_granted()
        rights = self.rights.search([])
        report = self.env["ir.actions.report"].with_user(self.administrator)
        page = report._render_qweb_html("kho_dl.access_checklist", rights.ids)[0].decode()
        # In the page itself: its letterhead does not come out of every printer's program.
        page = html.fromstring(page).find_class("page")[0].text_content()
        for words in (*rights.mapped("subject"), self.progress(), self.company.name):
            self.assertIn(words, page)

    # -- who -----------------------------------------------------------------------------------------

    def test_clerks_neither_open_nor_mark(self):
        right = self.right()
        for forbidden in (right.action_open, right.action_mark_granted):
            with self.assertRaises(AccessError):
                getattr(right.with_user(self.clerk), forbidden.__name__)()

    def test_each_company_marks_its_own(self):
        company = self.env["res.company"].create({"name": "Other agency"})
        self._connect(company)
        stranger = new_test_user(
            self.env,
            "other_keeper",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        others = self.rights.with_user(stranger)
        others.action_open()
        own = others.search([("dstcode", "=", HA_GIANG)])
        self.assertEqual(own.company_id, company)
        own.action_mark_granted()
        # Opening the list for one company leaves those of the others alone.
        self.assertEqual((self.right().active, self.right().state), (True, "not_yet"))
        with self.assertRaises(AccessError):
            self.right().with_user(stranger).action_mark_granted()

    def test_a_company_without_unit_code_has_no_rows(self):
        company = self.env["res.company"].create({"name": "No agency"})
        self.rights._follow_directory()
        self.assertFalse(self.rights.sudo().search([("company_id", "=", company.id)]))
