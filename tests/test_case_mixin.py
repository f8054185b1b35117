from psycopg2.errors import AdminShutdown, SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .common import AN, CRIMINAL_RECORD, KhoDLCase, new_test_user
from .mixin_heir import HEIR, add_heir, let_people_use_heir
from .sweep_world import MISSING_ID


class TestMixin(KhoDLCase):
    """An integrator's own case model gets the feature with a few lines."""

    def setUp(self):
        super().setUp()
        self.arrived = []
        add_heir(self, self.procedure, self.arrived)
        partner = self.env["res.partner"].create({"name": "Applicant"})
        self.record = self.env[HEIR].create({"partner_id": partner.id})
        # The integrator's own access rules are not the subject: the record is used by an administrator.
        self.env.user.kho_dl_id_number = "000188000077"

    def test_button_and_hooks(self):
        action = self.record.action_kho_dl_retrieve()
        case = self.record.kho_dl_case_id
        self.assertEqual(case.owner_id_number, AN)
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.consent_given = True
        wizard.action_search()
        wizard.action_attach()
        [(record, documents)] = self.arrived
        self.assertEqual(record, self.record)
        self.assertIn(self.document(case, CRIMINAL_RECORD), documents)
        self.assertTrue(all(document.attachment_ids for document in documents))

    def test_the_hook_gets_no_document_that_failed(self):
        self.simulator.order("file", "server_error", match="download", status=404)
        action = self.record.action_kho_dl_retrieve()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.consent_given = True
        wizard.action_search()
        wizard.action_attach()
        [(_record, documents)] = self.arrived
        self.assertTrue(documents)
        self.assertNotIn(self.document(self.record.kho_dl_case_id, CRIMINAL_RECORD), documents)

    def test_the_case_is_made_once(self):
        self.record.action_kho_dl_retrieve()
        case = self.record.kho_dl_case_id
        self.record.action_kho_dl_retrieve()
        self.assertEqual(self.record.kho_dl_case_id, case)

    def test_what_the_page_proposes_for_its_own_records_is_none_of_the_case(self):
        other = new_test_user(self.env, "other", groups="kho_dl.group_clerk")
        proposed = {"state": "in_progress", "officer_id": other.id, "date_received": "2020-01-01"}
        # Of the case, and of the form on it.
        proposed |= {"procedure_id": MISSING_ID, "partner_id": MISSING_ID}
        page = {f"default_{name}": value for name, value in proposed.items()}
        self.record.with_context(**page).action_kho_dl_retrieve()
        case = self.record.kho_dl_case_id
        self.assertEqual((case.state, case.procedure_id, case.officer_id), ("1", self.procedure, self.env.user))
        self.assertFalse(case.date_received)

    def test_the_case_is_of_the_company_of_the_record(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        self.procedure.company_id = False
        self.record.company_id = self.record.partner_id.company_id = other
        self.record.action_kho_dl_retrieve()
        self.assertEqual(self.record.kho_dl_case_id.company_id, other)

    def test_the_hook_is_called_for_local_papers_too(self):
        earlier = self.make_case(AN)
        self.document(earlier, CRIMINAL_RECORD).write(
            {"attachment_ids": [fields.Command.create({"name": "old.pdf", "raw": b"%PDF-1.4 old"})]}
        )
        earlier.state = "9"
        action = self.record.action_kho_dl_retrieve()
        self.env[action["res_model"]].browse(action["res_id"]).action_attach()
        [(_record, documents)] = self.arrived
        self.assertEqual(documents.source, "local")

    def test_a_hook_that_raises_loses_no_file(self):
        action = self.record.action_kho_dl_retrieve()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.consent_given = True
        wizard.action_search()

        def broken(record, documents):
            raise ValueError(f"the other application knows no {AN}")

        self.patch(type(self.record), "_kho_dl_documents_attached", broken)
        with self.assertLogs("odoo.addons.kho_dl.models.case.kho_dl_case_mixin", "ERROR") as logs:
            wizard.action_attach()
        self.assertEqual(self.document(self.record.kho_dl_case_id, CRIMINAL_RECORD).status, "attached")
        [said] = logs.output
        self.assertIn("ValueError", said)
        self.assertIn("in broken", said)
        self.assertNotIn(AN, said)

    def test_a_hook_that_finds_the_database_gone_does_not_go_on(self):
        def broken(record, documents):
            raise AdminShutdown

        self.patch(type(self.record), "_kho_dl_documents_attached", broken)
        with self.assertRaises(AdminShutdown):
            self.record._call_documents_attached(self.env["kho.dl.case.document"])

    def test_a_hook_that_loses_a_race_is_called_again_and_counts_once(self):
        hook, calls = type(self.record)._kho_dl_documents_attached, []

        def too_late_at_first(record, documents):
            calls.append(documents)
            record.partner_id.comment = f"{record.partner_id.comment or ''}told"
            if len(calls) == 1:
                raise SerializationFailure
            hook(record, documents)

        self.patch(type(self.record), "_kho_dl_documents_attached", too_late_at_first)
        action = self.record.action_kho_dl_retrieve()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.consent_given = True
        wizard.action_search()
        wizard.action_attach()
        self.assertEqual((len(calls), len(self.arrived)), (2, 1))
        self.assertIn(">told<", self.record.partner_id.comment)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(len(self.arrived), 1)

    def test_a_hook_that_loses_a_race_over_papers_of_our_own_is_called_again(self):
        self.test_the_hook_is_called_for_local_papers_too()
        [case] = self.record.kho_dl_case_id
        calls = []

        def too_late_at_first(_record, documents):
            calls.append(documents)
            if len(calls) == 1:
                raise SerializationFailure

        self.patch(type(self.record), "_kho_dl_documents_attached", too_late_at_first)
        document = self.document(case, CRIMINAL_RECORD)
        document.attachment_ids.sudo().unlink()
        wizard = self.env["kho.dl.retrieve.wizard"].create({"case_id": case.id})
        wizard.action_attach()
        self.assertEqual(calls, [document, document])

    def test_a_hook_that_loses_a_race_is_called_again(self):
        action = self.record.action_kho_dl_retrieve()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.consent_given = True
        wizard.action_search()
        calls = []

        def raced(record, documents):
            calls.append(documents)
            record.partner_id.name = f"Call {len(calls)}"
            if len(calls) < 3:
                raise SerializationFailure

        self.patch(type(self.record), "_kho_dl_documents_attached", raced)
        wizard.action_attach()
        self.assertEqual(calls, [calls[0]] * 3)
        self.assertEqual(self.record.partner_id.name, "Call 3")

    def test_nobody_links_a_case_that_is_not_theirs(self):
        """The hook brings the files of the case to the record as superuser."""
        case = self.make_case(AN)
        let_people_use_heir(self.env)
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        records = self.env[HEIR].with_user(stranger)
        form = {"kho_dl_case_id": {"fields": {"display_name": {}}}}
        for link in (
            lambda: records.create({"kho_dl_case_id": case.id}),
            lambda: records.with_context(default_kho_dl_case_id=case.id).create({}),
            lambda: records.create({}).write({"kho_dl_case_id": case.id}),
            # A form shows the name of what it links.
            lambda: records.onchange({"kho_dl_case_id": case.id}, ["kho_dl_case_id"], form),
            lambda: records.with_context(default_kho_dl_case_id=case.id).onchange({}, [], form),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                link()
        self.env["ir.default"].set(HEIR, "kho_dl_case_id", case.id)
        self.assertFalse(records.onchange({}, [], form)["value"]["kho_dl_case_id"])
        own = self.env[HEIR].with_user(self.clerk).create({"kho_dl_case_id": case.id})
        self.assertEqual(own.kho_dl_case_id, case)
        with self.assertRaises(UserError):
            records.action_kho_dl_retrieve()

    def test_the_hook_must_be_written(self):
        with self.assertRaises(TypeError):
            self.env["kho.dl.case.mixin"]._prepare_kho_dl_case()
