from odoo.exceptions import AccessError
from odoo.tests import Form

from .common import AN, new_test_user
from .test_outbox import OutboxCase

TAX_CODE = "0101243150"


class TestOrganisation(OutboxCase):
    def told(self, number, **values):
        """Return LoaiDoiTuong of a case of an applicant with `values`, as the portal has it."""
        owner = self.env["res.partner"].create({"name": "Applicant", **values})
        case = self.make_case(number, owner_id=owner.id)
        self.send()
        found = self.at_portal(case)
        return found["LoaiDoiTuong"], found["DinhDanhCHS"][0]["LoaiDinhDanh"]

    # Proves W.7-8.
    def test_the_portal_is_told_which_kind_of_organisation(self):
        self.assertEqual(self.told(TAX_CODE, is_company=True), ("2", "3"))
        for kind in ("2", "3", "4"):
            self.assertEqual(self.told(TAX_CODE, is_company=True, kho_dl_organisation_kind=kind), (kind, "3"))
        # A contact from before, or one that another application made without it.
        self.assertEqual(self.told(TAX_CODE, is_company=True, kho_dl_organisation_kind=False), ("2", "3"))
        self.assertEqual(self.told(AN, kho_dl_organisation_kind="3"), ("1", "1"))

    # Proves W.7-8.
    def test_the_portal_is_told_anew_when_the_contact_changes(self):
        owner = self.env["res.partner"].create({"name": "Applicant", "is_company": True})
        case, closed = (self.make_case(TAX_CODE, owner_id=owner.id) for _number in range(2))
        closed.state = "8"
        self.send()
        outbox = self.env["kho.dl.outbox"]
        for name, value in (("kho_dl_organisation_kind", "3"), ("name", "Applicant 2"), ("phone", "0912345678")):
            owner.with_user(self.clerk).sudo().write({name: value})
            self.assertEqual(outbox.search([("state", "=", "pending")]).case_id, case)
            self.send()
        found = self.at_portal(case)
        self.assertEqual((found["LoaiDoiTuong"], found["ChuHoSo"]), ("3", "Applicant 2"))
        owner.write({"name": "Applicant 2", "comment": "nothing of it is told"})
        self.assertFalse(outbox.search([("state", "=", "pending")]))

    # Proves W.7-12.
    def test_the_number_of_a_case_holds_the_code_of_the_unit(self):
        case = self.make_case(AN)
        self.send()
        self.assertRegex(self.at_portal(case)["MaHoSo"], r"^H46-\d{6}-\d{5}$")

    def test_a_name_suggests_the_kind_until_somebody_has_said_it(self):
        contacts = self.env["res.partner"].with_user(self.clerk)
        for name, kind in (
            ("UBND xã Mẫu", "3"), ("Uỷ ban nhân dân phường Thử", "3"), ("SỞ Tư pháp Thử", "3"), ("Sơn Hà JSC", "2"),
            ("Công ty Bộ Ba", "2"),
        ):  # fmt: skip
            with self.subTest(name), Form(contacts, "kho_dl.view_kho_dl_applicant_form") as form:
                form.company_type = "company"
                form.name = name
                self.assertEqual(form.kho_dl_organisation_kind, kind)
        organisation = form.record
        with Form(organisation, "kho_dl.view_kho_dl_applicant_form") as form:
            form.kho_dl_organisation_kind = "4"
            form.name = "Sở Thử"
        self.assertEqual(organisation.kho_dl_organisation_kind, "4")

    def test_only_kho_dl_sees_the_kind(self):
        contact = self.env["res.partner"].create({"name": "Company", "is_company": True})
        stranger = new_test_user(self.env, "contacts", groups="base.group_user,base.group_partner_manager")
        with self.assertRaises(AccessError):
            contact.with_user(stranger).read(["kho_dl_organisation_kind"])
        made = contact.with_user(stranger).create({"name": "Sở Thử", "is_company": True})
        self.assertEqual(made.sudo().kho_dl_organisation_kind, "2")
        with Form(made) as form:
            form.name = "Sở Thử hai"
        fields = contact.with_user(stranger).fields_get()
        self.assertNotIn("kho_dl_organisation_kind", fields)
