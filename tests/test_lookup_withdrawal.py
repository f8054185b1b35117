from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .common import AN, CRIMINAL_RECORD, DEGREE, new_test_user
from .test_lookup_stays import LookupCase


class TestWithdrawal(LookupCase):
    """Who withdraws the consent ends what is under way, and is on record (Law 91/2025)."""

    def withdraw(self, case, user=None, reason="Brings the papers in person"):
        case = case.with_user(user or self.clerk)
        action = case.action_withdraw_consent()
        form = self.env[action["res_model"]].with_user(case.env.user).with_context(**action["context"])
        form.create({"reason": reason}).action_withdraw()
        return self.withdrawals(case)[:1]

    def withdrawals(self, case):
        return self.env["kho.dl.withdrawal"].search([("case_id", "=", case.id)])

    def queued(self, wizard, code=CRIMINAL_RECORD):
        """Return the row of a file that was selected and waits."""
        servers = self.env["kho.dl.security.server"]._server_resolver()
        values = self.line(wizard, code)[0].candidate_id._prepare_retrievals(servers)
        return self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(values).sudo()

    # Proves W.9-3.
    def test_what_is_under_way_ends_and_what_is_there_stays(self):
        wizard = self.searched()
        case = wizard.case_id
        for line in wizard.line_ids:
            line.selected = line == self.line(wizard, DEGREE)[:1]
        wizard.action_attach()
        waiting = self.queued(wizard)
        self.assertTrue(case.has_consent)
        row = self.withdraw(case)
        self.assertEqual((waiting.state, waiting.error_kind), ("failed", "consent_withdrawn"))
        self.assertIn("The person withdrew the consent on", waiting.error)
        self.assertEqual(self.document(case, DEGREE).status, "attached")
        lookup = self.env["kho.dl.lookup"].search([("case_id", "=", case.id)])
        self.assertFalse(lookup.candidate_ids.filtered(lambda candidate: candidate.source == "national"))
        self.assertFalse(lookup.consent_given or lookup.query_id)
        self.assertEqual((row.user_id, row.file_count, row.owner_id_number), (self.clerk, 1, AN))
        self.assertFalse(case.has_consent)
        self.assertIn("What was attached before stays", case.message_ids[0].body)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertNotEqual(self.document(case, CRIMINAL_RECORD).status, "attached")

    def test_what_was_found_is_to_be_handed_in_until_the_applicant_agrees_anew(self):
        wizard = self.searched()
        case, record = wizard.case_id, self.document(wizard.case_id, CRIMINAL_RECORD)
        self.assertEqual((record.status, wizard.withdrawn_words), ("fetchable", False))
        self.withdraw(case)
        self.assertEqual((record.status, case.fetchable_count), ("hand_in", 0))
        self.assertTrue(record._is_to_bring())
        # Who has the form open, or opens it anew, reads it.
        self.env.invalidate_all()
        self.assertIn("withdrew the consent", wizard.withdrawn_words)
        self.assertIn("withdrew the consent", self.open(case).withdrawn_words)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            again = self.open(case)
            again.consent_given = True
            again.action_search()
            self.assertEqual((record.status, again.withdrawn_words), ("fetchable", False))

    def test_it_is_sealed_and_auditors_read_it(self):
        row = self.withdraw(self.searched().case_id)
        self.env.ref("kho_dl.ir_cron_seal").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(row.chain_position)
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.company).fault)
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor")
        self.assertEqual(row.with_user(auditor).sudo(False).reason, "Brings the papers in person")
        with self.assertRaises(UserError):
            row.reason = "Something else"
        with self.assertRaises(UserError):
            row.unlink()

    def test_nobody_undoes_or_types_in_a_withdrawal(self):
        case = self.searched().case_id
        self.withdraw(case, reason="Lives with number 000190000011")
        # What may hold id numbers is emptied in the journal; the history never is.
        self.assertNotIn("000190000011", str(case.message_ids.mapped("body")))
        values = {"procedure_id": case.procedure_id.id, "owner_id": case.owner_id.id}
        for moment in (False, "2030-01-01 00:00:00"):
            with self.assertRaises(AccessError):
                case.consent_withdrawn_on = moment
            with self.assertRaises(AccessError):
                case.create({**values, "consent_withdrawn_on": moment})
        forged = case.with_context(default_consent_withdrawn_on="2030-01-01 00:00:00").create(values)
        self.env["ir.default"].with_user(self.clerk).set(case._name, "consent_withdrawn_on", "2030-01-01", user_id=True)
        for made in (forged, case.create(values)):
            self.assertFalse(made.consent_withdrawn_on)
        self.assertTrue(self.open(case).consent_needed)

    def test_a_new_question_needs_a_new_consent(self):
        for channel in ("1", "2"):
            with self.subTest(channel=channel):
                wizard = self.searched(channel=channel)
                case = wizard.case_id
                self.withdraw(case)
                asked = len(self.asked())
                again = self.open(case)
                self.assertTrue(again.consent_needed)
                with self.assertRaises(UserError):
                    again.action_search()
                self.assertEqual(len(self.asked()), asked)
                with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
                    again.consent_given = True
                again.action_search()
                self.assertEqual((len(self.asked()), again.outcome), (asked + 1, "found"))
                self.assertTrue(case.has_consent)
                self.line(again, CRIMINAL_RECORD).selected = True
                again.action_attach()
                self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "attached")

    def test_a_window_that_still_shows_the_papers_attaches_nothing(self):
        wizard = self.searched()
        lines = wizard.line_ids
        self.withdraw(wizard.case_id)
        with self.assertRaises(UserError):
            wizard.action_attach()
        self.assertFalse(lines.exists())
        self.assertFalse(self.retrievals(wizard.case_id))

    def test_what_failed_before_is_not_fetched_again_by_an_administrator(self):
        wizard = self.searched()
        row = self.queued(wizard)
        row._close_failed("unreachable", "Nobody answered.")
        self.withdraw(wizard.case_id)
        self.simulator.clear_requests()
        values = row.copy_data()[0]
        again = self.env["kho.dl.retrieval"]._enqueue([{**values, "state": "pending", "error": False}])
        self.assertEqual((again.state, again.error_kind), ("failed", "consent_withdrawn"))
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertFalse(self.simulator.requests("file"))

    def test_nothing_to_withdraw_no_reason_and_others_are_refused(self):
        case = self.make_case()
        with self.assertRaises(UserError):
            case.withdraw_consent("No")
        self.open(case).consent_given = True
        with self.assertRaises(UserError):
            case.withdraw_consent("  ")
        for number, groups in enumerate(("base.group_user", "kho_dl.group_auditor", "base.group_portal")):
            stranger = new_test_user(self.env, f"stranger{number}", groups=groups)
            with self.subTest(groups=groups), self.assertRaises(AccessError):
                case.with_user(stranger).withdraw_consent("Not mine")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = new_test_user(
            self.env,
            "foreigner",
            groups="kho_dl.group_clerk",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        with self.assertRaises(AccessError):
            case.with_user(foreigner).withdraw_consent("Not ours")
        self.assertFalse(self.withdrawals(case))
        self.withdraw(case)
        self.assertFalse(self.open(case).consent_given)

    def test_a_citizen_withdraws_on_the_own_case(self):
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal")
        case = self.make_case(channel="2", owner_id=citizen.partner_id.id)
        lookups = type(self.env["kho.dl.lookup"])
        self.patch(lookups, "_proven_number", lambda lookup: AN)
        as_citizen = case.with_user(citizen).sudo()
        lookup = as_citizen.env["kho.dl.lookup"]._open(as_citizen)
        lookup.consent_given = True
        lookup._look()
        row = as_citizen.withdraw_consent("I changed my mind")
        self.assertEqual(row.user_id, citizen)
        self.assertFalse(lookup.candidate_ids or lookup.consent_given)
        self.patch(lookups, "_proven_number", lambda lookup: False)
        with self.assertRaises(AccessError):
            as_citizen.withdraw_consent("Who am I?")
