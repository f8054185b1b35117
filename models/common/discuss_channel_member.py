from odoo import api, models

from .kho_dl_guarded import check_links


class DiscussChannelMember(models.Model):
    """Who talks with a contact is told its name and mail: those only who may read it."""

    _inherit = "discuss.channel.member"

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, [{"partner_id": vals.get("partner_id")} for vals in vals_list])
        return super().create(vals_list)
