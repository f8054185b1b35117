from odoo import fields, models


class ResPartner(models.Model):
    """Contacts that are applicants: those a clerk may correct (`rule_applicant_clerk`)."""

    _inherit = "res.partner"

    kho_dl_case_ids = fields.One2many("kho.dl.case", "owner_id", "Cases", groups="kho_dl.group_clerk")
    kho_dl_company_ids = fields.One2many("res.company", "partner_id", "Is the company", groups="kho_dl.group_clerk")
