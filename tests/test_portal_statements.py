from odoo import Command
from odoo.tests import tagged

from .application_case import ApplicationCase
from .common import AN

_FEW, _MANY, _MORE = 2, 18, 5


@tagged("-at_install", "post_install")
class TestPortalStatements(ApplicationCase):
    """Pages of a citizen with much cost no more statements than those of one with little."""

    keeps_memory = False

    def cost(self, address):
        """Return how many statements the page at `address` takes once everything is in memory that stays there."""
        self.text(address, self.an)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.text(address)
        return self.env.cr.sql_log_count - before

    def hand_in_all(self, case):
        for document in case.document_ids:
            file = {"name": "x.pdf", "raw": b"%PDF-1.4 %%EOF"}
            document.write({"attachment_ids": [Command.create(file)]})

    def assert_costs_alike(self, few, many):
        for address in few:
            with self.subTest(address):
                self.assertLessEqual(many[address], few[address] + _MORE)

    # Proves I.H-6.
    def test_lists(self):
        addresses = ("/my", *(f"/my/kho-dl/{name}" for name in ("cases", "papers", "data", "apply")))
        costs = []
        for total in (_FEW, _MANY):
            while self.env["kho.dl.case"].search_count([("owner_id", "=", self.an.partner_id.id)]) < total:
                number = len(costs) * 100 + self.env["kho.dl.case"].search_count([])
                self.stored(self.an, AN, number=f"{number}/2026", case_id=self.own_case(self.an, AN).id)
                self.procedure.copy({"code": f"7.{number}", "company_id": self.company.id})
            costs.append({address: self.cost(address) for address in addresses})
        self.assert_costs_alike(*costs)

    # Proves I.H-6.
    def test_cases_and_drafts_of_many_documents(self):
        costs = []
        for total in (_FEW, _MANY):
            names = [f"Paper {number}" for number in range(total)]
            procedure = self.env["kho.dl.procedure"].create(
                {
                    "code": f"8.{total}",
                    "name": f"Of {total}",
                    "company_id": self.company.id,
                    "document_ids": [Command.create({"name": name, "required": True}) for name in names],
                }
            )
            case = self.own_case(self.an, AN, procedure_id=procedure.id)
            self.hand_in_all(case)
            asked = self.own_case(self.an, AN, procedure_id=procedure.id, state="5")
            self.post(f"/my/kho-dl/apply/{procedure.id}", self.an)
            draft = self.env["kho.dl.case"].search([("procedure_id", "=", procedure.id), ("is_draft", "=", True)])
            pages = {
                "case": self.case_address(case),
                "asked": self.case_address(asked),
                "draft": self.draft_address(draft),
                "receipt": f"{self.case_address(case)}/receipt",
                "procedure": f"/my/kho-dl/apply/{procedure.id}",
            }
            costs.append({name: self.cost(address) for name, address in pages.items()})
            self.hand_in_all(draft)
            costs[-1]["draft with files"] = self.cost(self.draft_address(draft))
        self.assert_costs_alike(*costs)
