from contextlib import suppress

from odoo import Command
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AN, KhoDLCase, new_stranger, new_test_user

_NAME, _MAIL, _NUMBER = "Nguyễn Thị Kín", "kin@example.com", "KIN-0001"


@tagged("-at_install", "post_install")
class TestNaming(KhoDLCase):
    """What Odoo tells by name as superuser is told to those who may read it, whatever they link by its mere id."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN, name=_NUMBER)
        self.person = self.case.owner_id.sudo()
        self.person.write({"name": _NAME, "email": _MAIL, "company_id": self.company.id})
        self.message = self.case.message_post(body=_NUMBER, subtype_xmlid="mail.mt_comment")
        groups = "kho_dl.group_clerk,base.group_partner_manager"
        self.stranger = new_stranger(self.env, groups)
        self.colleague = new_test_user(self.env, "colleague", groups=groups, company_id=self.company.id)

    def told(self, user, way, *args):
        """Return in words what `user` is told by `way`, "" where that is refused; nothing of it stays."""
        told = ""
        self.env.invalidate_all()
        with self.cr.savepoint() as savepoint:
            with suppress(AccessError):
                told = str(getattr(self, f"_{way}")(self.env(user=user.id, context={"lang": "en_US"}), *args))
            savepoint.rollback()
        self.env.transaction.clear()
        return told

    def _begin(self, env, model, values, names):
        """By defaults, and as it is filled in."""
        spec = {name: {"fields": {"display_name": {}}} if env[model]._fields[name].relational else {} for name in names}
        defaults = {f"default_{name}": value for name, value in values.items()}
        records = env[model]
        return [
            self.told(env.user, "call", lambda: records.with_context(**defaults).onchange({}, [], spec)),
            self.told(env.user, "call", lambda: records.onchange(dict(values), list(values), spec)),
        ]

    def _call(self, env, call):
        return call()

    def _do(self, env, call, *args):
        return call(env, *args)

    def _make(self, env, model, values, names):
        made = env[model].create(dict(values))
        return made.web_read({name: {"fields": {"display_name": {}}} for name in names})

    def _change(self, env, model, values, change, names):
        made = env[model].create(dict(values))
        made.write(change)
        return made.web_read({name: {"fields": {"display_name": {}}} for name in names})

    def _write_to(self, env, options):
        own = env["res.partner"].create({"name": "Own"})
        message = own.message_post(body="Hello", **options)
        return Store().add(message).get_result()

    def written(self, env, values):
        message = env["mail.message"].create(values)
        env.invalidate_all()
        # sudo: as Odoo reads the recipients of a message that it shows.
        return message.read(["author_id"]), message.sudo().partner_ids.mapped("name")

    def assert_told(self, way, *args, secrets=(_NAME, _MAIL, _NUMBER)):
        told = self.told(self.stranger, way, *args)
        self.assertFalse([secret for secret in secrets if secret in told], (way, args))
        # Who may read it is told as ever: nothing is proven by what nobody is told.
        told = self.told(self.colleague, way, *args)
        self.assertTrue([secret for secret in secrets if secret in told], (way, args, told[:300]))

    def test_a_form_tells_nothing_of_the_record_that_it_is_said_to_be_about(self):
        for record in (self.person, self.case):
            about = {"res_model": record._name, "res_id": record.id}
            model = self.env["ir.model"]._get_id(record._name)
            self.assert_told("begin", "mail.activity", about, ["res_name"])
            self.assert_told("begin", "mail.activity", {"res_model_id": model, "res_id": record.id}, ["res_name"])
            about = {"model": record._name, "res_id": record.id}
            self.assert_told("begin", "mail.message", about, ["record_name"])
            many = {"model": record._name, "res_ids": str(record.ids)}
            self.assert_told("make", "mail.compose.message", many, ["subject"])
        self.assert_told("begin", "ir.attachment", {"res_model": "kho.dl.case", "res_id": self.case.id}, ["res_name"])
        reply = {"parent_id": self.message.id}
        self.assert_told("begin", "mail.compose.message", reply, ["subject"])
        self.assert_told("make", "mail.compose.message", reply, ["subject"])

    def test_who_may_not_read_a_person_names_nobody_as_author_or_recipient(self):
        person = {"author_id": self.person.id, "email_from": "a@example.com"}
        addressee = {"res_partner_id": self.person.id}
        for model in ("mail.message", "mail.compose.message", "mail.notification", "mail.scheduled.message"):
            self.assert_told("begin", model, {"author_id": self.person.id}, ["author_id"])
        self.assert_told("begin", "mail.notification", addressee, ["res_partner_id", "display_name"])
        for model in ("mail.message", "mail.compose.message"):
            self.assert_told("make", model, person, ["author_id"])
            self.assert_told("change", model, {}, person, ["author_id"])
        for written in (f"+{self.person.id}", f" {self.person.id}"):
            self.assert_told("do", self.written, {"author_id": written, "email_from": "a@example.com"})
        self.assert_told("do", self.written, {"partner_ids": [[Command.LINK, f"+{self.person.id}"]]})
        self.assert_told("write_to", {"partner_ids": self.person.ids})
        self.assert_told("write_to", person)

    def test_ones_own_notification_names_nobody(self):
        def noted(env, made, changed):
            message = env["mail.message"].create({"body": "Hello"})
            own = {
                "mail_message_id": message.id,
                "res_partner_id": env.user.partner_id.id,
                "notification_type": "inbox",
            }
            notification = env["mail.notification"].create({**own, **made})
            notification.write(changed)
            return notification.read(["author_id"])

        for values in (({"author_id": self.person.id}, {}), ({}, {"author_id": self.person.id})):
            self.assert_told("do", noted, *values)

    def test_ones_own_activity_is_not_moved_to_what_its_reader_may_not_read(self):
        def moved(env, about):
            own = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "user_id": env.uid}
            activity = env["mail.activity"].create({**own, "res_id": env["res.partner"].create({"name": "Own"}).id})
            activity.write(about)
            return activity.read(["res_name"])

        cases = {"res_model_id": self.env["ir.model"]._get_id(self.case._name), "res_id": self.case.id}
        for about in ({"res_id": self.person.id}, cases):
            self.assert_told("do", moved, about)

    def test_who_may_not_read_a_person_joins_no_contact_with_it(self):
        model, person = "base.partner.merge.automatic.wizard", {"dst_partner_id": self.person.id}
        self.assert_told("begin", model, person, ["dst_partner_id"])
        self.assert_told("make", model, person, ["dst_partner_id"])
        self.assert_told("change", model, {}, person, ["dst_partner_id"])

    def test_who_may_not_read_a_person_begins_no_invitation(self):
        def invited(env, values, context):
            return env["portal.wizard"].with_context(**context).create(values).user_ids.read(["partner_id", "email"])

        def line(env):
            values = {"wizard_id": env["portal.wizard"].create({}).id, "partner_id": self.person.id}
            return env["portal.wizard.user"].create(values).read(["partner_id", "email"])

        self.assert_told("do", invited, {"partner_ids": [Command.set(self.person.ids)]}, {})
        self.assert_told("do", invited, {}, {"active_ids": self.person.ids})
        self.assert_told("do", line)

    def test_what_is_sent_later_is_read_where_its_record_is(self):
        env = self.env(user=self.clerk.id)
        file = env["ir.attachment"].create({"name": _NAME, "raw": _MAIL, "res_model": "mail.compose.message"})
        later = env["mail.scheduled.message"].create(
            {
                "model": self.case._name,
                "res_id": self.case.id,
                "author_id": self.clerk.partner_id.id,
                "body": _NAME,
                "attachment_ids": file.ids,
                "scheduled_date": "2999-01-01",
            }
        )
        self.assertEqual((file.res_model, file.res_id), (later._name, later.id))
        for record, name in ((file, "raw"), (later, "body")):
            self.assert_told("do", lambda env, record=record, name=name: record.with_env(env).read([name]))
        self.assertFalse(later.with_user(self.stranger).has_access("read"))

    def test_a_template_sends_nothing_that_its_caller_may_not_read(self):
        file = self.env["ir.attachment"].create(
            {"name": _NAME, "raw": "%PDF", "res_model": self.case._name, "res_id": self.case.id}
        )

        def sent(env, added):
            model = self.env["ir.model"]._get_id("res.partner")
            own = env["res.partner"].create({"name": "Own"})
            template = env["mail.template"].create({"name": "Own", "model_id": model, "body_html": "Hello"})
            # sudo: nobody reads a mail.
            mail = env["mail.mail"].sudo().browse(template.send_mail(own.id, email_values=added))
            env.invalidate_all()
            people = mail.recipient_ids | mail.partner_ids | mail.author_id
            names = people.mapped("name"), mail.record_name
            return mail.attachment_ids.mapped("name"), names, mail.mail_message_id.id == self.message.id and _NUMBER

        for added in (
            {"attachment_ids": [Command.link(file.id)]},
            {"recipient_ids": [Command.link(self.person.id)]},
            {"author_id": self.person.id},
            {"mail_message_id": self.message.id},
            {"model": self.case._name, "res_id": self.case.id},
            # As pairs, as text, and by other fields.
            [["attachment_ids", [[Command.LINK, file.id]]]],
            {"author_id": f" {self.person.id}"},
            {"model": self.case._name, "res_id": f"+{self.case.id}"},
            {"partner_ids": [Command.link(self.person.id)]},
            {"res_id": self.person.id},
        ):
            self.assert_told("do", sent, added)

    def test_who_works_with_another_application_plans_an_activity_as_ever(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user,base.group_partner_manager")
        env = self.env(user=employee.id)
        own = {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": env["res.partner"].create({"name": "Own"}).id,
        }
        spec = {"res_name": {}, "date_deadline": {}, "summary": {}}
        defaults = {f"default_{name}": value for name, value in own.items()}
        activity = env["mail.activity"].create({**own, "user_id": env.uid})
        for begin in (
            lambda: env["mail.activity"].with_context(**defaults).onchange({}, [], spec),
            lambda: env["mail.activity"].onchange({**own, "summary": "Call"}, ["res_id"], spec),
            lambda: activity.onchange({"summary": "Call"}, ["summary"], spec),
            lambda: activity.write({"res_id": own["res_id"], "summary": "Call"}),
        ):
            self.env.invalidate_all()
            begin()
        # Also for a colleague, who alone reads it then.
        activity.write({"user_id": self.colleague.id, "res_model_id": False, "res_id": False})

    def test_of_whom_we_know_nothing_it_is_told_as_ever(self):
        self.env["kho.dl.id.number"].sudo().search([("partner_id", "=", self.person.id)]).unlink()
        values = {"author_id": self.person.id, "email_from": "a@example.com"}
        self.assertIn(_NAME, self.told(self.stranger, "make", "mail.message", values, ["author_id"]))
