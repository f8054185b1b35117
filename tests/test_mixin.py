from psycopg2.errors import AdminShutdown, SerializationFailure

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import new_test_user

from .common import AN, CRIMINAL_RECORD, KhoDLCase

FOREIGN_MODEL = "kho.dl.test.foreign.case"


class TestMixin(KhoDLCase):
    """An integrator's own case model gets the feature with a few lines."""

    def setUp(self):
        super().setUp()
        procedure = self.procedure
        self.arrived = arrived = []

        class ForeignCase(models.Model):
            _module = None
            _name = FOREIGN_MODEL
            _description = "Case of another application"
            _inherit = ["kho.dl.case.mixin"]

            partner_id = fields.Many2one("res.partner")

            def _prepare_kho_dl_case(self):
                return {
                    "procedure_id": procedure.id,
                    "owner_id": self.partner_id.id,
                    "owner_id_number": AN,
                    "channel": "1",
                }

            def _kho_dl_documents_attached(self, documents):
                arrived.append((self, documents))

        add_to_registry(self.registry, ForeignCase)
        self.addCleanup(self._forget_model)
        self.registry._setup_models__(self.env.cr, [FOREIGN_MODEL])
        self.registry.init_models(self.env.cr, [FOREIGN_MODEL], {"models_to_check": True})
        partner = self.env["res.partner"].create({"name": "Applicant"})
        self.record = self.env[FOREIGN_MODEL].create({"partner_id": partner.id})
        # The integrator's own access rules are not the subject: the record is used by an administrator.
        self.env.user.kho_dl_id_number = "000188000077"

    def _forget_model(self):
        for parent in ("kho.dl.case.mixin", "base"):
            self.registry[parent]._inherit_children.discard(FOREIGN_MODEL)
        del self.registry.models[FOREIGN_MODEL]
        self.registry._setup_models__(self.cr)

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
        with self.assertLogs("odoo.addons.kho_dl.models.kho_dl_case_mixin", "ERROR") as logs:
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
        self.env["ir.model"]._reflect_models([FOREIGN_MODEL])
        self.env["ir.model.access"].create(
            {
                "name": FOREIGN_MODEL,
                "model_id": self.env["ir.model"]._get_id(FOREIGN_MODEL),
                "group_id": self.env.ref("base.group_user").id,
                **dict.fromkeys(("perm_read", "perm_write", "perm_create"), True),
            }
        )
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        records = self.env[FOREIGN_MODEL].with_user(stranger)
        for link in (
            lambda: records.create({"kho_dl_case_id": case.id}),
            lambda: records.with_context(default_kho_dl_case_id=case.id).create({}),
            lambda: records.create({}).write({"kho_dl_case_id": case.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                link()
        own = self.env[FOREIGN_MODEL].with_user(self.clerk).create({"kho_dl_case_id": case.id})
        self.assertEqual(own.kho_dl_case_id, case)
        with self.assertRaises(UserError):
            records.action_kho_dl_retrieve()

    def test_the_hook_must_be_written(self):
        with self.assertRaises(TypeError):
            self.env["kho.dl.case.mixin"]._prepare_kho_dl_case()
