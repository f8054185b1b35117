from odoo.exceptions import AccessError, UserError

from .paper_case import PaperCase

# Of which people write some fields only; what another application adds to each, by the name of the model.
_ADDED = {
    "kho.dl.retrieve.wizard": "x_wizard",
    "kho.dl.retrieve.wizard.line": "x_line",
    "kho.dl.retrieve.wizard.document": "x_document",
    "kho.dl.lookup": "x_lookup",
    "kho.dl.paper": "x_paper",
    "kho.dl.case.message": "x_message",
    "kho.dl.person.page": "x_page",
}


class TestOwnFields(PaperCase):
    """What another application adds to our records is its own, for people to write as it lets them."""

    def prepare(self):
        super().prepare()
        for model, name in _ADDED.items():
            model_id = self.env["ir.model"]._get_id(model)
            self.env["ir.model.fields"].create({"name": name, "model_id": model_id, "ttype": "char"})

    def test_it_is_written_and_what_was_found_is_not(self):
        wizard = self.make_wizard(self.make_case(), x_wizard="made")
        self.assertEqual(wizard.x_wizard, "made")
        wizard.action_search()
        for record, name in (
            (wizard, "x_wizard"),
            # Of what it stands on.
            (wizard, "x_lookup"),
            (wizard.line_ids[0], "x_line"),
            (wizard.document_ids[0], "x_document"),
        ):
            with self.subTest(name):
                record.write({name: "written"})
                self.assertEqual(record[name], "written")
                with self.assertRaises(AccessError):
                    record.write({name: "with it", "case_id": False})
        for name in ("lookup_id", "shown_count", "channel", "nonsense"):
            with self.subTest(name), self.assertRaises(AccessError):
                wizard.write({name: False})

    def test_it_is_written_on_what_stays_as_it_is(self):
        paper = self.make_paper()
        paper.action_enter()
        paper.x_paper = "Shelf 7"
        self.assertEqual(paper.x_paper, "Shelf 7")
        with self.assertRaises(UserError):
            paper.write({"x_paper": "Shelf 8", "number": "13"})
        message = {"case_id": self.make_case().id, "body": "Please come."}
        messages = self.env["kho.dl.case.message"].with_user(self.clerk)
        self.assertEqual(messages.create({**message, "x_message": "by hand"}).x_message, "by hand")
        with self.assertRaises(AccessError):
            messages.create({**message, "is_from_applicant": True})

    def test_what_it_is_at_first_is_said_by_whoever_added_it(self):
        for model in ("kho.dl.case.message", "kho.dl.person.page"):
            name = _ADDED[model]
            self.env["ir.default"].set(model, name, "at first")
            self.assertEqual(self.env[model].default_get([name]), {name: "at first"})
        forged = {"default_is_from_applicant": True, "default_sent_on": "2020-01-01 00:00:00"}
        messages = self.env["kho.dl.case.message"].with_user(self.clerk).with_context(**forged)
        message = messages.create({"case_id": self.make_case().id, "body": "Please come."})
        self.assertEqual((message.x_message, message.is_from_applicant), ("at first", False))
        self.assertGreater(message.sent_on.year, 2020)
