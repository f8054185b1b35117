from unittest.mock import patch

from odoo import Command

from ..models.case.res_partner import ResPartner
from ..models.common.res_company import OF_EACH_CASE
from ..models.store.ir_attachment import IrAttachment
from .common import KhoDLCase, new_test_user

CHANGES = (
    {"name": "other.txt"},
    {"raw": b"other"},
    {"description": "Other"},
    {"public": True},
    {"res_model": "res.partner"},
)


# Statements that a further document costs: its own hashes, its own provenance.
COST_OF_A_DOCUMENT = 12


class TestCostOfOverrides(KhoDLCase):
    """What other applications pay for being installed beside this one; times are compared by `./dev/bench`."""

    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        user = new_test_user(self.env, "of_another_application", groups="base.group_user,base.group_partner_manager")
        self.files = self.env["ir.attachment"].with_user(user)
        self.partner = self.env["res.partner"].create({"name": "Of another application"})
        self.made = 0

    def prepare_values(self):
        self.made += 1
        return [
            {"name": "file.txt", "raw": f"content {self.made}".encode(), "res_model": "res.partner",
             "res_id": self.partner.id}
        ]  # fmt: skip

    def make(self):
        return self.files.create(self.prepare_values())

    def extra(self, act):
        """Return how many statements `act(files)` costs more than without this add-on, what is left to be written included."""
        costs = []
        # What is read once and kept is read in the first round.
        for way in (self.plain, self.ours) * 2:
            files = self.make() + self.make()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            act(way(files))
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        return costs[3] - costs[2]

    def test_who_reads_a_company_reads_none_of_our_settings(self):
        # sudo: most of them are system administrators' only.
        company = self.company.sudo()
        company.invalidate_recordset()
        self.assertTrue(company.name)
        ours = {name: field for name, field in company._fields.items() if name.startswith("kho_dl_") and field.store}
        read = {name for name, field in ours.items() if company.id in field._get_cache(company.env)}
        self.assertLessEqual(read, OF_EACH_CASE)
        with self.assertQueryCount(1):
            self.assertTrue(company.kho_dl_timeout and company.kho_dl_ss_url)

    def ours(self, files):
        return files

    def plain(self, files):
        """Return the methods of `files` as they are without this add-on."""
        return super(IrAttachment, files)

    def test_a_new_file_costs_nothing(self):
        self.assertEqual(self.extra(lambda files: files.create(self.prepare_values())), 0)

    def test_a_change_costs_one_statement(self):
        for vals in CHANGES:
            self.assertLessEqual(self.extra(lambda files, vals=vals: files.write(dict(vals))), 1, vals)

    def test_a_removal_costs_one_statement(self):
        self.assertLessEqual(self.extra(lambda files: files.unlink()), 1)

    def test_the_removal_of_anything_else_is_not_ours(self):
        """Of a contact, a user, a company: no SAVEPOINT, no flush, not one statement."""
        ours = {
            name
            for name, model in self.env.registry.items()
            if not name.startswith("kho.dl.")
            and any("unlink" in vars(one) and ".kho_dl." in one.__module__ for one in model.__mro__)
        }
        self.assertEqual(ours, {"ir.attachment"})

    def test_the_removal_of_several_documents_files_is_one_batch(self):
        case = self.make_case()
        documents = case.document_ids[:3]
        costs = []
        for some in (documents[:1], documents):
            for document in some:
                document.attachment_ids = [Command.create({"name": "a.pdf", "raw": b"%PDF-1.4"})]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.attachment_ids.with_user(self.clerk).with_context(kho_dl_reason="Not ours").unlink()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1] - costs[0], 2 * COST_OF_A_DOCUMENT, costs)

    def test_a_contact_costs_nothing(self):
        partners = self.env["res.partner"].with_user(self.files.env.user)

        def costs(act):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            act()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        made = partners.create([{"name": "One"}, {"name": "Two"}])
        for act in (lambda: made.write({"phone": "1"}), lambda: partners.create({"name": "Three"})):
            for _round in range(2):
                ours = costs(act)
                with patch.object(ResPartner, "_is_at_counter_only", return_value=False):
                    plain = costs(act)
            self.assertEqual(ours, plain)

    def test_a_new_file_looks_for_nothing_of_ours(self):
        fields = self.env["ir.attachment"]._fields.values()
        found = {
            str(one) for field in fields for one in self.registry.get_dependent_fields(field) if "kho.dl" in str(one)
        }
        # By a link that no file has when it is made.
        self.assertLessEqual(found, {"kho.dl.file.check.name", "kho.dl.file.check.display_name"})

    def test_whatever_points_at_a_contact_or_a_file_is_found_by_an_index(self):
        """Removing a contact or a file must not read our tables from end to end."""
        self.env.cr.execute(
            """
            SELECT key.conrelid::regclass::text || '.' || col.attname
              FROM pg_constraint key
              JOIN pg_attribute col ON col.attrelid = key.conrelid AND col.attnum = key.conkey[1]
              JOIN ir_model model ON replace(model.model, '.', '_') = key.conrelid::regclass::text AND NOT model.transient
             WHERE key.contype = 'f'
               AND key.conrelid::regclass::text LIKE 'kho_dl_%'
               AND key.confrelid::regclass::text IN ('res_partner', 'ir_attachment')
               AND NOT EXISTS (SELECT FROM pg_index index
                                WHERE index.indrelid = key.conrelid AND index.indkey[0] = col.attnum)
            """
        )
        self.assertEqual(self.env.cr.fetchall(), [])
