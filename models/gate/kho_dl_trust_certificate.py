import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ...inspection.trust import Trust
from ..common.uploads import content_of

_PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"
# A certificate has a few KB; a whole list of them is no certificate.
_LARGEST = 100_000


class KhoDLTrustCertificate(models.Model):
    """A certificate of an issuer whose signatures this agency trusts. None comes with the add-on."""

    _name = "kho.dl.trust.certificate"
    _description = "Trusted certificate"
    _inherit = ["mail.thread", "kho.dl.guarded", "kho.dl.cached"]
    _order = "role desc, name, id"
    _check_company_auto = True

    name = fields.Char("Issuer", compute="_compute_facts", store=True)
    issued_by = fields.Char("Certified by", compute="_compute_facts", store=True)
    valid_from = fields.Datetime(compute="_compute_facts", store=True)
    valid_until = fields.Datetime(compute="_compute_facts", store=True)
    fingerprint = fields.Char(
        "Fingerprint (SHA-256)", compute="_compute_facts", store=True, help="Compare it with what the issuer publishes."
    )
    role = fields.Selection(
        [("root", "Root: trusted"), ("intermediate", "In between: completes a chain")],
        required=True,
        default="root",
        tracking=True,
        help="Trust comes from roots alone. One in between is needed where files leave it out.",
    )
    # In the table: it is small, and read with every file that is checked.
    certificate = fields.Binary(
        "Certificate file", required=True, attachment=False, help="PEM or DER, one certificate."
    )
    active = fields.Boolean(default=True, tracking=True)
    note = fields.Text(help="Where the certificate was taken from, and who compared its fingerprint.")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        # Whom a company trusted that is gone is not whom all others trust.
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )

    _once = models.UniqueIndex(
        "(fingerprint, COALESCE(company_id, 0))", "This certificate stands in the list already, perhaps archived."
    )

    @api.depends("certificate")
    def _compute_facts(self):
        for record in self:
            if not record.certificate:
                # A form that was just opened.
                record.update(dict.fromkeys(("name", "issued_by", "valid_from", "valid_until", "fingerprint"), False))
                continue
            certificate = record._parsed()
            record.name = _common_name(certificate.subject)
            record.issued_by = _common_name(certificate.issuer)
            record.valid_from = certificate.not_valid_before_utc.replace(tzinfo=None)
            record.valid_until = certificate.not_valid_after_utc.replace(tzinfo=None)
            record.fingerprint = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()

    @api.constrains("certificate", "role")
    def _check_certificate(self):
        for record in self:
            certificate = record._parsed()
            if not _may_certify(certificate):
                raise ValidationError(
                    self.env._(
                        "“%s” is the certificate of somebody who signs, not of an issuer. "
                        "Take the certificate of the authority that issued it.",
                        record.name,
                    )
                )
            if record.role == "root" and certificate.subject != certificate.issuer:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” was certified by “%(issuer)s”, so it is no root. Keep it as one in between, "
                        "and add the root.",
                        name=record.name,
                        issuer=record.issued_by,
                    )
                )

    def write(self, vals):
        # Rules look at a record as it was before; this looks at what it becomes.
        if "company_id" in vals and not vals["company_id"] and not self._may_decide_for_all():
            raise AccessError(
                self.env._("Only a system administrator says what all companies trust. Choose a company.")
            )
        return super().write(vals)

    def _may_decide_for_all(self):
        return self.env.su or self.env.user.has_group("base.group_system")

    def _parsed(self):
        """Return the certificate. Raises ValidationError for what is none."""
        content = content_of(self.with_context(bin_size=False).certificate)
        if content.count(_PEM_BEGIN) > 1:
            raise ValidationError(
                self.env._(
                    "This file holds several certificates. Please save each as a file of its own and add them one by one."
                )
            )
        try:
            if not 0 < len(content) <= _LARGEST:
                raise ValueError("size")
            if _PEM_BEGIN in content:
                return x509.load_pem_x509_certificate(content)
            return x509.load_der_x509_certificate(content)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "This file is no certificate. It should be a .pem, .crt, .cer or .der file with one certificate."
                )
            ) from error

    @api.model
    @tools.ormcache("company.id")
    def _trust(self, company):
        """Return the `Trust` that signatures on files of `company` are checked against: its own, and of those above it."""
        # sudo: what a clerk's file is checked against is the administrator's business, whoever the clerk is.
        # The caller's context must not bring back what was archived.
        everything = self.sudo().with_context(active_test=False)
        domain = Domain("active", "=", True) & Domain("company_id", "in", company._kho_dl_serving_ids())
        own = everything.search_fetch(domain, ["role", "certificate"])
        ders = {
            role: tuple(record._parsed().public_bytes(Encoding.DER) for record in records)
            for role, records in own.grouped("role").items()
        }
        return Trust(ders.get("root", ()), ders.get("intermediate", ()))


def _common_name(name):
    parts = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME) or name.get_attributes_for_oid(
        x509.NameOID.ORGANIZATION_NAME
    )
    return parts[0].value if parts else name.rfc4514_string()


def _may_certify(certificate):
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.DuplicateExtension):
        return False
    except x509.ExtensionNotFound:
        # The first version of X.509 knew no extensions: old roots say nothing of it.
        return certificate.version is x509.Version.v1 and certificate.subject == certificate.issuer
