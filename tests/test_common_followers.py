from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AN, KhoDLCase, new_stranger, new_test_user


@tagged("-at_install", "post_install")
class TestFollowers(KhoDLCase):
    """Who follows a record and who was written to are people: their names and addresses are told as their contacts are."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.person = self.case.owner_id
        self.person.sudo().write({"email": "an@example.com", "company_id": self.company.id})
        self.case.message_post(
            body="Please come", partner_ids=self.person.ids, subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        self.case.message_subscribe(partner_ids=self.person.ids)
        self.stranger = new_stranger(self.env, "kho_dl.group_clerk")

    def told(self, user):
        """Return what `user` reads of it, in any company."""
        followers, notifications = (
            self.env[name].with_user(user).search([(field, "=", self.person.id)])
            for name, field in (("mail.followers", "partner_id"), ("mail.notification", "res_partner_id"))
        )
        return followers.read(["name", "email"]) + notifications.read(["res_partner_id", "mail_message_id"])

    def test_who_may_not_read_the_contact_reads_it_nowhere_else(self):
        self.assertEqual(self.told(self.stranger), [])
        for name in ("mail.followers", "mail.notification"):
            field = {"mail.followers": "partner_id", "mail.notification": "res_partner_id"}[name]
            rows = self.env[name].sudo().search([(field, "=", self.person.id)])
            self.assertTrue(rows, name)
            with self.subTest(name), self.assertRaises(AccessError):
                rows.with_user(self.stranger).read([field])
        with self.assertRaises(AccessError):
            self.person.with_user(self.stranger).message_get_followers()

    def test_the_counter_of_the_case_reads_it_as_ever(self):
        self.assertIn("an@example.com", str(self.told(self.clerk)))
        self.assertEqual(len(self.told(self.clerk)), 2)
        for record in (self.case, self.person):
            record.with_user(self.clerk).message_get_followers()
        self.assertIn(self.person, self.case.with_user(self.clerk).message_partner_ids)

    def following(self, user, record):
        """Return who follows `record`, as `user` reads it, looking for it or by its id."""
        followers = self.env["mail.followers"].with_user(user)
        about = [("res_model", "=", record._name), ("res_id", "=", record.id)]
        found = followers.search(about)
        self.assertEqual(found, followers.sudo().search(about).sudo(False)._filtered_access("read"))
        return found.partner_id

    def test_who_follows_a_case_is_told_where_it_is_read(self):
        officers = (self.stranger | self.clerk).partner_id
        self.case.message_subscribe(partner_ids=officers.ids)
        # Each officer the own following.
        self.assertEqual(self.following(self.stranger, self.case), self.stranger.partner_id)
        self.assertLessEqual(officers | self.person, self.following(self.clerk, self.case))
        employee = new_test_user(self.env, "employee", company_id=self.company.id)
        self.assertFalse(self.following(employee, self.case))

    def test_who_follows_what_is_not_ours_is_told_as_ever(self):
        own = self.env["res.partner"].create({"name": "A supplier"})
        own.message_subscribe(partner_ids=self.clerk.partner_id.ids)
        self.assertIn(self.clerk.partner_id, self.following(self.stranger, own))

    def test_a_mail_that_failed_is_said_to_who_wrote_it(self):
        own = self.env["res.partner"].with_user(self.stranger).sudo().create({"name": "Own"}).sudo(False)
        own.sudo().message_subscribe(partner_ids=self.person.ids)
        message = own.message_post(body="Hello", subtype_xmlid="mail.mt_comment")
        rows = message.sudo().notification_ids
        self.assertEqual(rows.res_partner_id, self.person)
        rows.notification_status = "exception"
        self.env.invalidate_all()
        # As it is sent: Odoo's queue reads them as superuser, and tells them to the author.
        self.assertTrue(message.sudo().notification_ids)
        message._notify_message_notification_update()

    def test_who_follows_ones_own_contact_is_not_told_by_a_message_on_it(self):
        own = self.env["res.partner"].with_user(self.stranger).create({"name": "Own"})
        own.sudo().message_subscribe(partner_ids=(self.person | self.clerk.partner_id).ids)
        # Also as superuser, as Odoo's route posts.
        for thread in (own, own.sudo()):
            message = thread.message_post(body="Hello", subtype_xmlid="mail.mt_comment")
            self.assertIn(self.person, message.sudo().notified_partner_ids)
            self.env.invalidate_all()
            told = str(Store().add(message).get_result())
            self.assertNotIn("an@example.com", told)
            self.assertIn("Hello", told)
        seen = str(Store().add(self.case.with_user(self.clerk).message_ids).get_result())
        self.assertIn("an@example.com", seen)

    def test_nobody_has_people_whom_they_may_not_read_follow(self):
        own = self.env["res.partner"].with_user(self.stranger).create({"name": "Own"})
        for written in (self.person.id, str(self.person.id), f" {self.person.id}", f"+{self.person.id}"):
            with self.subTest(written=written), self.assertRaises(AccessError):
                own.message_subscribe(partner_ids=[written])
        own.message_subscribe(partner_ids=self.clerk.partner_id.ids)
        self.case.with_user(self.clerk).message_subscribe(partner_ids=self.person.ids)

    def test_of_whom_we_know_nothing_it_is_told_as_ever(self):
        supplier = self.env["res.partner"].create({"name": "A supplier", "company_id": self.company.id})
        own = self.env["res.partner"].create({"name": "Everybody's"})
        own.message_subscribe(partner_ids=supplier.ids)
        rows = self.env["mail.followers"].with_user(self.stranger).search([("partner_id", "=", supplier.id)])
        self.assertEqual(rows.mapped("name"), ["A supplier"])
