from odoo import api, fields, models

from ...protocol import channels


class KhoDLCase(models.Model):
    """Whether a case came by an account that VNeID vouches for (TaiKhoanDuocXacThucVoiVNeID, wire §7)."""

    _inherit = "kho.dl.case"

    is_account_verified = fields.Boolean(
        "Submitted by an account verified by VNeID",
        copy=False,
        readonly=True,
        help="Whoever submitted it online signs in by VNeID, which verified their id number.",
    )

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | {"is_account_verified"}

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.filtered(lambda case: case.channel in channels.BY_CITIZEN and not case.is_draft)._note_account_verified()
        return cases

    def _note_account_verified(self):
        """Keep of these cases whether they came by an account that VNeID vouches for; call it as they are submitted online.

        The account is the user's own, where that is a citizen, who may act for somebody else; otherwise that of the applicant.
        """
        # sudo: how people sign in is not for everybody to read.
        cases, user = self.sudo(), self.env.user
        accounts = user.partner_id if user._is_portal() else cases.owner_id
        vouched = accounts._kho_dl_vouched(cases.company_id)
        for case in cases:
            account = user.partner_id if user._is_portal() else case.owner_id
            is_verified = case.channel in channels.BY_CITIZEN and (account, case.company_id.root_id) in vouched
            if case.is_account_verified != is_verified:
                case.is_account_verified = is_verified
