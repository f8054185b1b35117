from contextlib import nullcontext, suppress

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AN, KhoDLCase, new_stranger, new_test_user

_SPEC = {"display_name": {}, "street": {}}


@tagged("-at_install", "post_install")
class TestLinks(KhoDLCase):
    """Nobody is told of a contact because they linked it, by its mere id, to something of their own."""

    def setUp(self):
        super().setUp()
        self.person = self.make_case(AN).owner_id.sudo(False)
        self.person.sudo().write({"street": "12 Lê Lợi", "company_id": self.company.id})
        groups = "kho_dl.group_clerk,base.group_partner_manager"
        self.stranger = new_stranger(self.env, groups)
        self.colleague = new_test_user(self.env, "colleague", groups=groups, company_id=self.company.id)

    def test_who_may_not_read_a_contact_does_not_talk_with_it(self):
        for user in (self.stranger, self.colleague):
            channels = self.env["discuss.channel"].with_user(user)
            channel = channels._create_channel(name="Ours", group_id=None)
            ways = {
                "added": lambda channel=channel: channel.add_members(self.person.ids),
                "below": lambda channel=channel: channel._create_sub_channel(name="Ours").add_members(self.person.ids),
                "by default": lambda channel=channel: (
                    channel.env["discuss.channel.member"]
                    .with_context(default_partner_id=self.person.id)
                    .create({"channel_id": channel.id})
                ),
                "made": lambda channel=channel: (
                    self.env["discuss.channel.member"]
                    .with_user(channel.env.user)
                    .create({"channel_id": channel.id, "partner_id": self.person.id})
                ),
                "made by text": lambda channel=channel: channel.env["discuss.channel.member"].create(
                    {"channel_id": channel.id, "partner_id": f"+{self.person.id}"}
                ),
            }
            for way, add in ways.items():
                with self.subTest(user.login, way=way):
                    channel.sudo().channel_member_ids.filtered(lambda one: one.partner_id == self.person).unlink()
                    with self.assertRaises(AccessError) if user == self.stranger else nullcontext():
                        add()
                    self.assertEqual(self.person in channel.sudo().channel_partner_ids, user == self.colleague)
            # Those who work in the database are everybody's.
            channel.add_members(self.clerk.partner_id.ids)
            self.assertIn(self.clerk.partner_id, channel.channel_partner_ids)

    def test_a_thread_begins_with_whoever_wrote_what_it_is_about(self):
        channel = self.env["discuss.channel"].with_user(self.stranger)._create_channel(name="Ours", group_id=None)
        message = channel.sudo().message_post(author_id=self.person.id, body="Hello", message_type="comment")
        thread = channel._create_sub_channel(from_message_id=message.id)
        self.assertIn(self.person, thread.sudo().channel_partner_ids)

    def test_who_may_not_read_a_contact_has_nobody_belong_to_it(self):
        contacts = self.env["res.partner"].with_user(self.stranger)
        person = self.person.id
        own = contacts.create({"name": "Own"})
        ways = {
            "made": lambda: contacts.create({"name": "Child", "parent_id": person}),
            "by default": lambda: contacts.with_context(default_parent_id=person).create({"name": "Child"}),
            "made by text": lambda: contacts.create({"name": "Child", "parent_id": f"+{person}"}),
            "written": lambda: own.write({"parent_id": person}),
            "written as text": lambda: own.write({"parent_id": f" {person}"}),
            "below": lambda: contacts.create(
                {"name": "Own", "child_ids": [Command.create({"name": "Child", "parent_id": person})]}
            ),
            "above": lambda: own.write({"child_ids": [Command.link(person)]}),
            "above by default": lambda: contacts.with_context(default_child_ids=[Command.link(person)]).create(
                {"name": "X"}
            ),
            "typed": lambda: contacts.onchange({"name": "Q", "parent_id": person}, ["parent_id"], _SPEC),
            "begun": lambda: contacts.with_context(default_parent_id=person).onchange({}, [], _SPEC),
            "above by custom": lambda: (
                contacts.env["ir.default"].set("res.partner", "child_ids", [Command.link(person)], user_id=True),
                contacts.create({"name": "Own"}),
            ),
        }
        for way, link in ways.items():
            told = ""
            with self.subTest(way), suppress(AccessError), self.cr.savepoint():
                told = str(link())
                self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(way):
                self.assertNotIn("Lê Lợi", told)
                self.assertNotIn(self.person.sudo().name, told)
                self.assertFalse(self.person.sudo().child_ids | self.person.sudo().parent_id)
        child = self.env["res.partner"].with_user(self.colleague).create({"name": "Child", "parent_id": person})
        self.assertEqual(child.street, "12 Lê Lợi")

    def test_a_tax_number_that_another_office_knows_stops_no_form(self):
        """Odoo looks as superuser for who has the same one, and a form gives back whom it was told."""
        self.person.sudo().write({"vat": "0100112233", "name": "Kín"})
        contacts = self.env["res.partner"].with_user(self.stranger)
        spec = {"name": {}, "vat": {}, "same_vat_partner_id": {"fields": {"display_name": {}}}}
        typed = {"name": "Own", "vat": "0100112233", "company_id": False}
        same = contacts.onchange(typed, ["vat"], spec)["value"]["same_vat_partner_id"]
        self.assertEqual(same["id"], self.person.id)
        again = contacts.onchange({**typed, "same_vat_partner_id": same["id"]}, ["name"], spec)
        self.assertNotIn("Kín", f"{same} {again}")
