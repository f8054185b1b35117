from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .application_case import ApplicationCase
from .common import CRIMINAL_RECORD, HEALTH, new_test_user

_GROUPS = {
    "clerk": "kho_dl.group_clerk",
    "administrator": "kho_dl.group_administrator",
    "auditor": "kho_dl.group_auditor",
    "system": "base.group_system,kho_dl.group_administrator",
}


@tagged("-at_install", "post_install")
class TestPortalDraft(ApplicationCase):
    """What a citizen has not submitted is nobody else's business, and told and counted nowhere."""

    def setUp(self):
        super().setUp()
        self.company.kho_dl_sync_enabled = True
        self.draft = self.begin()
        self.address = self.draft_address(self.draft)
        self.post(f"{self.address}/ask", agree="1")
        self.post(f"{self.address}/choose", **self.choices(self.draft, missing="none"))
        self.lookup = self.env["kho.dl.lookup"].search([("case_id", "=", self.draft.id)])
        self.document = self.document(self.draft, CRIMINAL_RECORD)
        self.assertTrue(self.document.attachment_ids and self.document.retrieval_ids and self.draft.query_ids)
        self.users = {name: new_test_user(self.env, f"draft_{name}", groups) for name, groups in _GROUPS.items()}

    def submit(self):
        self.post(f"{self.address}/submit", **self.choices(self.draft, missing="none"))
        self.assertFalse(self.draft.is_draft)

    def hanging_on_it(self):
        decisions = self.env["kho.dl.file.decision"]._note(
            "taken_off", {self.document: self.document.attachment_ids}, "x"
        )
        return [
            self.draft,
            self.draft.document_ids,
            self.draft.check_ids,
            self.draft.query_ids,
            self.document.retrieval_ids,
            self.lookup,
            self.lookup.candidate_ids,
            self.lookup.document_ids,
            decisions,
            self.document.attachment_ids,
            self.draft.message_ids,
        ]

    def readable(self, user, records):
        own = records.with_user(user)
        try:
            found = own.search([("id", "in", records.ids)])
        except AccessError:
            found = own.browse()
        self.assertEqual(bool(found), bool(own._filtered_access("read")), (user.login, records))
        return bool(found)

    # Proves I.2-1.
    def test_no_group_sees_it_before_it_is_submitted(self):
        hanging = self.hanging_on_it()
        self.assertTrue(all(hanging), [(records._name, records.ids) for records in hanging])
        journal = ("kho.dl.query", "kho.dl.retrieval", "kho.dl.file.decision")
        for name, user in self.users.items():
            for records in hanging:
                is_auditors = name == "auditor" and records._name in journal
                with self.subTest(group=name, model=records._name):
                    self.assertEqual(self.readable(user, records), is_auditors)
            self.assertNotIn(self.draft.name, str(self.env["kho.dl.case"].with_user(self.users["clerk"]).name_search()))
        self.draft.with_user(self.an).sudo()._submit_draft()
        for name in ("clerk", "administrator", "system"):
            for records in hanging[:5]:
                with self.subTest(group=name, model=records._name, is_submitted=True):
                    self.assertTrue(self.readable(self.users[name], records))

    def test_nobody_can_make_or_unmake_one(self):
        clerk = self.clerk
        with self.assertRaises(AccessError):
            self.make_case(is_draft=True)
        case = self.make_case()
        for values in ({"is_draft": True}, {"draft_on": fields.Datetime.now()}):
            with self.assertRaises(AccessError):
                case.write(values)
        with self.assertRaises(AccessError):
            self.draft.with_user(clerk).write({"state": "2"})
        with self.assertRaises(AccessError):
            case.document_ids[0].write({"is_not_had": True})
        self.assertFalse(case.with_context(default_is_draft=True).copy().is_draft)

    # Proves I.2-1.
    def test_the_portal_is_told_when_it_is_submitted(self):
        self.assertFalse(self.draft.outbox_ids)
        self.draft.owner_id.phone = "0900 000 000"
        self.draft.with_context(x=1).action_tell_portal()
        self.assertFalse(self.draft.outbox_ids)
        self.submit()
        kinds = self.draft.outbox_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds[:2], ["case", "progress"])
        self.assertEqual(self.draft.outbox_ids.filtered("step_state").mapped("step_state")[:1], ["1"])
        message = self.draft._prepare_case_message()
        self.assertEqual((message.channel, message.state), ("2", "1"))
        self.assertTrue(message.submitted)

    def test_what_is_missing_is_demanded_once_it_is_submitted(self):
        demanded = [("code", "=", HEALTH), ("company_id", "=", self.company.id)]
        self.assertTrue(self.env["kho.dl.unmet.need"].search([("case_id", "=", self.draft.id)]))
        self.assertFalse(self.env["kho.dl.demand"].search(demanded))
        self.submit()
        self.env.invalidate_all()
        self.assertEqual(self.env["kho.dl.demand"].search(demanded).case_count, 1)

    def test_it_is_counted_nowhere(self):
        unmapped = self.procedure.document_ids[0]
        health = self.env["kho.dl.health"].search([("company_id", "=", self.company.id)])

        def counts():
            self.env["kho.dl.procedure.document"]._count_waiting()
            self.env.invalidate_all()
            return unmapped.waiting_count, health._count_unmapped()[1]

        before = counts()
        self.assertFalse(self.env["kho.dl.indicator.case"].search([("case_id", "=", self.draft.id)]))
        self.submit()
        after = counts()
        self.assertEqual([now - then for now, then in zip(after, before, strict=True)], [1, 1])
        # Received it counts in the indicators, as any other.
        self.draft.state = "2"
        self.env.flush_all()
        self.assertTrue(self.env["kho.dl.indicator.case"].search([("case_id", "=", self.draft.id)]))

    def test_files_that_failed_are_no_failure_to_see_to(self):
        row = self.document.retrieval_ids
        row._write_below_the_guard({"state": "failed", "error_kind": "x", "error": "x", "attachment_id": False})
        self.document._write_below_the_guard({"attachment_ids": [fields.Command.clear()]})
        self.env.flush_all()
        failing = [("company_id", "=", self.company.id), ("error_kind", "=", "x")]
        self.assertFalse(self.env["kho.dl.health.failure"].search(failing))
        self.draft.with_user(self.an).sudo()._submit_draft()
        self.env.flush_all()
        self.assertTrue(self.env["kho.dl.health.failure"].search(failing))

    def test_a_citizen_is_no_clerk_of_the_audit(self):
        self.env.flush_all()
        self.assertTrue(self.env["kho.dl.audit.total"].search([("user_id", "=", self.an.id)]))
        self.assertFalse(self.env["kho.dl.audit.day"].search([("user_id", "=", self.an.id)]))

    def test_the_warning_about_a_number_names_no_draft(self):
        case = self.make_case(self.draft.owner_id_number)
        self.assertNotIn(self.draft.name, case.owner_warning or "")

    def test_no_mail_and_no_follower(self):
        self.assertFalse(self.draft.message_follower_ids)
        self.assertFalse(self.draft.activity_ids)
        self.submit()
        self.assertFalse(self.draft.message_follower_ids)

    def test_what_nobody_goes_on_with_ends(self):
        other = self.begin(self.binh)
        self.document.paper_number = "AB 123456"
        long_ago = fields.Datetime.now() - timedelta(days=31)
        (self.draft | other).draft_on = long_ago
        self.company.kho_dl_draft_days = 40
        self.env["kho.dl.case"]._gc_drafts()
        self.assertEqual(self.draft.state, "1")
        self.company.kho_dl_draft_days = 30
        self.env["kho.dl.case"]._gc_drafts()
        self.assertFalse(other.exists())
        self.assertEqual((self.draft.state, self.draft.is_draft), ("7", True))
        self.assertFalse(self.draft.document_ids.attachment_ids)
        # What was asked about stands in the journal, as long as that is kept.
        self.assertFalse(any(self.draft.document_ids.mapped("paper_number")))
        self.assertFalse(self.draft.outbox_ids)
        self.assertFalse(self.readable(self.clerk, self.draft))
        kept = self.env["kho.dl.file.decision"].search([("case_id", "=", self.draft.id)])
        self.assertIn("did not go on", kept[0].reason)

    def test_one_of_a_number_that_was_corrected_ends_as_the_same_is_begun_anew(self):
        self.verify(self.an.partner_id, "000190000033")
        self.assertEqual(self.get(self.address).status_code, 404)
        anew = self.begin()
        self.assertNotEqual(anew, self.draft)
        self.assertEqual(anew.owner_id_number, "000190000033")
        # What was found for the other number may be another person's.
        self.assertFalse(anew.document_ids.attachment_ids or self.draft.document_ids.attachment_ids)
        self.assertEqual(self.draft.state, "7")
        kept = self.env["kho.dl.file.decision"].search([("case_id", "=", self.draft.id)])
        self.assertIn("another id number", kept[0].reason)

    def test_nothing_is_asked_for_or_submitted_to_an_office_that_is_no_more(self):
        office = self.env["res.company"].create(
            {"name": "Commune C", "parent_id": self.company.id, "kho_dl_apply_online": True}
        )
        draft = self.begin(office=office.id)
        office.active = False
        asked = len(self.asked())
        for action, typed in (("ask", {"agree": "1"}), ("submit", self.choices(draft, missing="none"))):
            self.post(f"{self.draft_address(draft)}/{action}", **typed)
            page = self.text(self.draft_address(draft))
            self.assertIn("“Commune C” is no more", page)
        self.assertEqual(len(self.asked()), asked)
        self.assertTrue(draft.is_draft)
        office.active = True
        self.post(f"{self.draft_address(draft)}/submit", **self.choices(draft, missing="none"))
        self.assertFalse(draft.is_draft)
