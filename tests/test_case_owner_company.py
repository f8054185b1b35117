from odoo import Command
from odoo.exceptions import UserError

from .common import AN, BINH, new_test_user
from .paper_case import PaperCase


class TestOwnerCompany(PaperCase):
    """Whose a case or a paper is, for somebody who works in two companies: one's contacts stay that company's."""

    def prepare(self):
        super().prepare()
        self.other = self.env["res.company"].create({"name": "Other agency"})
        both = [Command.set((self.company | self.other).ids)]
        self.user = new_test_user(self.env, "of_both", groups="kho_dl.group_clerk", company_ids=both)
        self.here, self.everywhere = self.env["res.partner"].create(
            [{"name": "Person", "company_id": self.company.id}, {"name": "Of all", "company_id": False}]
        )
        self.procedures = {
            self.company: self.procedure,
            self.other: self.procedure.copy({"company_id": self.other.id, "code": "7.7"}),
        }
        companies = [self.company.id, self.other.id]
        self.cases, self.papers = (
            self.env[model].with_user(self.user).with_context(allowed_company_ids=companies)
            for model in ("kho.dl.case", "kho.dl.paper")
        )

    def case_values(self, owner, company, **values):
        procedure = self.procedures[company]
        return {"owner_id": owner.id, "procedure_id": procedure.id, "company_id": company.id, **values}

    def case_of_before(self, **values):
        """Return a case of the other company with a contact of this one, as it could be made once."""
        case = self.cases.create(self.case_values(self.everywhere, self.other, owner_id_number=AN, **values))
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_case SET owner_id = %s WHERE id = %s", [self.here.id, case.id])
        # Contacts had no numbers then.
        self.env.cr.execute("DELETE FROM kho_dl_id_number WHERE partner_id = %s", [self.everywhere.id])
        self.env.invalidate_all()
        return case

    def test_rows_of_a_table_find_the_owners_of_their_own_company(self):
        self.cases.create(self.case_values(self.here, self.company, owner_id_number=AN))
        self.cases.create(self.case_values(self.everywhere, self.other, owner_id_number=BINH))
        rows = [(number, company) for company in (self.company, self.other) for number in (AN, BINH)]
        papers = self.papers.with_context(import_file=True).create(
            [
                self.paper_values(owner_id_number=number, owner_name=number, company_id=company.id)
                for number, company in rows
            ]
        )
        new = papers.owner_id - self.here - self.everywhere
        self.assertEqual([owner.name for owner in papers.owner_id], ["Person", BINH, AN, "Of all"])
        # Whom the table brings is, as in the form of a case, of the agency that brought it.
        self.assertEqual(new.mapped("company_id"), self.company | self.other)
        # Where no company is said, it is the one that is worked in.
        there = self.papers.with_company(self.other).with_context(import_file=True)
        paper = there.create(self.paper_values(owner_id_number=AN, number="13"))
        self.assertEqual((paper.company_id, paper.owner_id), (self.other, papers[2].owner_id))

    def test_an_owner_known_by_a_contact_of_another_company_is_made_anew(self):
        self.case_of_before()
        paper = self.papers.with_context(import_file=True).create(self.paper_values(company_id=self.other.id))
        self.assertEqual((paper.owner_id.name, paper.owner_id.company_id), ("Applicant", self.other))

    def test_nobodys_case_or_paper_is_of_a_contact_of_another_company(self):
        case = self.cases.create(self.case_values(self.everywhere, self.other, owner_id_number=AN))
        paper = self.papers.create(self.paper_values(owner_id=self.everywhere.id, company_id=self.other.id))
        values = self.paper_values(owner_id=self.here.id, company_id=self.other.id, number="13")
        for change in (
            lambda: self.cases.create(self.case_values(self.here, self.other)),
            lambda: self.papers.create(values),
            lambda: case.write({"owner_id": self.here.id}),
            lambda: paper.write({"owner_id": self.here.id}),
        ):
            with self.assertRaisesRegex(UserError, "Person"), self.env.cr.savepoint():
                change()

    def test_what_is_said_again_of_a_draft_is_no_news(self):
        paper = self.papers.create(self.paper_values(owner_id=self.here.id, owner_id_number=AN))
        self.here.company_id = self.other
        paper.sudo().write({"company_id": self.company.id, "owner_id": self.here.id, "number": "14"})
        self.assertEqual((paper.number, paper.sudo().owner_id), ("14", self.here))

    def test_a_case_of_before_is_worked_on_to_its_end(self):
        case = self.case_of_before()
        wizard = self.env["kho.dl.retrieve.wizard"].with_user(self.user).create({"case_id": case.id})
        self._connect(self.other)
        self.user.kho_dl_id_number = "000188000079"
        wizard.consent_given = True
        self.procedures[self.other].document_ids[1].result_code_ids = self.procedure.document_ids[1].result_code_ids
        wizard.action_search()
        case.write({"owner_id": self.here.id, "owner_id_number": BINH, "company_id": self.other.id})
        paper = self.papers.create({**self.paper_values(case_id=case.id), "owner_id_number": BINH})
        self.assertEqual((paper.owner_id, paper.state), (self.here, "draft"))
        paper.write({"owner_id": self.here.id, "abstract": "x", "company_id": self.other.id})
        case.state = "9"
        self.assertEqual(paper.state, "effective")
        corrected = self.papers.browse(paper.action_supersede()["res_id"])
        self.assertEqual(corrected.owner_id, self.here)
        corrected.write({"number": "14", "attachment_ids": [Command.set(paper.attachment_ids.ids)]})
        corrected.action_enter()
        self.assertEqual((corrected.state, paper.state), ("effective", "superseded"))
        case.state = "10"
