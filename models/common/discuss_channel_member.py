from odoo import api, models

from .kho_dl_guarded import check_readable


class DiscussChannelMember(models.Model):
    """Who talks with a contact is told its name and mail: those only who may read it."""

    _inherit = "discuss.channel.member"

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        # By a default of the caller's, too. sudo: whom these are.
        _check_told(self, members.sudo().partner_id)
        return members


class DiscussChannel(models.Model):
    """Into a channel below another one Odoo puts people as superuser."""

    _inherit = "discuss.channel"

    def add_members(self, partner_ids=None, *args, **options):
        # sudo: whoever began the channel below has read the message that it is about.
        authors = self.sudo().from_message_id.author_id
        _check_told(self, self.env["res.partner"].browse(partner_ids or []).exists() - authors)
        return super().add_members(partner_ids, *args, **options)


def _check_told(asking, contacts):
    """Refuse contacts that the user may not read, beside the own one. Raises AccessError."""
    if not asking.env.su:
        check_readable(contacts.with_env(asking.env) - asking.env.user.partner_id)
