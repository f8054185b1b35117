from odoo import api, fields, models

from .portal_profiles import PROFILE_WORDS, PROFILES, profile_of
from .res_company import KHO_DL_PEOPLE

_AS_SERVICE = "Empty: as for the service that it belongs to."


class ResCompany(models.Model):
    """Where each kind of call goes that need not go where its service is, and how it is written (wire "Forwarding", §1, §7)."""

    _inherit = "res.company"

    kho_dl_profile = fields.Selection(
        PROFILE_WORDS,
        "Way the portal speaks",
        compute="_compute_kho_dl_profile",
        inverse="_inverse_kho_dl_profile",
        groups=KHO_DL_PEOPLE,
        help="Choosing one sets what stands under “Advanced”.",
    )
    kho_dl_directory_login_dstcode = fields.Char(
        "Destination code of the directory's login", help=_AS_SERVICE, groups=KHO_DL_PEOPLE
    )
    kho_dl_directory_login_providerurl = fields.Char(
        "Provider address of the directory's login", help=_AS_SERVICE, groups=KHO_DL_PEOPLE
    )
    kho_dl_papers_login_dstcode = fields.Char(
        "Destination code of the papers' login", help=_AS_SERVICE, groups=KHO_DL_PEOPLE
    )
    kho_dl_papers_login_providerurl = fields.Char(
        "Provider address of the papers' login", help=_AS_SERVICE, groups=KHO_DL_PEOPLE
    )
    kho_dl_lookup_path = fields.Char("Path of look-ups", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_lookup_dstcode = fields.Char("Destination code of look-ups", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_lookup_providerurl = fields.Char("Provider address of look-ups", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_sync_path = fields.Char("Path of cases", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_sync_dstcode = fields.Char("Destination code of cases", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_sync_providerurl = fields.Char("Provider address of cases", help=_AS_SERVICE, groups=KHO_DL_PEOPLE)
    kho_dl_login_as = fields.Selection(
        [("password", "Account and password"), ("client", "Client's id and secret")],
        "Logins are made with",
        default="password",
        required=True,
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_updating_as = fields.Selection(
        [("string", "As text"), ("boolean", "As a truth value"), ("query", "In the address")],
        "“isUpdating” is sent",
        default="string",
        required=True,
        groups=KHO_DL_PEOPLE,
    )

    kho_dl_tell_states = fields.Boolean(
        "Tell each new state by itself, too",
        groups=KHO_DL_PEOPLE,
        help="DongBoTrangThaiHoSo, for a portal that offers it: seen in the field only. The case and its steps tell the same.",
    )

    @api.depends(*PROFILES["printed"])
    def _compute_kho_dl_profile(self):
        for company in self:
            company.kho_dl_profile = profile_of(company)

    def _inverse_kho_dl_profile(self):
        for company in self.filtered("kho_dl_profile"):
            company.write(PROFILES[company.kho_dl_profile])
