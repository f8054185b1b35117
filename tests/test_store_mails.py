from odoo import Command
from odoo.tools import SQL

from .common import AN, BINH, CHAU
from .paper_case import PDF, PaperCase


class TestMails(PaperCase):
    """Who is written to about papers of our own store; the mails of results of cases are in `test_store_paper`."""

    def prepare(self):
        super().prepare()
        self.env["res.lang"]._activate_lang("en_US")
        self.an = self.contact(AN, "an@example.com")
        self.mails()

    def contact(self, number, email, is_verified=True, **values):
        contact = self.env["res.partner"].create(
            {"name": "Nguyen An", "email": email, "lang": "en_US", "kho_dl_id_number": number, **values}
        )
        if is_verified:
            contact._kho_dl_verify("card")
        return contact

    def stored(self, **values):
        paper = self.make_paper(**values)
        paper.action_enter()
        return paper

    def mails(self):
        """Return the mails that wait and were not returned before."""
        known = getattr(self, "known", self.env["mail.mail"])
        found = self.env["mail.mail"].sudo().search([("model", "in", ("kho.dl.paper", "kho.dl.case"))], order="id")
        self.known = found
        return found - known

    def corrected(self, paper):
        draft = self.env["kho.dl.paper"].with_user(self.clerk).browse(paper.action_supersede()["res_id"])
        draft.attachment_ids = [Command.create({"name": "corrected.pdf", "raw": PDF + b"2"})]
        draft.action_enter()
        return draft

    def assert_one(self, contact, words):
        mail = self.mails()
        self.assertEqual(len(mail), 1, mail.mapped("subject"))
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", contact))
        self.assertIn(words, " ".join(mail.body_html.split()))
        self.assertFalse(mail.attachment_ids)
        for secret in (AN, "12/2026", "13/2026"):
            self.assertNotIn(secret, mail.body_html + mail.subject)
        return mail

    # Proves I.6-4.
    def test_whose_paper_enters_is_replaced_or_revoked_is_told_once(self):
        paper = self.stored()
        mail = self.assert_one(self.an, "are kept for you electronically")
        self.assertIn(f"{paper.result_code_id.name}, {self.company.name}, 01/15/2026", " ".join(mail.body_html.split()))
        corrected = self.corrected(paper)
        self.assert_one(self.an, "were corrected")
        corrected._revoke("Nguyen An asked")
        self.assertNotIn("asked", self.assert_one(self.an, "were revoked").body_html)

    # Proves I.6-4.
    def test_several_papers_are_one_mail(self):
        binh = self.contact(BINH, "binh@example.com")
        values = [{"number": "12/2026"}, {"number": "13/2026"}, {"number": "14/2026", "owner_id_number": BINH}]
        papers = self.env["kho.dl.paper"].with_user(self.clerk).create([self.paper_values(**one) for one in values])
        papers.action_enter()
        mails = self.mails()
        self.assertEqual(mails.recipient_ids, self.an + binh)
        self.assertEqual(sorted(mail.body_html.count("<li>") for mail in mails), [1, 2])

    def test_only_a_verified_number_with_an_address_is_written_to(self):
        self.contact(BINH, "binh@example.com", is_verified=False)
        self.contact(CHAU, False)
        for number in (BINH, CHAU, "000179000044"):
            self.stored(owner_id_number=number, number=number[-3:])
        self.assertFalse(self.mails())
        self.an.active = False
        self.stored()
        self.assertFalse(self.mails())

    def test_of_two_people_whose_contacts_were_merged_nobody_is_written_to(self):
        namesake = self.contact(BINH, "binh@example.com")
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.an | namesake).ids, self.an, extra_checks=False)
        self.env.invalidate_all()
        self.stored()
        self.assertFalse(self.mails())

    def test_another_agency_s_contact_hears_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        contact = self.env["res.partner"].create({"name": "B", "email": "b@example.com"}).with_company(other)
        contact.kho_dl_id_number = BINH
        contact._kho_dl_verify("card")
        self.stored(owner_id_number=BINH)
        self.assertFalse(self.mails())

    def test_a_result_of_a_case_is_told_once(self):
        case = self.make_case(AN)
        case.owner_id.sudo().email = "applicant@example.com"
        case.state = "9"
        paper = self.stored(case_id=case.id)
        mail = self.mails()
        self.assertEqual((mail.model, mail.recipient_ids), ("kho.dl.case", case.owner_id))
        self.corrected(paper)
        self.assert_one(self.an, "were corrected")

    def test_whose_case_has_no_address_is_told_at_the_verified_one(self):
        case = self.make_case(AN)
        case.state = "9"
        self.stored(case_id=case.id)
        self.assert_one(self.an, "are kept for you")

    def test_a_correction_of_whom_nobody_verified_is_told_as_a_result(self):
        self.env["kho.dl.id.number"].search([]).sudo().write({"verified_how": False})
        case = self.make_case(AN)
        case.owner_id.sudo().email = "applicant@example.com"
        case.state = "9"
        paper = self.stored(case_id=case.id)
        self.assertEqual(len(self.mails()), 1)
        self.corrected(paper)
        self.assertEqual(self.mails().model, "kho.dl.case")
        paper.successor_ids._revoke("x")
        self.assertFalse(self.mails())

    def test_in_the_language_of_who_reads_it(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.an.lang = "vi_VN"
        template = self.env.ref("kho_dl.mail_template_papers")
        template.with_context(lang="vi_VN").subject = "Giấy tờ của ông/bà tại {{ object.company_id.name }}"
        self.stored()
        self.assertIn("Giấy tờ của ông/bà", self.mails().subject)

    def test_nobody_is_written_to_where_the_company_does_not_want_it(self):
        self.company.kho_dl_tell_applicant = False
        paper = self.stored()
        paper._revoke("x")
        self.assertFalse(self.mails())

    def test_an_office_without_an_address_writes_from_that_of_the_one_above(self):
        self.company.email = "agency@example.com"
        branch = self.env["res.company"].create({"name": "Ward", "parent_id": self.company.id, "email": False})
        chain = self.env["kho.dl.journal.chain"].sudo().create({"company_id": branch.id})
        records = {"kho.dl.case": self.make_case(AN), "kho.dl.paper": self.make_paper(), chain._name: chain}
        self.env.flush_all()
        for table in ("kho_dl_case", "kho_dl_paper"):
            self.env.cr.execute(SQL("UPDATE %s SET company_id = %s", SQL.identifier(table), branch.id))
        self.env.invalidate_all()
        templates = self.env["mail.template"].sudo().search([("model", "in", list(records))])
        self.assertGreaterEqual(len(templates), 6)

        def senders():
            return {
                next(iter(template._render_field("email_from", records[template.model].ids).values()))
                for template in templates
            }

        self.assertEqual([sender.split("<")[1] for sender in senders()], ["agency@example.com>"])
        branch.email = "ward@example.com"
        self.assertEqual(senders(), {'"Ward" <ward@example.com>'})
