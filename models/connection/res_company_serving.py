import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.networks import parse_networks
from .res_company import KHO_DL_PEOPLE

_PROVIDER_URL = re.compile(r"https?://[^\s/?#\\@]+(/[^\s?#\\]*)?", re.IGNORECASE)


class ResCompany(models.Model):
    """Where others find our own papers, and who of them gets any."""

    _inherit = "res.company"

    kho_dl_own_providerurl = fields.Char(
        "Our provider address",
        help="Where our security server finds this Odoo, e.g. https://dvc.example.gov.vn",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_own_dstcode = fields.Char(
        "Our destination code",
        help="Our own subsystem. Empty: links to our papers name our provider address only, and others add the code.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_serve_addresses = fields.Char(
        "Addresses of our security servers",
        groups="base.group_system",
        help="Our papers are given to calls from these addresses or networks only, parted by commas, "
        "e.g. 10.0.0.1, 10.1.0.0/24. Empty: to nobody.",
    )
    kho_dl_serve_per_minute = fields.Integer("Files given to one caller in a minute", default=600, groups=KHO_DL_PEOPLE)

    def _forget_cached(self, names):  # pylint: disable=missing-return
        super()._forget_cached(names)
        if {"kho_dl_serve_addresses", "kho_dl_serve_per_minute"}.intersection(names):
            self.env.registry.clear_cache()

    @api.constrains("kho_dl_serve_addresses")
    def _check_kho_dl_serve_addresses(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo():
            try:
                parse_networks(company.kho_dl_serve_addresses)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address of a security server. Write them like 10.0.0.1, 10.1.0.0/24.",
                        address=error,
                    )
                ) from error

    @api.constrains("kho_dl_own_providerurl")
    def _check_kho_dl_own_providerurl(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo().filtered("kho_dl_own_providerurl"):
            if not _PROVIDER_URL.fullmatch(company.kho_dl_own_providerurl.strip()):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no provider address. Write it like https://dvc.example.gov.vn.",
                        address=company.kho_dl_own_providerurl,
                    )
                )
