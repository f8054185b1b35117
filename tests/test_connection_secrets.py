import base64
import os
import tempfile
from unittest.mock import patch

from odoo import fields
from odoo.tools import config, mute_logger

from ..models.connection.outside_secrets import outside_name
from ..models.health.health_check import examine, trouble_words
from .test_connection_branches import BranchCase
from .test_store_digitise import PASSWORD, Authority, key_file

_LOG = "odoo.addons.kho_dl.models.connection.outside_secrets"


class TestOutsideSecrets(BranchCase):
    # Statements are counted.
    keeps_memory = False

    def outside(self, **values):
        """Set environment variables for the rest of the test."""
        self.enterContext(patch.dict(os.environ, values))

    def file(self, content):
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "secret")
        with open(path, "wb") as file:
            file.write(content)
        return path

    def account(self, company):
        account = self.env["kho.dl.gateway"]._settings(company).directory.account
        return account.username, account.password

    # Proves K.3-3.
    def test_a_password_from_the_environment_is_used_and_not_kept(self):
        self.company.kho_dl_password = False
        self.outside(KHO_DL_H46_PASSWORD="h46-demo")
        self.assertFalse(self.env["res.config.settings"].create({})._kho_dl_connection_problem())
        self.assertEqual(self.account(self.ward), ("h46", "h46-demo"))
        self.env.flush_all()
        self.env.cr.execute("SELECT kho_dl_password FROM res_company WHERE kho_dl_password IS NOT NULL")
        self.assertFalse(self.env.cr.fetchall())

    def test_a_file_may_hold_it_as_editors_save_it(self):
        self.outside(KHO_DL_H46_PASSWORD_FILE=self.file(b"\xef\xbb\xbfm\xc3\xa2t kh\xe1\xba\xa9u \r\n"))
        self.assertEqual(self.account(self.company), ("h46", "mât khẩu "))

    def test_a_file_that_cannot_be_read_gives_no_old_password(self):
        self.outside(KHO_DL_H46_PASSWORD_FILE="/nowhere/secret")
        with self.assertLogs(_LOG, "WARNING") as logs:
            self.assertEqual(self.account(self.company), ("h46", ""))
        self.assertIn("KHO_DL_H46_PASSWORD_FILE", logs.output[0])
        self.assertNotIn("/nowhere", logs.output[0])

    @mute_logger(_LOG)
    def test_who_tests_the_connection_reads_why_there_is_no_password(self):
        self.outside(KHO_DL_H46_PASSWORD_FILE="/nowhere/secret")
        problem = self.env["res.config.settings"].create({})._kho_dl_connection_problem()
        self.assertIn("KHO_DL_H46_PASSWORD_FILE names a file that cannot be read: No such file", problem)

    @mute_logger(_LOG)
    def test_whoever_sees_to_it_reads_which_secret_is_missing(self):
        def troubles(company):
            found = examine(self.env, company, fields.Datetime.now(), kinds=["secret_unread"])[1]
            return [trouble_words(self.env, trouble)[0] for trouble in found]

        self.outside(KHO_DL_H46_PASSWORD=self.company.kho_dl_password)
        self.assertEqual(troubles(self.company), [])
        self.outside(KHO_DL_H46_HEALTH_TOKEN_FILE="/nowhere/token", KHO_DL_H46_SEAL_PKCS12_FILE="/")
        [title] = troubles(self.company)
        self.assertIn("KHO_DL_H46_SEAL_PKCS12_FILE (Is a directory)", title)
        self.assertIn("KHO_DL_H46_HEALTH_TOKEN_FILE (No such file or directory)", title)
        self.assertNotIn("PASSWORD", title)
        # Whoever follows another office's settings has nothing to see to; an office with the same name of its secrets has.
        self.assertNotIn("SEAL", " ".join(troubles(self.ward)))
        self.env["res.company"].create({"name": "Of the same code", "kho_dl_unit_code": "h46"})
        self.assertIn("KHO_DL_H46_PASSWORD (it stands for several offices)", troubles(self.company)[0])

    @mute_logger(_LOG)
    def test_a_second_account_whose_file_cannot_be_read_is_not_tried_with_the_password_of_the_first(self):
        self.company.kho_dl_papers_username = "h46-papers"
        self.outside(KHO_DL_H46_PAPERS_PASSWORD_FILE="/nowhere/secret")
        account = self.env["kho.dl.gateway"]._settings(self.company).papers.account
        self.assertEqual((account.username, account.password), ("h46-papers", ""))
        problem = self.env["res.config.settings"].create({})._kho_dl_connection_problem()
        self.assertIn("Password for papers. KHO_DL_H46_PAPERS_PASSWORD_FILE names a file", problem)

    def test_the_configuration_file_may_say_it(self):
        with patch.dict(config.options, {"kho_dl_h46_password": "100%"}):
            self.assertEqual(self.account(self.company), ("h46", "100%"))

    def test_an_account_never_gets_the_outside_password_of_another(self):
        self.outside(KHO_DL_H46_PASSWORD="h46-outside", KHO_DL_PASSWORD="of the province")
        self.commune.write({"kho_dl_username": "own", "kho_dl_password": "own password"})
        self.assertEqual(self.account(self.ward), ("own", "own password"))
        self.commune.kho_dl_unit_code = "H46.22"
        self.outside(KHO_DL_H46_22_PASSWORD="own outside")
        self.assertEqual(self.account(self.ward), ("own", "own outside"))
        self.assertEqual(self.account(self.other), ("h46", "h46-outside"))

    def test_a_branch_with_the_code_of_the_office_above_does_not_get_its_password(self):
        self.outside(KHO_DL_H46_PASSWORD="h46-outside")
        self.commune.write({"kho_dl_username": "own", "kho_dl_password": "own password", "kho_dl_unit_code": "H46"})
        self.assertEqual(self.account(self.commune), ("own", "own password"))
        self.assertEqual(self.account(self.company), ("h46", "h46-outside"))

    def test_of_two_offices_whose_codes_are_written_alike_none_gets_the_password(self):
        self.outside(KHO_DL_H46_22_PASSWORD="of H46.22")
        self.commune.write({"kho_dl_username": "one", "kho_dl_password": "one", "kho_dl_unit_code": "H46.22"})
        self.assertEqual(self.account(self.commune), ("one", "of H46.22"))
        other = self.env["res.company"].create({"name": "Another agency", "kho_dl_unit_code": "h46-22"})
        other.write({"kho_dl_ss_url": "http://10.0.0.9", "kho_dl_username": "two", "kho_dl_password": "two"})
        self.assertEqual([self.account(one)[1] for one in (self.commune, other)], ["", ""])
        settings = self.env["res.config.settings"].with_company(other).create({})
        self.assertIn("KHO_DL_H46_22_PASSWORD names several", settings.kho_dl_outside["kho_dl_password"])
        # One that is there no more disturbs nobody.
        other.active = False
        self.assertEqual(self.account(self.commune), ("one", "of H46.22"))

    def test_more_offices_are_no_more_statements(self):
        self.outside(KHO_DL_H46_PASSWORD="h46-outside", KHO_DL_H46_22_PASSWORD="of an office")
        counts = []
        for numbers in (range(20, 24), range(24, 50)):
            offices = self.make_branches(self.company, *(f"Office {number}" for number in numbers), logo=False)
            # Every other one has an account of its own.
            for number, office in zip(numbers[::2], offices[::2], strict=True):
                office.write({"kho_dl_username": f"h{number}", "kho_dl_unit_code": f"H46.{number}"})
            companies = self.env["res.company"].search([])
            self.env.flush_all()
            self.env.registry.clear_cache()
            self.env["kho.dl.gateway"]._fetching_alike(companies)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["kho.dl.gateway"]._fetching_alike(companies)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_no_code_draws_a_secret_that_is_called_otherwise(self):
        self.outside(KHO_DL_PASSWORD="general", KHO_DL_PAPERS_PASSWORD="papers", KHO_DL_H46_SEAL_PASSWORD="seal")
        other = self.env["res.company"].create({"name": "Another agency"})
        other.write({"kho_dl_ss_url": "http://10.0.0.9", "kho_dl_username": "two", "kho_dl_password": "two"})
        for code in ("PAPERS", "papers", "H46.SEAL", "Đ", "..."):
            other.kho_dl_unit_code = code
            self.assertEqual(self.account(other), ("two", "two"), code)

    def test_one_name_without_a_code_is_of_the_only_company_at_the_top(self):
        self.outside(KHO_DL_PASSWORD="outside")
        roots = self.env["res.company"].with_context(active_test=False).search([("parent_id", "=", False)])
        self.assertEqual(self.account(self.ward)[1], "outside" if len(roots) == 1 else "h46-demo")
        self.env["res.company"].create({"name": "Another agency"})
        self.assertEqual(self.account(self.ward)[1], "h46-demo")

    def test_the_seal_from_a_file(self):
        content = base64.b64decode(key_file(Authority().office))
        self.outside(KHO_DL_H46_SEAL_PKCS12_FILE=self.file(content), KHO_DL_H46_SEAL_PASSWORD=PASSWORD)
        key = self.env["kho.dl.gateway"]._seal_key(self.ward)
        self.assertEqual(self.company._kho_dl_seal_until(), key.valid_until.replace(tzinfo=None))
        self.assertFalse(self.company.kho_dl_seal_pkcs12)

    def test_the_token_of_monitoring(self):
        self.outside(KHO_DL_H46_HEALTH_TOKEN="from outside")
        health = self.env["kho.dl.health"]
        self.assertEqual(health._monitored_by("from outside"), self.company)
        self.assertFalse(health._monitored_by(""))
        self.commune.kho_dl_health_token = "its own"
        self.assertEqual(health._monitored_by("its own"), self.commune)

    def test_names(self):
        self.assertEqual(outside_name("PASSWORD", "000.00.00.H46"), "KHO_DL_000_00_00_H46_PASSWORD")
        self.assertEqual(outside_name("PASSWORD", "h46"), "KHO_DL_H46_PASSWORD")
        self.assertEqual(outside_name("PASSWORD"), "KHO_DL_PASSWORD")

    @mute_logger(_LOG)
    def test_nothing_of_a_secret_is_printed(self):
        self.outside(KHO_DL_H46_PASSWORD="marker")
        self.assertNotIn("marker", repr(self.company._kho_dl_outside("kho_dl_password")))
