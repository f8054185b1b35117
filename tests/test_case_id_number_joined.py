from .common import AN, BINH, CHAU
from .paper_case import PaperCase
from .test_case_id_number import OLD, NumberCase
from .test_migrations import migrate


class TestNumbersOfBefore(NumberCase):
    def test_the_upgrade_gives_contacts_the_newest_number_that_is_theirs_alone(self):
        twice = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        self.make_case(OLD, owner_id=self.contact.id)
        self.make_case(BINH, owner_id=self.contact.id)
        self.make_case(AN, owner_id=self.contact.id)
        for owner in twice:
            self.make_case(CHAU, owner_id=owner.id)
        self.make_case("000000001", owner_id=twice[0].id)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kho_dl_id_number")
        for _again in range(2):
            migrate(self.env.cr, "19.0.1.5.0")
            self.env.invalidate_all()
            self.assertEqual(set(self.contact.kho_dl_number_ids.mapped("number")), {OLD, AN})
            self.assertFalse(twice.kho_dl_number_ids)
        self.assertEqual((self.contact.kho_dl_id_number, self.contact.kho_dl_verified_how), (AN, "none"))


class TestOldNumberInStore(PaperCase):
    # Proves W.9-5.
    def test_a_paper_that_names_a_number_only_is_the_contacts_who_has_it(self):
        contacts = self.env["res.partner"].create(
            [{"name": name, "company_id": self.company.id} for name in ("Has it", "Had it on a case")]
        )
        self.make_case(CHAU, owner_id=contacts[1].id)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kho_dl_id_number")
        self.env.invalidate_all()
        contacts[0].kho_dl_id_number = CHAU
        self.assertEqual(self.make_paper(owner_id_number=CHAU).owner_id, contacts[0])
        # Another agency's contact is nobody's here.
        agency = self.env["res.company"].create({"name": "Other agency"})
        elsewhere = self.env["res.partner"].create({"name": "Elsewhere", "company_id": agency.id})
        elsewhere.with_company(agency).kho_dl_id_number = BINH
        self.assertNotEqual(self.make_paper(owner_id_number=BINH, number="2").owner_id, elsewhere)

    # Proves W.9-5.
    def test_papers_under_the_old_number_are_found_for_the_new_one(self):
        contact = self.env["res.partner"].create({"name": "Person", "company_id": self.company.id})
        self.make_case(OLD, owner_id=contact.id).action_card_seen()
        paper = self.make_paper(owner_id_number=OLD)
        paper.action_enter()
        case = self.make_case(AN, owner_id=contact.id)
        [document] = case.document_ids.filtered(lambda document: paper.result_code_id in document.result_code_ids)
        # Who took a namesake's contact must not see the other person's papers.
        self.assertFalse(document._own_papers()[document])
        case.action_card_seen()
        self.assertEqual([own.origin for own in document._own_papers()[document]], [paper])
        # Of an old tax code of the same person nothing changes.
        contact.kho_dl_id_number = "0101243150"
        contact.kho_dl_number_ids._verify("card")
        self.assertEqual([own.origin for own in document._own_papers()[document]], [paper])
        # Another person's case finds nothing of it.
        other = self.make_case(BINH)
        self.assertFalse(any(other.document_ids._own_papers().values()))
