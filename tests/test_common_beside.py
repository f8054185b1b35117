import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import AN, KhoDLCase, new_stranger, new_test_user

PDF = b"%PDF-1.4 a file on a case %%EOF"


@tagged("-at_install", "post_install")
class TestBeside(KhoDLCase):
    """What stands beside a record of ours, and whose it is, is told by name to those who may read it."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.person = self.case.owner_id.sudo()
        self.person.write({"name": "Nguyễn Thị Kín", "company_id": self.company.id})
        self.file = self.env["ir.attachment"].create(
            {
                "name": "Kín.pdf",
                "raw": PDF,
                "mimetype": "application/pdf",
                "res_model": self.case._name,
                "res_id": self.case.id,
            }
        )
        self.message = self.case.message_post(body="Please come", subject="About Kín")
        self.stranger = new_stranger(self.env, "base.group_user,base.group_partner_manager")

    def names(self, user):
        """Return what Odoo tells `user` as superuser of whatever they link."""
        self.env.invalidate_all()
        account = self.env["res.users"].search([("login", "=", "kin")])
        told = (self.person, account, self.file, self.message)
        return [record.with_user(user).sudo().display_name for record in told]

    def test_names_are_told_to_who_may_read_what_they_name(self):
        new_test_user(self.env, "kin", groups="base.group_portal", name=self.person.name, partner_id=self.person.id)
        told = ["Nguyễn Thị Kín", "Nguyễn Thị Kín", "Kín.pdf", "About Kín"]
        self.assertEqual(self.names(self.clerk), told)
        self.assertEqual(self.names(self.env.ref("base.user_root")), told)
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal")
        for user in (self.stranger, citizen):
            self.assertEqual(self.names(user), [""] * 4, user.login)
        # In forms of every application.
        form = {"create_uid": {"fields": {"display_name": {}}}, "parent_id": {"fields": {"display_name": {}}}}
        messages = self.env["mail.message"].with_user(citizen)
        defaults = {
            "default_create_uid": self.env["res.users"].search([("login", "=", "kin")]).id,
            "default_parent_id": self.message.id,
        }
        begun = messages.with_context(**defaults).onchange({}, [], form)
        self.assertNotIn("Kín", str(begun))
        # On pages, too, whose makers put names together.
        people = self.person | citizen.partner_id
        listed = self.env["ir.qweb.field.many2many"].with_user(citizen).value_to_html(people.with_user(citizen), {})
        self.assertIn(citizen.name, listed)
        self.assertNotIn("Kín", listed)

    def test_what_is_beside_no_record_yet_is_told_to_whose_it_is(self):
        values = {"name": "new.pdf", "raw": PDF, "res_model": "kho.dl.case.document"}
        self.file = self.env["ir.attachment"].with_user(self.clerk).create(values)
        self.assertEqual(self.names(self.clerk)[2], "new.pdf")
        self.assertFalse(self.names(self.stranger)[2])

    def test_what_is_beside_a_record_that_is_gone_is_told_to_nobody(self):
        administrator = self.env.ref("base.user_admin")
        for model, number in ((self.case._name, 10**8), ("kho.dl.gone", 1)):
            for record, name in ((self.file, "res_model"), (self.message, "model")):
                self.env.flush_all()
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s, res_id = %s WHERE id = %s",
                        *map(SQL.identifier, (record._table, name)),
                        *(model, number, record.id),
                    )
                )
            self.assertEqual(self.names(administrator)[2:], ["", ""])

    def test_of_whom_we_know_nothing_it_is_told_as_ever(self):
        supplier = self.env["res.partner"].create({"name": "A supplier", "company_id": self.company.id})
        self.assertEqual(supplier.with_user(self.stranger).sudo().display_name, "A supplier")

    def test_who_has_not_signed_in_reads_what_a_page_shows_them(self):
        public = self.env.ref("base.public_user")
        self.assertEqual(self.person.with_user(public).sudo().display_name, "Nguyễn Thị Kín")

    def test_nobody_learns_by_a_file_that_somebody_else_has_it(self):
        values = [{"name": "own.pdf", "datas": base64.b64encode(PDF).decode(), "mimetype": "application/pdf"}]
        files = self.env["ir.attachment"]
        for user in (self.stranger, new_test_user(self.env, "citizen", groups="base.group_portal")):
            self.assertNotIn(self.file.id, self._made(files.with_user(user), values))
        # Who may read the file has no second one.
        self.assertEqual(files.with_user(self.clerk).create_unique(values), self.file.ids)

    def _made(self, files, values):
        try:
            return files.create_unique(values)
        except AccessError:
            return []

    def test_a_message_says_of_which_record_it_is_to_its_readers(self):
        with self.assertRaises(AccessError):
            self.message.with_user(self.stranger).action_open_document()
        self.assertEqual(self.message.with_user(self.clerk).action_open_document()["res_id"], self.case.id)
