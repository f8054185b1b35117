import logging
from unittest.mock import patch

from odoo.exceptions import UserError

from ..models.lookup.kho_dl_preview_fetch import KhoDLLookupCandidate
from .common import AN, CRIMINAL_RECORD, KhoDLCase

LOGGER = "odoo.addons.kho_dl.models.lookup.kho_dl_preview_fetch"


class TestLookupPreview(KhoDLCase):
    """A paper is looked at before it is chosen: at the counter by the same means as by a citizen."""

    def prepare(self):
        super().prepare()
        self.wizard = self.make_wizard(self.make_case(AN))
        self.wizard.action_search()
        self.candidate = self.wizard.lookup_id.candidate_ids.filtered(
            lambda one: one.case_document_id.result_code_ids.code == CRIMINAL_RECORD
        )[:1].with_user(self.clerk)

    def looks(self):
        return self.env["kho.dl.disclosure"].search([("kind", "=", "previewed")])

    def test_an_officer_looks_and_it_is_on_record(self):
        previews, errors = self.candidate._preview(10)
        self.assertFalse(errors)
        [preview] = previews
        self.assertEqual((preview.page_count, preview.problem), (1, False))
        self.assertTrue(preview._picture(1).startswith(b"\xff\xd8"))
        look = self.looks()
        self.assertEqual((look.user_id, look.owner_id_number, look.entry_count), (self.clerk, AN, 1))
        # Sealed as all of the journal is.
        look._seal_now(look.company_id)
        self.assertTrue(look.chain_hash)

    def test_the_log_says_what_became_of_it(self):
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.candidate._preview(10)
        [asked] = self.simulator.requests("file")
        trace_id = self.candidate.query_id.sudo().trace_id
        self.assertIn(f"trace {trace_id}: file to look at came {asked['far_id']}", logs.output[0])

    def test_a_consent_that_is_withdrawn_meanwhile_is_heard(self):
        fetch = KhoDLLookupCandidate._fetch_for_preview

        def fetch_and_withdraw(candidate, seconds):
            came = fetch(candidate, seconds)
            self.wizard.case_id.with_user(self.clerk).withdraw_consent("Changed their mind")
            self.env.cr.commit()
            return came

        with patch.object(KhoDLLookupCandidate, "_fetch_for_preview", fetch_and_withdraw):
            said = self.said_about_a_look()
        self.assertIn("withdrew the consent", said)
        self.assertFalse(self.env["kho.dl.preview"].search([]))
        self.assertFalse(self.looks())
        self.assertFalse(self.candidate.exists())

    def said_about_a_look(self):
        """Return why the paper cannot be looked at; a look commits, which Odoo's own assertion does not bear."""
        try:
            self.candidate._preview(10)
        except UserError as error:
            return str(error)
        return ""

    def test_another_case_by_now_is_not_looked_at(self):
        self.candidate._preview(10)
        self.wizard.case_id.sudo().owner_id_number = "000285000022"
        self.assertIn("has changed", self.said_about_a_look())
