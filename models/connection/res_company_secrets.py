import base64

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...sealing.faults import KeyUnusable, PasswordWrong
from ..common.uploads import content_of
from .outside_secrets import Outside, find_outside, office_of_name, outside_name

# {field: (group of settings that it belongs to, what it is called outside)}
SECRETS = {
    "kho_dl_password": ("connection", "PASSWORD"),
    "kho_dl_papers_password": ("connection", "PAPERS_PASSWORD"),
    "kho_dl_seal_pkcs12": ("seal", "SEAL_PKCS12"),
    "kho_dl_seal_password": ("seal", "SEAL_PASSWORD"),
    "kho_dl_health_token": (None, "HEALTH_TOKEN"),
}


def _is_own_name(code, part):
    """Tell whether the name of the secret `part` of an office is not that of another secret, as of the code “H46.PAPERS”."""
    name = f"_{office_of_name(code)}_{part}"
    others = [other for _group, other in SECRETS.values() if other != part and other.endswith(part)]
    return bool(office_of_name(code)) and not any(name.endswith(f"_{other}") for other in others)


class ResCompany(models.Model):
    """Secrets that come from outside the database are neither written into it nor read from it."""

    _inherit = "res.company"

    # Kept as long as this transaction goes on, so that all offices of a pass are looked at once.
    kho_dl_namesake_ids = fields.Many2many(
        "res.company",
        string="Offices whose secrets have the same names",
        compute="_compute_kho_dl_namesake_ids",
        groups=fields.NO_ACCESS,
    )

    @api.depends("kho_dl_unit_code")
    def _compute_kho_dl_namesake_ids(self):
        # sudo: of whomever they are. One that is archived disturbs nobody.
        coded = self.sudo().with_context(active_test=True).search([("kho_dl_unit_code", "!=", False)])
        named = coded.grouped(lambda one: office_of_name(one.kho_dl_unit_code))
        for company in self:
            company.kho_dl_namesake_ids = (
                named.get(office_of_name(company.kho_dl_unit_code or ""), company.browse()) - company
            )

    def _forget_cached(self, names):  # pylint: disable=missing-return
        super()._forget_cached(names)
        if {"kho_dl_unit_code", "active"}.intersection(names):
            # Also those of others.
            self.invalidate_model(["kho_dl_namesake_ids"])

    def _kho_dl_secret(self, name, otherwise=False):
        """Return the secret that the field `name` is for, from outside where it is there: text, a file as base64; or False.

        `otherwise` where none is entered. One from outside that cannot be read has no other in its place: portals lock accounts.
        """
        # sudo: who may work with an account need not be able to read it. Files must not come as their size.
        company = self.sudo().with_context(bin_size=False)
        outside = company._kho_dl_outside(name)
        if outside is None:
            return company[name] or otherwise
        if name == "kho_dl_seal_pkcs12":
            is_file = outside.name.endswith("_FILE")
            return (base64.b64encode(outside.content) if is_file else outside.content) or False
        # What editors put at the beginning or the end of a file is no part of a password.
        return outside.content.decode("utf-8-sig", "replace").rstrip("\r\n") or False

    def _kho_dl_outside(self, name):
        """Return where the secret of the field `name` comes from outside the database (`Outside`), or None.

        It is that of the company whose settings count, by its unit code. One that names no office is that of the only
        company without one above it: of two, it would tell the portal the password of another.
        """
        group, part = SECRETS[name]
        # sudo: as above.
        source = (self._kho_dl_source(group) if group else self).sudo()
        code = source.kho_dl_unit_code or ""
        if _is_own_name(code, part) and (outside := find_outside(outside_name(part, code), self.env)):
            alike = source._kho_dl_called_alike(group)
            # What a branch has of its own is not the secret of the office above, whose code it sends.
            if alike & source.parent_ids:
                return None
            return Outside(outside.name, is_shared=True) if alike else outside
        if source.parent_id or not (outside := find_outside(outside_name(part), self.env)):
            return None
        companies = source.with_context(active_test=False)
        return outside if companies.search_count([("parent_id", "=", False)], limit=2) == 1 else None

    def _kho_dl_called_alike(self, group):
        """Return the other companies with settings of `group` of their own whose secrets have the names of this one's.

        Those below it are none: who names an office names the upper one.
        """
        return self.kho_dl_namesake_ids.filtered(
            lambda one: (
                (not group or one._kho_dl_source(group) == one) and not one.parent_path.startswith(self.parent_path)
            )
        )

    @api.constrains("kho_dl_seal_pkcs12", "kho_dl_seal_password")
    def _check_kho_dl_seal(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        # A key takes long to open, on purpose: the one that many branches have is opened once.
        for alike in self.sudo().filtered("kho_dl_seal_pkcs12")._kho_dl_by_seal():
            try:
                self.env["kho.dl.gateway"]._seal_key(alike[0])
            except PasswordWrong as error:
                raise ValidationError(
                    self.env._("This password does not open the key file of the seal. Nothing was changed.")
                ) from error
            except KeyUnusable as error:
                raise ValidationError(
                    self.env._(
                        "This is no key file with a certificate and its key (.p12 or .pfx). Nothing was changed."
                    )
                ) from error

    def _kho_dl_by_seal(self):
        """Return the companies parted by their key file and its password."""
        return self.grouped(
            lambda one: (
                content_of(one._kho_dl_secret("kho_dl_seal_pkcs12")),
                one._kho_dl_secret("kho_dl_seal_password"),
            )
        ).values()
