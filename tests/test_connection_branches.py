import os
from itertools import count
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import KhoDLCase, KhoDLFixtures, new_test_user
from .test_store_digitise import PASSWORD, Authority, key_file


class BranchCase(KhoDLCase):
    """A province (the company of the tests), its commune with two wards, and another commune."""

    def prepare(self):
        super().prepare()
        self.commune, self.other = self.make_branches(self.company, "Commune", "Other commune")
        self.ward, self.hamlet = self.make_branches(self.commune, "Ward", "Hamlet")
        self.branches = self.commune | self.other | self.ward | self.hamlet

    def make_branches(self, above, *names, **values):
        return self.env["res.company"].create([{"name": name, "parent_id": above.id, **values} for name in names])

    def administrator(self, login, offices):
        """Return a user who administers `offices` and has a mail address."""
        return new_test_user(
            self.env,
            login,
            groups="kho_dl.group_administrator,base.group_multi_company",
            company_id=offices[0].id,
            company_ids=[(6, 0, offices.ids)],
            email=f"{login}@example.com",
            lang="en_US",
        )


class TestBranches(BranchCase):
    # Statements are counted.
    keeps_memory = False

    # Proves K.1-1.
    def test_a_branch_has_the_settings_of_the_nearest_company_above(self):
        for branch in self.branches:
            self.assertEqual(branch.kho_dl_username, "h46")
            self.assertEqual(branch.kho_dl_ss_url, self.simulator.url)
            self.assertEqual(branch._kho_dl_account(), self.company)
        self.company.write({"kho_dl_password": "changed", "kho_dl_timeout": 7})
        self.assertEqual(set(self.branches.mapped("kho_dl_password")), {"changed"})
        self.assertEqual(set(self.branches.mapped("kho_dl_timeout")), {7})
        self.assertFalse(any(self.branches.mapped("kho_dl_differs_in")))
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.assertEqual((self.commune | self.ward).mapped("kho_dl_username"), ["h22", "h22"])
        self.assertEqual(self.other.kho_dl_username, "h46")
        self.assertEqual(self.ward._kho_dl_account(), self.commune)
        self.assertEqual(
            (self.company | self.branches)._kho_dl_accounts(),
            {self.company: self.company | self.other, self.commune: self.commune | self.ward | self.hamlet},
        )
        self.company.write({"kho_dl_password": "changed again", "kho_dl_timeout": 8})
        self.assertEqual((self.commune | self.ward).mapped("kho_dl_password"), ["h22-demo"] * 2)
        self.assertEqual(self.other.kho_dl_password, "changed again")
        self.assertEqual(set(self.branches.mapped("kho_dl_timeout")), {8})

    def test_who_follows_again_has_what_is_above_now(self):
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.company.kho_dl_password = "changed"
        self.commune._kho_dl_follow("connection")
        self.assertFalse(self.commune.kho_dl_differs_in)
        self.assertEqual((self.commune | self.ward).mapped("kho_dl_username"), ["h46", "h46"])
        self.assertEqual((self.commune | self.ward).mapped("kho_dl_password"), ["changed", "changed"])

    def test_an_emptied_address_follows_again(self):
        self.commune.write({"kho_dl_ss_url": "http://10.0.0.9", "kho_dl_username": "own", "kho_dl_password": "own"})
        self.commune.kho_dl_scanner_address = "127.0.0.1:3310"
        self.assertFalse(self.ward.kho_dl_differs_in)
        self.assertEqual(self.commune.kho_dl_differs_in, ["connection", "scanner"])
        self.commune.write({"kho_dl_ss_url": False, "kho_dl_scanner_address": False})
        self.assertFalse(self.commune.kho_dl_differs_in)
        self.assertEqual(self.ward.kho_dl_ss_url, self.simulator.url)
        self.assertEqual(self.ward.kho_dl_username, "h46")
        self.assertFalse(self.ward.kho_dl_scanner_address)

    def test_a_branch_that_differs_only_in_its_scanner(self):
        self.company.kho_dl_scanner_address = "127.0.0.1:3310"
        self.ward.kho_dl_scanner_address = "127.0.0.1:3311"
        self.company.write({"kho_dl_scanner_address": False, "kho_dl_max_file_mb": 20})
        self.assertEqual(self.ward.kho_dl_scanner_address, "127.0.0.1:3311")
        self.assertFalse(self.hamlet.kho_dl_scanner_address)
        self.assertEqual(self.ward.kho_dl_max_file_mb, 20)
        self.assertEqual(self.ward._kho_dl_source("scanner"), self.ward)
        self.assertEqual(self.ward._kho_dl_account(), self.company)

    def test_an_account_never_gets_the_password_of_another(self):
        self.company.write({"kho_dl_papers_username": "papers", "kho_dl_papers_password": "secret"})
        self.commune.kho_dl_username = "h22"
        self.assertFalse(self.commune.kho_dl_password)
        self.assertFalse(self.commune.kho_dl_papers_username)
        self.assertFalse(self.ward.kho_dl_papers_password)
        [made] = self.make_branches(self.company, "With an account", kho_dl_username="h22")
        self.assertEqual(made.kho_dl_ss_url, self.simulator.url)
        self.assertFalse(made.kho_dl_password)
        self.assertFalse(made.kho_dl_papers_password)
        self.assertEqual(made.kho_dl_differs_in, ["connection"])

    def test_a_branch_may_have_what_nobody_above_has(self):
        agency = self.env["res.company"].create({"name": "Not connected"})
        commune, other = self.make_branches(agency, "Connected", "Elsewhere")
        commune.write({"kho_dl_ss_url": self.simulator.url, "kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        [ward] = self.make_branches(commune, "Below")
        self.assertEqual(ward.kho_dl_username, "h22")
        self.assertEqual(ward._kho_dl_account(), commune)
        self.assertEqual(other._kho_dl_account(), agency)
        agency.write({"kho_dl_ss_url": "http://10.0.0.1", "kho_dl_username": "h1", "kho_dl_password": "h1"})
        self.assertEqual((ward | other).mapped("kho_dl_username"), ["h22", "h1"])

    def test_the_unit_code_is_the_branchs_own_else_of_the_nearest_above(self):
        self.ward.kho_dl_unit_code = "H46.1.2"
        self.assertFalse(self.commune.kho_dl_unit_code)
        self.assertEqual(self.commune._kho_dl_unit(), "H46")
        self.assertEqual(self.ward._kho_dl_unit(), "H46.1.2")
        gateway = self.env["kho.dl.gateway"]
        self.assertEqual(gateway._settings(self.hamlet).unit_code, "H46")
        self.assertEqual(gateway._settings(self.ward).unit_code, "H46.1.2")

    def test_a_seal_goes_with_its_password(self):
        authority = Authority()
        self.company.write({"kho_dl_seal_pkcs12": key_file(authority.office), "kho_dl_seal_password": PASSWORD})
        self.assertTrue(self.ward.kho_dl_seal_valid_until)
        gateway = self.env["kho.dl.gateway"]
        self.assertEqual(gateway._seal_key(self.ward).subject, gateway._seal_key(self.company).subject)
        self.company.kho_dl_seal_pkcs12 = False
        self.assertFalse(self.ward.kho_dl_seal_valid_until)

    def test_archived_branches_follow_too(self):
        self.ward.active = False
        self.company.kho_dl_password = "changed"
        self.ward.active = True
        self.assertEqual(self.ward.kho_dl_password, "changed")

    def test_kinds_of_files_follow(self):
        kind = self.env["kho.dl.file.kind"].search([], limit=1)
        self.company.kho_dl_file_kind_ids = kind
        self.assertEqual(self.ward.kho_dl_file_kind_ids, kind)
        self.ward.kho_dl_file_kind_ids = False
        self.assertEqual(self.ward.kho_dl_differs_in, ["kinds"])
        self.assertEqual(self.hamlet.kho_dl_file_kind_ids, kind)

    def test_a_change_above_is_written_once_for_all_branches(self):
        number = count()
        self.make_branches(self.company, *(f"Office {next(number)}" for _ in range(3)))
        self.env.flush_all()

        def statements():
            before = self.env.cr.sql_log_count
            self.company.kho_dl_username = f"account {next(number)}"
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements()
        few = statements()
        self.make_branches(self.company, *(f"Office {next(number)}" for _ in range(30)))
        self.env.flush_all()
        statements()
        self.assertLessEqual(statements(), few + 2)

    def test_settings_of_a_branch_that_were_there_before_stay(self):
        self.env.flush_all()
        # As an installation of before has them: nothing followed.
        self.env.cr.execute(
            "UPDATE res_company SET kho_dl_username = 'h22', kho_dl_timeout = 12 WHERE id = %s", self.commune.ids
        )
        self.env.cr.execute(
            "UPDATE res_company SET kho_dl_ss_url = NULL WHERE id IN %s", [(self.ward.id, self.other.id)]
        )
        self.env.invalidate_all()
        self.env["res.company"]._kho_dl_adopt_branches()
        self.assertEqual(self.commune.kho_dl_differs_in, ["connection", "limits"])
        self.assertEqual(self.ward.kho_dl_differs_in, ["limits"])
        self.assertEqual(self.ward.kho_dl_username, "h22")
        self.assertEqual(self.other.kho_dl_ss_url, self.simulator.url)
        self.assertFalse(self.other.kho_dl_differs_in)

    def test_what_a_test_said_of_an_account_makes_nothing_differ(self):
        settings = self.env["res.config.settings"].with_company(self.ward).create({})
        self.assertFalse(settings._kho_dl_connection_problem())
        self.assertFalse(self.ward.kho_dl_differs_in)
        self.assertTrue(self.company.kho_dl_tested_on)
        self.assertEqual(self.ward.kho_dl_tested_key, self.company.kho_dl_tested_key)

    def test_who_may_not_read_settings_still_makes_branches(self):
        manager = new_test_user(self.env, "manager", groups="base.group_erp_manager,base.group_partner_manager")
        branch = self.env["res.company"].with_user(manager).create({"name": "Made", "parent_id": self.company.id})
        self.assertEqual(branch.sudo().kho_dl_username, "h46")


class TestBranchSettings(BranchCase):
    """The settings of a branch, as its own administrator sees and changes them."""

    users = {"administrator": {"login": "branch_admin", "groups": "base.group_system"}}

    def prepare(self):
        super().prepare()
        self.company.name = "Province"
        self.administrator.write({"company_ids": [(6, 0, self.ward.ids)], "company_id": self.ward.id})

    def settings(self, **values):
        settings = self.env["res.config.settings"].with_user(self.administrator).with_company(self.ward)
        return settings.with_context(allowed_company_ids=self.ward.ids).create(values)

    def test_whose_settings_these_are(self):
        self.commune.kho_dl_timeout = 12
        settings = self.settings()
        shown = settings.kho_dl_followed
        self.assertEqual(shown["connection"], {"from": "Province", "above": "Province", "is_own": False})
        self.assertEqual(shown["limits"], {"from": "Commune", "above": "Commune", "is_own": False})
        self.assertEqual(settings.kho_dl_unit_above, "H46")
        self.assertFalse(self.env["res.config.settings"].create({}).kho_dl_followed)

    def test_what_is_saved_unchanged_makes_nothing_differ(self):
        settings = self.env["res.config.settings"].with_company(self.ward)
        values = settings.default_get(list(settings._fields))
        settings.create(values).execute()
        self.assertFalse(self.ward.kho_dl_differs_in)

    def test_what_is_entered_counts_here_until_it_follows_again(self):
        self.settings(kho_dl_username="own", kho_dl_password="own password", kho_dl_timeout=11)
        self.assertEqual(self.ward.kho_dl_differs_in, ["connection", "limits"])
        self.assertEqual(self.ward.kho_dl_password, "own password")
        self.assertEqual(self.commune.kho_dl_username, "h46")
        settings = self.settings()
        settings.action_kho_dl_follow("connection")
        self.assertEqual((self.ward.kho_dl_username, self.ward.kho_dl_password), ("h46", "h46-demo"))
        self.assertEqual(self.ward.kho_dl_differs_in, ["limits"])
        settings.action_kho_dl_differ("alarms")
        self.company.kho_dl_alarm_rejected = 99
        self.assertEqual(self.ward.kho_dl_alarm_rejected, 10)
        self.assertEqual(self.hamlet.kho_dl_alarm_rejected, 99)

    def test_a_seal_is_entered_in_the_form(self):
        self.settings(kho_dl_seal_pkcs12=key_file(Authority().office), kho_dl_seal_password=PASSWORD)
        self.assertEqual(self.ward.kho_dl_differs_in, ["seal"])
        self.assertTrue(self.env["kho.dl.gateway"]._seal_key(self.ward).subject)
        self.assertFalse(self.hamlet.kho_dl_seal_pkcs12)

    def test_only_system_administrators_choose_and_only_among_what_there_is(self):
        settings = self.settings()
        with self.assertRaises(UserError):
            settings.action_kho_dl_follow("nonsense")
        with self.assertRaises(AccessError):
            settings.with_user(self.clerk).action_kho_dl_follow("limits")

    def test_the_other_way_is_tried_with_what_the_branch_has(self):
        self.company.kho_dl_password = False
        self.enterContext(patch.dict(os.environ, {"KHO_DL_H46_PASSWORD": "h46-demo"}))
        ward = self.ward.new({"kho_dl_login_as": "client"}, origin=self.ward)
        settings = self.env["kho.dl.gateway"]._settings(ward)
        self.assertEqual((settings.unit_code, settings.login_as), ("H46", "client"))
        self.assertEqual(settings.directory.account.password, "h46-demo")

    def test_a_test_of_the_connection_in_the_branch(self):
        settings = self.settings()
        self.assertFalse(settings._kho_dl_connection_problem())
        self.assertFalse(self.ward.kho_dl_differs_in)
        self.assertEqual(settings.kho_dl_setup["test"]["state"], "done")


@tagged("-at_install", "post_install")
class TestBranchForm(KhoDLFixtures, HttpCase):
    def test_the_form_says_whose_settings_these_are(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        admin = self.env.ref("base.user_admin")
        self.company.name = "Province"
        ward = self.env["res.company"].create({"name": "Ward", "parent_id": self.company.id})
        admin.write({"lang": "en_US", "company_ids": [(4, ward.id)], "company_id": ward.id})
        self.enterContext(patch.dict(os.environ, {"KHO_DL_H46_PASSWORD": "h46-demo"}))
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_settings", "kho_dl_branch_settings", login="admin")
        self.assertEqual((ward.kho_dl_timeout, ward.kho_dl_differs_in), (30, ["limits"]))
