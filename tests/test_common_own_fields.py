from odoo.exceptions import AccessError

from .common import KhoDLCase

# Forms of which a user writes the choices only, and what they stand on.
_FORMS = ("kho.dl.retrieve.wizard", "kho.dl.retrieve.wizard.line", "kho.dl.retrieve.wizard.document", "kho.dl.lookup")


class TestOwnFields(KhoDLCase):
    """What another application adds to our forms is its own, for people to write as it lets them."""

    def prepare(self):
        super().prepare()
        for model in _FORMS:
            model_id = self.env["ir.model"]._get_id(model)
            self.env["ir.model.fields"].create({"name": f"x_{model[-4:]}", "model_id": model_id, "ttype": "char"})

    def test_it_is_written_and_what_was_found_is_not(self):
        wizard = self.make_wizard(self.make_case(), x_zard="made")
        self.assertEqual(wizard.x_zard, "made")
        wizard.action_search()
        for record, name in (
            (wizard, "x_zard"),
            # Of what it stands on.
            (wizard, "x_okup"),
            (wizard.line_ids[0], "x_line"),
            (wizard.document_ids[0], "x_ment"),
        ):
            with self.subTest(name):
                record.write({name: "written"})
                self.assertEqual(record[name], "written")
                with self.assertRaises(AccessError):
                    record.write({name: "with it", "case_id": False})
        for name in ("lookup_id", "shown_count", "channel", "nonsense"):
            with self.subTest(name), self.assertRaises(AccessError):
                wizard.write({name: False})
