import re

from lxml import etree

from odoo.tests import TransactionCase

from .common import own_records


class TestCommonLinks(TransactionCase):
    """What a form has a link to has a form that somebody made: Odoo's own shows every field, with links that nobody may open."""

    def test_a_link_leads_to_a_form(self):
        views = self.env["ir.ui.view"]
        linked = 0
        for view in own_records(self.env, "ir.ui.view").filtered(lambda one: one.type == "form" and not one.inherit_id):
            arch = etree.fromstring(self.env[view.model].get_view(view.id, "form")["arch"])
            # Lists have no links, and what stands in them is of another model.
            for node in arch.xpath("//field[not(ancestor::field)][not(@invisible='1' or @invisible='True')]"):
                field = self.env[view.model]._fields[node.get("name")]
                if field.type != "many2one" or "no_open" in (node.get("options") or ""):
                    continue
                linked += 1
                with self.subTest(view=view.xml_id, field=field.name):
                    forms = [("model", "=", field.comodel_name), ("type", "=", "form")]
                    self.assertTrue(views.search_count(forms, limit=1))
        self.assertGreater(linked, 20)


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


class TestCommonDuplicates(TransactionCase):
    """What there is once only, as a code of a catalogue, has no second one like it: nobody is offered what always fails."""

    def test_nobody_is_offered_a_duplicate_that_cannot_be(self):
        looked_at = 0
        for view in own_records(self.env, "ir.ui.view").filtered(lambda one: one.type in ("list", "form")):
            model = self.env.get(view.model)
            if model is None or view.inherit_id or not _is_there_once(model):
                continue
            arch = etree.fromstring(model.get_view(view.id, view.type)["arch"])
            looked_at += 1
            with self.subTest(view.xml_id):
                self.assertTrue({arch.get("create"), arch.get("duplicate")} & {"0", "false"})
        self.assertGreater(looked_at, 8)

    def test_nobody_is_offered_to_send_a_message_again(self):
        arch = etree.fromstring(self.env["kho.dl.case.message"].get_view(view_type="form")["arch"])
        self.assertEqual(arch.get("duplicate"), "0")


def _is_there_once(model):
    """Tell whether a copy of a record would be refused: all that a unique index is about comes out the same."""
    unique = [one.get_definition(model.pool) for one in model._table_objects.values()]
    unique = [words for words in unique if words.lower().startswith("unique") and " WHERE " not in words]
    named = [[field for field in map(model._fields.get, re.findall(r"\w+", words)) if field] for words in unique]
    is_renamed = any("copy_data" in vars(one) for one in type(model).mro() if ".kho_dl." in one.__module__)
    return not is_renamed and any(fields and all(one.copy or one.compute for one in fields) for fields in named)
