from odoo import api, models

from .kho_dl_guarded import all_linked, as_id, check_readable, with_ids


class DiscussChannelMember(models.Model):
    """Who talks with a contact is told its name and mail: those only who may read it."""

    _inherit = "discuss.channel.member"

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create([with_ids(self, vals) for vals in vals_list])
        if not self.env.su:
            # By a default of the caller's, too. sudo: whom these are.
            check_readable(members.sudo().partner_id.with_env(self.env))
        return members


class DiscussChannel(models.Model):
    """Into a channel below another one Odoo puts people as superuser."""

    _inherit = "discuss.channel"

    def add_members(self, partner_ids=None, *args, **options):
        if not self.env.su:
            # sudo: whoever began the channel below has read the message that it is about.
            authors = self.sudo().from_message_id.author_id
            asked = filter(None, map(as_id, all_linked(partner_ids)))
            check_readable(self.env["res.partner"].browse(asked) - authors)
        return super().add_members(partner_ids, *args, **options)
