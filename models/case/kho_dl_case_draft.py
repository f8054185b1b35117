from odoo import api, fields, models
from odoo.fields import Domain

from .kho_dl_case import NEW

# A draft that can still be submitted.
OPEN_DRAFT = Domain("is_draft", "=", True) & Domain("state", "=", NEW)


class KhoDLCase(models.Model):
    """An application that its applicant has not submitted yet: nobody else sees it, and it is told and counted nowhere.

    Record rules hide it; code that reads cases as superuser, or in SQL, leaves it out.
    """

    _inherit = "kho.dl.case"

    is_draft = fields.Boolean("Draft of the applicant", readonly=True, copy=False)
    draft_on = fields.Datetime("Last touched by the applicant", readonly=True, copy=False)
    receipt_lines = fields.Json(
        "What was submitted online",
        readonly=True,
        copy=False,
        help="As the receipt says it, in the applicant's language: what comes later changes no receipt.",
    )

    _drafts_idx = models.Index("(id) WHERE is_draft IS TRUE")
    _one_draft = models.UniqueIndex(
        "(owner_id, procedure_id, company_id) WHERE is_draft AND state = '1'",
        "This applicant has begun such an application already.",
    )

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | {"is_draft", "draft_on", "receipt_lines"}


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    is_not_had = fields.Boolean(
        "The applicant does not have it",
        readonly=True,
        copy=False,
        help="Said by the applicant as the application was filed.",
    )
