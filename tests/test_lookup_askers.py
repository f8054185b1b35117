from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import AN, BINH, CRIMINAL_RECORD, KhoDLCase, new_test_user


class TestClerks(KhoDLCase):
    """Who may see a lookup, and what in it is theirs to choose."""

    def prepare(self):
        super().prepare()
        self.wizard = self.make_wizard(self.make_case(AN))
        self.wizard.action_search()
        self.lookup = self.wizard.lookup_id

    def test_a_clerk_chooses_and_nothing_else(self):
        lookup = self.lookup.with_user(self.clerk)
        candidate = lookup.candidate_ids[0]
        candidate.write({"selected": False, "reason": "x"})
        lookup.consent_given = True
        for record, values in (
            (lookup, {"query_id": False}),
            (lookup, {"good_until": "2099-01-01"}),
            (lookup, {"consent_user_id": self.env.uid}),
            (candidate, {"paper_index": 0}),
            (candidate, {"query_id": False}),
            (lookup.document_ids[0], {"query_id": False}),
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                record.write(values)
        for record in (lookup, candidate, lookup.document_ids[0]):
            with self.subTest(record), mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    record.copy()
                with self.assertRaises(AccessError):
                    record.unlink()

    def test_other_offices_auditors_and_citizens_read_nothing_of_it(self):
        other = self.env["res.company"].create({"name": "Other office"})
        there = {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        for group, values in (
            ("kho_dl.group_clerk", there),
            ("kho_dl.group_administrator", there),
            ("kho_dl.group_auditor", {}),
            ("base.group_user", {}),
            ("base.group_portal", {}),
        ):
            user = new_test_user(self.env, f"reader{group}{len(values)}", groups=group, **values)
            for records in (self.lookup, self.lookup.candidate_ids, self.lookup.document_ids):
                with self.subTest(group=group, records=records), self.assertRaises(AccessError):
                    records.with_user(user).read(["id"])

    def test_no_link_stands_in_it(self):
        links = [file["link"] for paper in self.wizard.query_id.sudo().answer for file in paper["files"]]
        self.assertTrue(links)
        rows = self.lookup.sudo().candidate_ids.read() + self.lookup.sudo().read()
        self.assertFalse([link for link in links if link in str(rows)])

    def test_a_case_has_one_lookup(self):
        case = self.lookup.case_id
        self.assertEqual(self.env["kho.dl.lookup"]._open(case.sudo()), self.lookup)
        self.assertEqual(self.env["kho.dl.lookup"].search_count([("case_id", "=", case.id)]), 1)


class TestCitizen(KhoDLCase):
    """A citizen looks for the own papers only; the citizen's page calls the same methods as superuser."""

    def prepare(self):
        super().prepare()
        self.citizen = new_test_user(self.env, "citizen", groups="base.group_portal", name="Nguyễn Thị An")
        self.case = self.make_case(AN, channel="2", owner_id=self.citizen.partner_id.id).with_user(self.citizen).sudo()
        self.number = AN
        lookups = self.registry["kho.dl.lookup"]
        self.patch(lookups, "_proven_number", lambda lookup: self.number)

    def open(self, case=None):
        return self.env["kho.dl.lookup"].with_user(self.citizen).sudo()._open(case or self.case)

    # Proves II.1-3.
    def test_the_whole_way(self):
        lookup = self.open()
        self.assertEqual(lookup.partner_id, self.citizen.partner_id)
        lookup.consent_given = True
        lookup._look()
        [body] = self.asked()
        self.assertEqual((body["KenhThucHien"], body["SoDinhDanhChuSoHuu"]), ("2", AN))
        self.assertFalse(body.get("SoDinhDanhNguoiYeuCau") or body.get("HoTenNguoiYeuCau"))
        query = lookup.query_id
        self.assertEqual((query.user_id, query.consent_user_id), (self.citizen, self.citizen))
        self.assertFalse(query.officer_id or query.officer_name or query.sudo().officer_id_number)
        lookup._attach(lookup._offered(), seconds=10)
        self.assertEqual(self.document(self.case, CRIMINAL_RECORD).status, "attached")

    def test_who_has_not_agreed_is_not_asked_about(self):
        with self.assertRaises(UserError):
            self.open()._look()
        self.assertFalse(self.asked())

    def test_only_the_own_proven_number(self):
        for number in (BINH, False):
            with self.subTest(number):
                self.number = number
                with self.assertRaises(AccessError):
                    self.open()
        self.number = AN
        lookup = self.open()
        lookup.consent_given = True
        self.case.owner_id_number = BINH
        for action in (lookup._look, lambda: lookup._attach(lookup._offered(), seconds=1)):
            with self.assertRaises(AccessError):
                action()
        self.assertFalse(self.asked())

    def test_only_the_own_case_and_only_online(self):
        for case in (self.make_case(AN, channel="2"), self.make_case(AN, owner_id=self.citizen.partner_id.id)):
            with self.assertRaises(AccessError):
                self.open(case.with_user(self.citizen).sudo())

    def test_officer_and_citizen_have_lookups_of_their_own(self):
        theirs = self.open()
        wizard = self.make_wizard(self.case.with_user(self.clerk).sudo(False))
        self.assertNotEqual(wizard.lookup_id, theirs)
        with self.assertRaises(AccessError):
            wizard.lookup_id.with_user(self.citizen).sudo()._look()
        with self.assertRaises(AccessError):
            theirs.with_user(self.clerk).sudo()._look()
        with self.assertRaises(AccessError):
            theirs.with_user(self.clerk).sudo(False).read(["consent_given"])


class TestUnproven(KhoDLCase):
    def test_nobody_has_a_proven_number_before_a_page_proves_it(self):
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal")
        citizen.partner_id.vat = AN
        case = self.make_case(AN, channel="2", owner_id=citizen.partner_id.id)
        with self.assertRaises(AccessError):
            self.env["kho.dl.lookup"].with_user(citizen).sudo()._open(case.with_user(citizen).sudo())
