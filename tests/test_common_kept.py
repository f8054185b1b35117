from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import AN, CRIMINAL_RECORD, DEGREE, new_test_user
from .paper_case import PaperCase

# These have guards of their own, tried where they stand.
ELSEWHERE = {"ir.attachment"}


class TestKept(PaperCase):
    """What the journal or a case points at is not deleted, and who tries reads words, never names of tables."""

    def prepare(self):
        super().prepare()
        self.asked = self.make_case(AN)
        self.simulator.order("file", "server_error", match="download", status=404)
        wizard = self.make_wizard(self.asked)
        wizard.action_search()
        wizard.line_ids.selected = False
        (self.line(wizard, CRIMINAL_RECORD) + self.line(wizard, DEGREE)[:1]).selected = True
        wizard.action_attach()
        self.failed = self.document(self.asked, CRIMINAL_RECORD)
        self.assertEqual(self.failed.retrieval_ids.mapped("state"), ["failed"])

    def refused(self, action, message=None):
        """Return the words with which `action` is refused."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(Exception, msg=message) as refusal,
            self.env.cr.savepoint(),
        ):
            action()
        self.assertIsInstance(refusal.exception, (UserError, IntegrityError), message)
        words = str(refusal.exception)
        if isinstance(refusal.exception, IntegrityError):
            # As Odoo words what the database refused, before it reaches people: `odoo.service.model.retrying`.
            table = refusal.exception.diag.table_name
            holder = next((name for name, model in self.env.registry.items() if model._table == table), "base")
            words = self.env[holder]._sql_error_to_message(refusal.exception)
            self.assertIn("records that stay point at it", words)
        for technical in ("kho_dl", "kho.dl", "_fkey", "Key (", "constraint"):
            self.assertNotIn(technical, words, message)
        return words

    def other_procedure(self):
        return self.env["kho.dl.procedure"].create(
            {"code": "9.9", "name": "Other", "document_ids": [(0, 0, {"name": "Only one"})]}
        )

    def test_after_a_failed_retrieval_the_procedure_stays_in_words(self):
        other = self.other_procedure()
        case = self.asked.with_user(self.clerk)
        # What did arrive is taken off by the database itself here: only the failed one is left to speak.
        self.env.cr.execute(
            "DELETE FROM kho_dl_case_document_attachment_rel WHERE case_document_id = ANY(%s)",
            [case.document_ids.ids],
        )
        self.env.invalidate_all()
        words = self.refused(lambda: case.write({"procedure_id": other.id}))
        self.assertIn("procedure stays as it is", words)
        self.assertEqual(case.procedure_id, self.procedure)

    def test_a_case_that_was_only_asked_about_may_change_it(self):
        case = self.make_case(AN)
        self.make_wizard(case).action_search()
        case.procedure_id = self.other_procedure()
        self.assertEqual(case.document_ids.mapped("name"), ["Only one"])

    def test_a_document_with_a_failed_file_is_not_deleted(self):
        self.assertIn("cannot be deleted", self.refused(self.failed.sudo().unlink))

    def test_a_failed_file_does_not_let_its_circumstances_delete_it(self):
        variants = self.env["kho.dl.procedure.variant"].create(
            [{"procedure_id": self.procedure.id, "name": name} for name in ("A", "B")]
        )
        self.failed.procedure_document_id.sudo().variant_ids = variants[0]
        self.asked.variant_id = variants[0]
        self.asked.variant_id = variants[1]
        self.assertIn(self.failed, self.asked.document_ids)
        self.assertIn("Archive it instead", self.refused(variants[1].unlink))

    def test_whatever_ours_points_at_is_kept_in_words(self):
        self.make_paper().action_enter()
        boss = new_test_user(self.env, "boss", name="Boss", groups="kho_dl.group_administrator,base.group_user")
        self.env["kho.dl.mapping.decision"].create(
            {"document_id": self.procedure.document_ids[0].id, "kind": "skip", "user_id": boss.id}
        )
        self.env.flush_all()
        tried = set()
        for name, model in sorted(self.env.registry.items()):
            if not name.startswith("kho.dl.") or model._abstract or model._transient or not model._auto:
                continue
            for field in model._fields.values():
                if not field.store or field.type != "many2one" or field.ondelete != "restrict":
                    continue
                holder = (
                    self.env[name].sudo().with_context(active_test=False).search([(field.name, "!=", False)], limit=1)
                )
                kept = holder[field.name]
                # The user's own company is kept by Odoo before anything of ours.
                if not kept or kept._name in ELSEWHERE or kept == self.company:
                    continue
                self.refused(kept.sudo().unlink, f"{field} keeps {kept}")
                self.assertTrue(kept.exists())
                tried.add(kept._name)
        self.assertLessEqual(
            {
                "kho.dl.case", "kho.dl.case.document", "kho.dl.procedure", "kho.dl.procedure.document",
                "kho.dl.result.code", "kho.dl.security.server", "res.users", "res.partner",
            },
            tried,
        )  # fmt: skip

    def test_a_company_with_a_case_is_kept(self):
        company = self.env["res.company"].create({"name": "B"})
        procedure = self.other_procedure()
        procedure.company_id = company
        owner = self.env["res.partner"].create({"name": "Applicant"})
        self.env["kho.dl.case"].create({"procedure_id": procedure.id, "owner_id": owner.id, "company_id": company.id})
        self.assertIn("Archive it instead", self.refused(company.unlink))

    def test_a_result_that_was_asked_for_or_is_on_a_case_is_kept(self):
        # As if its own mapping were gone: the journal and the provenance still name it.
        code = self.codes[DEGREE]
        self.env["kho.dl.retrieval"].flush_model()
        self.procedure.document_ids.result_code_ids = False
        self.env.flush_all()
        self.assertIn("Archive it instead", self.refused(code.unlink))

    def test_what_nothing_points_at_is_deleted(self):
        self.env["res.partner"].create({"name": "Nobody"}).unlink()
        other = self.other_procedure()
        other.unlink()
        self.assertFalse(other.exists())

    def test_what_other_applications_keep_is_theirs_to_word(self):
        self.env.cr.execute(
            "CREATE TABLE keeper_of_another (partner_id integer REFERENCES res_partner ON DELETE RESTRICT)"
        )
        partner = self.env["res.partner"].create({"name": "Kept"})
        self.env.flush_all()
        self.env.cr.execute("INSERT INTO keeper_of_another VALUES (%s)", [partner.id])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            partner.unlink()

    def test_a_contact_that_a_case_names_is_kept_by_its_name_and_by_no_word_of_tables(self):
        owner = self.asked.owner_id
        words = self.refused(owner.sudo().unlink)
        self.assertIn(f"“{owner.name}” cannot be deleted", words)

    def test_a_link_to_what_is_not_there_is_no_deletion(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError) as refusal,
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("UPDATE kho_dl_case SET owner_id = 2000000000 WHERE id = %s", [self.asked.id])
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.assertNotIn("point at it", self.asked._sql_error_to_message(refusal.exception))
