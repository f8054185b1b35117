import re
import unicodedata

from odoo import api, fields, models

from ...protocol.case_sync import ORGANISATION, OTHER_ORGANISATION, STATE_AGENCY

# How the names of state agencies begin; one that this takes for an enterprise is set by hand.
_STATE_AGENCY = re.compile(
    r"(ubnd|(ủy|uỷ) ban nhân dân|hđnd|hội đồng nhân dân|bộ|sở|tổng cục|chi cục|cục|công an|thanh tra|kho bạc nhà nước"
    r"|(tòa|toà) án nhân dân|viện kiểm sát nhân dân) ",
)


class ResPartner(models.Model):
    """What kind of organisation an applicant is: the portal tells three apart (wire §7)."""

    _inherit = "res.partner"

    kho_dl_organisation_kind = fields.Selection(
        [(ORGANISATION, "Enterprise"), (STATE_AGENCY, "State agency"), (OTHER_ORGANISATION, "Other organisation")],
        "Kind of organisation",
        default=ORGANISATION,
        help="What the national portal is told of this organisation as an applicant.",
        groups="kho_dl.group_clerk",
    )

    @api.onchange("name", "is_company")
    def _onchange_kho_dl_organisation_kind(self):
        # sudo: whoever types a name may have no right on a field of Kho DL.
        contact = self.sudo()
        # What is saved was looked at by somebody.
        if contact.is_company and not contact._origin and self._kho_dl_kind_of(contact.name) == STATE_AGENCY:
            contact.kho_dl_organisation_kind = STATE_AGENCY

    @api.model
    def _kho_dl_kind_of(self, name):
        """Return what kind of organisation somebody of this `name` seems to be."""
        name = unicodedata.normalize("NFC", " ".join((name or "").split())).lower()
        return STATE_AGENCY if _STATE_AGENCY.match(f"{name} ") else ORGANISATION

    def _kho_dl_correctable_fields(self):
        return super()._kho_dl_correctable_fields() | {"kho_dl_organisation_kind"}
