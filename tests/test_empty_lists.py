from lxml import html

from odoo.tests import TransactionCase

from .common import own_records

_FIRST_LINES = {"o_view_nocontent_smiling_face", "o_view_nocontent_empty_folder"}


class TestEmptyLists(TransactionCase):
    """An empty list says what it is for, and what to do next."""

    def setUp(self):
        super().setUp()
        actions = own_records(self.env, "ir.actions.act_window")
        self.lists = actions.filtered(lambda action: not action.view_mode.startswith("form"))

    # Proves J.5-4.
    def test_each_says_what_it_is_and_what_to_do(self):
        self.assertGreater(len(self.lists), 30)
        for action in self.lists.with_context(lang="en_US"):
            with self.subTest(action.xml_id):
                first, *others = html.fragments_fromstring(action.help or "<p/>")
                self.assertIn(first.get("class"), _FIRST_LINES)
                self.assertTrue(first.text_content().strip())
                self.assertTrue("".join(other.text_content() for other in others).strip())

    def test_new_is_named_where_it_can_be_pressed(self):
        named = self.lists.with_context(lang="en_US").filtered(lambda action: "Press “New”" in (action.help or ""))
        self.assertTrue(named)
        for action in named:
            with self.subTest(action.xml_id):
                model = self.env[action.res_model]
                arch = model.get_views([(action.view_ids[:1].view_id.id, "list")])["views"]["list"]["arch"]
                self.assertNotIn(html.fromstring(arch).get("create"), ("0", "False", "false"))
