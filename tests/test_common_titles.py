from lxml import etree

from odoo.tests import TransactionCase

from .common import own_records


class TestCommonTitles(TransactionCase):
    """A form that is a page of its own says what it is: it is no record of a list, so "New" would be all that is said."""

    def test_a_form_without_a_list_has_a_title_and_no_button_for_another(self):
        actions = own_records(self.env, "ir.actions.act_window")
        pages = actions.filtered(
            lambda action: (
                action.res_model.startswith("kho.dl.")
                and (action.view_mode, action.target, action.res_id) == ("form", "current", 0)
            )
        )
        self.assertGreater(len(pages), 1)
        for page in pages:
            with self.subTest(page.xml_id):
                model = self.env[page.res_model]
                begun = model.onchange({}, [], {"display_name": {}})
                self.assertEqual(begun["value"]["display_name"], page.with_context(lang="en_US").name)
                arch = etree.fromstring(model.get_view(page.view_id.id, "form")["arch"])
                self.assertEqual(arch.get("create"), "0")
