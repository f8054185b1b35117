from ..models.common.office_language import in_office_language
from .common import AN, KhoDLCase, new_test_user


class TestOfficeLanguage(KhoDLCase):
    """What scheduled actions note is read by the people of the office."""

    def prepare(self):
        super().prepare()
        self.people = self.env.ref("kho_dl.group_clerk").all_user_ids
        self.people.lang = "vi_VN"

    def test_the_language_is_that_of_most_users(self):
        self.assertEqual(in_office_language(self.env["kho.dl.case"]).env.lang, "vi_VN")
        for number in range(len(self.people) + 1):
            new_test_user(self.env, f"english_{number}", groups="kho_dl.group_clerk", lang="en_US")
        self.assertEqual(in_office_language(self.env["kho.dl.case"]).env.lang, "en_US")

    def test_a_message_that_the_portal_refused(self):
        self.company.kho_dl_sync_enabled = True
        case = self.make_case(AN)
        self.simulator.order("sync", "error_code", times=1, code=7, message="Thiếu dữ liệu")
        self.env["kho.dl.outbox"].with_context(lang="en_US")._cron_send()
        row = self.env["kho.dl.outbox"].search([("case_id", "=", case.id), ("state", "=", "rejected")])
        self.assertIn("Cổng", row.error)

    def test_an_agency_that_cannot_be_reached(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        self.simulator.order("file", "server_error", times=None)
        wizard.line_ids.selected = True
        wizard.with_context(lang="en_US").action_attach()
        # What the clerk's own press noted is in the clerk's language.
        self.env["kho.dl.breaker"].sudo().search([]).unlink()
        self.retrievals(case).sudo()._make_due()
        self.env["kho.dl.retrieval"].with_context(lang="en_US")._cron_process()
        errors = self.env["kho.dl.breaker"].sudo().search([("failures", ">", 0)]).mapped("error")
        self.assertTrue(errors)
        for words in errors:
            self.assertNotIn("office", words)
