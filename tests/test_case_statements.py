from odoo import Command
from odoo.tests import Form

from .common import AN, KhoDLCase

_MORE = 3


class TestCaseStatements(KhoDLCase):
    """Screens of the counter with much on them cost no more statements than those with little."""

    # Statements are counted.
    keeps_memory = False

    def assert_costs_alike(self, little, much):
        """Assert that `much()` takes about as many statements as `little()`, once all is in memory that stays there."""
        costs = []
        for ask in (little, much, little, much):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            ask()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[3], costs[2] + _MORE)

    def case_of(self, documents):
        """Return a case with so many documents, each with a file."""
        wanted = {"result_code_ids": [Command.set(self.procedure.document_ids.result_code_ids[:1].ids)]}
        procedure = self.env["kho.dl.procedure"].create(
            {
                "code": f"9.{documents}",
                "name": f"Of {documents}",
                "company_id": self.company.id,
                "document_ids": [Command.create({"name": f"Paper {at}", **wanted}) for at in range(documents)],
            }
        )
        case = self.make_case(AN, procedure_id=procedure.id)
        for document in case.document_ids:
            document.attachment_ids = [Command.create({"name": "x.pdf", "raw": b"%PDF-1.4 %%EOF"})]
        return case

    def test_a_case_of_many_documents(self):
        few, many = self.case_of(2), self.case_of(20)
        self.assert_costs_alike(lambda: Form(few), lambda: Form(many))

    def test_a_list_of_many_cases(self):
        cases = self.env["kho.dl.case"].with_user(self.clerk)
        asked = {name: {} for name in cases.get_view(view_type="list")["models"]["kho.dl.case"]}
        asked |= {name: {"fields": {"display_name": {}}} for name in asked if cases._fields[name].type == "many2one"}
        ids = [self.make_case(AN).id for _ in range(80)]
        self.assert_costs_alike(
            lambda: cases.web_search_read([("id", "in", ids[:8])], asked),
            lambda: cases.web_search_read([("id", "in", ids)], asked),
        )

    def test_many_applicants_to_choose_from(self):
        people = self.env["res.partner"].with_user(self.clerk).with_context(kho_dl_with_number=True)
        people.create(
            [
                {
                    "name": f"Trần Văn Tư {at}",
                    "company_id": self.company.id,
                    "kho_dl_id_number": f"00019000003{at}",
                    "kho_dl_birth": "1985",
                }
                for at in range(8)
            ]
        )
        self.assertEqual(len(people.web_name_search("tran tu", {"display_name": {}})), 8)
        self.assert_costs_alike(
            lambda: people.web_name_search("tran tu", {"display_name": {}}, limit=1),
            lambda: people.web_name_search("tran tu", {"display_name": {}}, limit=8),
        )
