from collections import defaultdict
from contextlib import suppress

from odoo import api, models
from odoo.addons.mail.tools.parser import parse_res_ids

from ..common.kho_dl_guarded import OURS, all_linked, as_id, check_links, with_ids

_PEOPLE = "res.partner"
_ABOUT = ("model", "res_model", "res_model_id", "res_id", "res_ids")


def with_number(contacts):
    """Return those of `contacts` that have an id number, in one statement."""
    # sudo: whose numbers are known is told to nobody.
    numbers = contacts.env["kho.dl.id.number"].sudo()
    return numbers.search_fetch([("partner_id", "in", contacts.ids)], ["partner_id"], order="id").partner_id


def check_people(contacts):
    """Refuse those of `contacts` that have an id number and that the user may not read."""
    others = contacts - contacts.env.user.partner_id
    if others and not contacts.env.su:
        # One statement: each note and each follower of any application pays it.
        with_number(others).sudo(False).check_access("read")


class KhoDLNamingForm(models.AbstractModel):
    """A form of Odoo's that tells the name of the record that it is about, and of contacts, which it reads as superuser.

    So whoever begins one must be allowed to read them: records of ours, and people whose id number is known. Of others Odoo
    tells what it tells.
    """

    _name = "kho.dl.naming.form"
    _description = "Form that names what its reader may read"

    # Fields that link contacts, or messages, which are about a record, too.
    _kho_dl_named = ()

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            names = [name for name in (*_ABOUT, *self._kho_dl_named) if name in self._fields and name not in values]
            defaults = {} if self else self.default_get(names)
            self.new({**defaults, **values}, origin=self)._kho_dl_check_named()
        return super().onchange(values, field_names, fields_spec)

    def _kho_dl_check_named(self):
        """Refuse what these records name and the user may not read."""
        if self.env.su:
            return
        named = defaultdict(set)
        for record in self:
            record._kho_dl_collect_about(named)
            for name in self._kho_dl_named:
                # sudo: which record a message is about, to look at the rights on that.
                for linked in record[name]._origin.sudo():
                    is_person = linked._name == _PEOPLE
                    named[_PEOPLE if is_person else linked.model].add(as_id(linked.id if is_person else linked.res_id))
        for model, ids in named.items():
            if model == _PEOPLE:
                check_people(self.env[model].browse(filter(None, ids)))
            elif model in self.env and model.startswith(OURS):
                self.env[model].browse(filter(None, ids)).check_access("read")

    def _kho_dl_collect_about(self, named):
        """Add to `named`, {model name: ids}, the records that this one is about."""
        about = {name: self[name] for name in _ABOUT if name in self._fields}
        ids = [as_id(about.get("res_id")), *(parse_res_ids(about.get("res_ids"), self.env) or ())]
        # sudo: nobody but administrators reads what models are called.
        of_model = about.get("res_model_id", self.env["ir.model"]).sudo().model
        for model in {about.get("model"), about.get("res_model"), of_model}:
            if isinstance(model, str):
                named[model].update(ids)


class KhoDLNaming(models.AbstractModel):
    """The same where it is saved: Odoo asks for no right on what is linked."""

    _name = "kho.dl.naming"
    _inherit = "kho.dl.naming.form"
    _description = "Record that names what its reader may read"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create([with_ids(self, vals) for vals in vals_list])
        # By a default of the caller's, too.
        records._kho_dl_check_named()
        return records

    def write(self, vals):
        result = super().write(with_ids(self, vals))
        if not vals.keys().isdisjoint((*_ABOUT, *self._kho_dl_named)):
            self._kho_dl_check_named()
        return result


class MailThread(models.AbstractModel):
    """Who follows a record is written to: nobody has people whom they may not read follow one."""

    _inherit = "mail.thread"

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        check_people(self.env[_PEOPLE].browse(partner_ids or ()))
        return super()._message_subscribe(partner_ids, subtype_ids, customer_ids)


class MailTemplate(models.Model):
    """Odoo sends what a caller adds to a template as superuser: only what the caller may read goes along."""

    _inherit = "mail.template"

    def send_mail_batch(
        self, res_ids, force_send=False, raise_exception=False, email_values=None, email_layout_xmlid=False
    ):
        # Odoo takes pairs as well, and refuses what is neither.
        with suppress(TypeError, ValueError):
            email_values = dict(email_values or {})
        if email_values and isinstance(email_values, dict) and not self.env.su:
            self._kho_dl_check_added(res_ids, email_values)
        return super().send_mail_batch(res_ids, force_send, raise_exception, email_values, email_layout_xmlid)

    def _kho_dl_check_added(self, res_ids, values):
        added = {name: value for name, value in values.items() if name in ("attachment_ids", "mail_message_id")}
        check_links(self.env["mail.mail"], [added])
        people = map(as_id, (*all_linked(values.get("recipient_ids")), *all_linked(values.get("partner_ids"))))
        named = {"author_id": as_id(values.get("author_id")), "partner_ids": list(filter(None, people))}
        # Of the records that the mails are about by themselves, Odoo asks.
        is_about_others = not values.keys().isdisjoint(("model", "res_id"))
        for number in res_ids if is_about_others else [False]:
            about = {"model": values.get("model", self.model), "res_id": values.get("res_id", number)}
            self.env["mail.message"].new({**named, **about})._kho_dl_check_named()


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["kho.dl.naming", "mail.activity"]


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["kho.dl.naming.form", "ir.attachment"]


class MailNotification(models.Model):
    _name = "mail.notification"
    _inherit = ["kho.dl.naming", "mail.notification"]
    _kho_dl_named = ("author_id", "mail_message_id", "res_partner_id")


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["kho.dl.naming", "mail.message"]
    _kho_dl_named = ("author_id", "partner_ids")


class MailScheduledMessage(models.Model):
    _name = "mail.scheduled.message"
    _inherit = ["kho.dl.naming", "mail.scheduled.message"]
    _kho_dl_named = ("author_id", "partner_ids")


class MailComposeMessage(models.TransientModel):
    _name = "mail.compose.message"
    _inherit = ["kho.dl.naming", "mail.compose.message"]
    _kho_dl_named = ("author_id", "parent_id")


class MergePartnerAutomatic(models.TransientModel):
    _name = "base.partner.merge.automatic.wizard"
    _inherit = ["kho.dl.naming", "base.partner.merge.automatic.wizard"]
    _kho_dl_named = ("dst_partner_id",)


class ResPartnerBank(models.Model):
    _name = "res.partner.bank"
    _inherit = ["kho.dl.naming", "res.partner.bank"]
    _kho_dl_named = ("partner_id",)


class PortalWizard(models.TransientModel):
    _name = "portal.wizard"
    _inherit = ["kho.dl.naming", "portal.wizard"]
    _kho_dl_named = ("partner_ids",)


class PortalWizardUser(models.TransientModel):
    _name = "portal.wizard.user"
    _inherit = ["kho.dl.naming", "portal.wizard.user"]
    _kho_dl_named = ("partner_id",)
