from .common import KhoDLCase


class TestListsOfOffices(KhoDLCase):
    """Whoever works for many offices sees in each list whose a row is, and can put the rows together by office."""

    def shown(self, model, kind):
        return self.env[model].get_view(view_type=kind)["arch"]

    def test_what_shows_the_office_can_be_grouped_by_it(self):
        self.env.user.group_ids |= self.env.ref("base.group_multi_company") | self.env.ref("kho_dl.group_administrator")
        self.env.user.group_ids |= self.env.ref("kho_dl.group_auditor")
        views = self.env["ir.ui.view"].search([("type", "=", "list"), ("name", "=like", "kho.dl.%")])
        lists = {
            model
            for model in views.mapped("model")
            if 'name="company_id"' in self.shown(model, "list") and self.has_search(model)
        }
        self.assertGreaterEqual(
            lists, {"kho.dl.case", "kho.dl.query", "kho.dl.retrieval", "kho.dl.indicator", "kho.dl.indicator.case"}
        )
        for model in lists:
            with self.subTest(model):
                self.env[model].formatted_read_group([], ["company_id"], limit=1)
        lacking = {model for model in lists if "'group_by': 'company_id'" not in self.shown(model, "search")}
        self.assertEqual(lacking, set())
        # Who works for one office sees nothing of it.
        self.env.user.group_ids -= self.env.ref("base.group_multi_company")
        self.assertEqual({model for model in lists if "'company_id'" in self.shown(model, "search")}, set())

    def has_search(self, model):
        return self.env["ir.ui.view"].search_count([("model", "=", model), ("type", "=", "search")], limit=1)
