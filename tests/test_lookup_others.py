from odoo.exceptions import AccessError, UserError

from .common import BINH, CRIMINAL_RECORD, DEGREE, new_test_user
from .test_lookup_stays import LookupCase


class TestOthers(LookupCase):
    """What one clerk does to the lookup that another has open."""

    def test_consent_for_one_person_is_not_used_for_another(self):
        for press in ("action_search", "action_search_again"):
            with self.subTest(press):
                wizard = self.searched()
                wizard.case_id.sudo().write({"owner_id_number": BINH})
                with self.assertRaisesRegex(UserError, "agrees first"), self.env.cr.savepoint():
                    getattr(wizard, press)()
                self.assertEqual(len(self.queries(wizard.case_id)), 1)
                wizard.consent_given = True
                getattr(wizard, press)()
                self.assertEqual(self.asked()[-1]["SoDinhDanhChuSoHuu"], BINH)

    def test_nobody_confirms_by_a_default_that_somebody_keeps(self):
        for name, value in (
            ("consent_given", True),
            ("consent_user_id", self.colleague.id),
            ("consent_on", "2026-01-01 00:00:00"),
        ):
            self.env["ir.default"].with_user(self.clerk).set("kho.dl.lookup", name, value, user_id=True)
        self.env["ir.default"].with_user(self.clerk).set("kho.dl.lookup.candidate", "reason", "Mine", user_id=True)
        form = self.open(self.make_case())
        lookup = form.lookup_id
        self.assertFalse(lookup.consent_given or lookup.consent_user_id or lookup.consent_on)
        with self.assertRaisesRegex(UserError, "agrees first"):
            form.action_search()
        form.consent_given = True
        form.action_search()
        self.assertEqual(self.queries(form.case_id).consent_user_id, self.clerk)
        self.assertFalse(any(form.line_ids.mapped("reason")))

    def test_a_colleague_who_looks_again_leaves_every_line_where_it_is(self):
        first = self.searched()
        lines = first.line_ids
        theirs = self.open(first.case_id, self.colleague)
        theirs.action_search_again()
        self.assertEqual((first.line_ids, lines.exists()), (lines, lines))
        self.assertEqual(len(theirs.line_ids), len(lines))
        self.simulator.order("papers", "server_error", times=None)
        theirs.action_search_again()
        self.assertEqual(theirs.outcome, "failed")
        # What was found before is still good.
        first.action_attach()
        self.assertEqual(self.document(first.case_id, CRIMINAL_RECORD).status, "attached")

    def test_what_is_on_its_way_keeps_its_line(self):
        wizard = self.searched()
        self.simulator.order("file", "server_error", times=None)
        wizard.action_attach()
        tried = wizard.line_ids.filtered("retrieval_ids")
        self.assertTrue(tried)
        wizard.action_search_again()
        self.assertEqual(tried.exists(), tried)

    def test_what_a_colleague_ticked_since_is_not_attached_unseen(self):
        first = self.searched()
        self.line(first, DEGREE).selected = False
        theirs = self.open(first.case_id, self.colleague)
        self.line(theirs, DEGREE).selected = True
        self.env.flush_all()
        # In life a form is open for longer than a transaction.
        self.env.cr.execute(
            "UPDATE kho_dl_retrieve_wizard SET shown_on = shown_on - interval '1 minute' WHERE id = %s", [first.id]
        )
        first.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Nothing was attached"):
            first.with_user(self.clerk).action_attach()
        self.assertFalse(self.retrievals(first.case_id))
        again = self.open(first.case_id)
        again.action_attach()
        self.assertEqual(self.document(first.case_id, DEGREE).status, "attached")

    def test_a_new_form_withdraws_nothing_and_a_withdrawn_consent_attaches_nothing(self):
        first = self.searched()
        forms = self.env["kho.dl.retrieve.wizard"].with_user(self.colleague)
        second = forms.create({"case_id": first.case_id.id, "consent_given": False})
        self.assertTrue(second.consent_given)
        first.consent_given = False
        with self.assertRaisesRegex(UserError, "does not agree any more"):
            first.action_attach()
        self.assertFalse(self.retrievals(first.case_id))

    def test_another_procedure_shows_its_documents(self):
        wizard = self.searched()
        other = self.procedure.copy({"code": "9.9"})
        wizard.case_id.sudo().procedure_id = other
        wizard.consent_given = True
        wizard.action_search()
        self.assertEqual(wizard.lookup_id.document_ids.case_document_id, wizard.case_id.document_ids)
        self.assertEqual(self.queries(wizard.case_id)[0].procedure_id, other)

    def test_papers_of_another_lookup_are_not_attached(self):
        mine, theirs = self.searched(), self.searched(BINH)
        with self.assertRaises(AccessError):
            mine.lookup_id._attach(theirs.line_ids.candidate_id, 1)
        self.assertFalse(self.retrievals(theirs.case_id))

    def test_who_is_neither_officer_nor_applicant_looks_at_nothing(self):
        case = self.make_case()
        plain = new_test_user(self.env, "plain")
        for user in (plain, self.env.ref("base.public_user")):
            lookups = self.env["kho.dl.lookup"].with_user(user)
            with self.assertRaises(AccessError):
                lookups.sudo()._open(case.with_user(user).sudo())
