from odoo import Command, api, fields, models


class KhoDLProcedure(models.Model):
    _name = "kho.dl.procedure"
    _description = "Administrative procedure"
    _order = "code"
    _inherit = ["kho.dl.coded"]
    _check_company_auto = True
    # Those of the companies above serve their branches, too.
    _check_company_domain = models.check_company_domain_parent_of

    code = fields.Char(help="National code of the procedure, e.g. 1.001193")
    sector_id = fields.Many2one("kho.dl.sector", "Field", index="btree_not_null", ondelete="restrict")
    sector_code = fields.Char("Code of the field", related="sector_id.code", related_sudo=False)
    sector_name = fields.Char("Name of the field", related="sector_id.name", related_sudo=False)
    agency_ids = fields.Many2many("kho.dl.agency", string="Carried out by", ondelete="restrict")
    processing_days = fields.Integer(
        "Time it takes (working days)",
        help="Said to people who apply online, and the day on which the result is due. 0: not said.",
    )
    cost_words = fields.Char("What it costs", help="Said to people who apply online, in words. Empty: not said.")
    variant_ids = fields.One2many("kho.dl.procedure.variant", "procedure_id", "Circumstances", copy=True)
    document_ids = fields.One2many("kho.dl.procedure.document", "procedure_id", "Required documents", copy=True)
    result_code_ids = fields.Many2many(
        "kho.dl.result.code",
        string="Results issued",
        ondelete="restrict",
        help="What a person receives at the end of this procedure.",
    )
    document_count = fields.Integer(compute="_compute_document_counts")
    unmapped_count = fields.Integer("Documents without result code", compute="_compute_document_counts")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        # Nobody else's once the company is gone.
        ondelete="cascade",
        help="Empty: offered by every company.",
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)

    # What is due beyond the calendar could be submitted by nobody.
    _days_possible = models.Constraint(
        "CHECK (processing_days BETWEEN 0 AND 3650)", "The time that a procedure takes is from 0 to 3,650 working days."
    )

    _code_company_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This procedure code exists already in this company."
    )

    @api.depends("document_ids.result_code_ids")
    def _compute_document_counts(self):
        for procedure in self:
            documents = procedure.document_ids
            procedure.document_count = len(documents)
            procedure.unmapped_count = len(documents.filtered(lambda document: not document.result_code_ids))

    def copy(self, default=None):
        copies = super().copy(default)
        for procedure, copied in zip(self, copies, strict=True):
            own = dict(zip(procedure.variant_ids, copied.variant_ids, strict=True))
            for document, made in zip(procedure.document_ids, copied.document_ids, strict=True):
                made.variant_ids = [
                    Command.set([own[variant].id for variant in document.variant_ids if variant in own])
                ]
        return copies

    def copy_data(self, default=None):
        said = default or {}
        vals_list = super().copy_data(default)
        for procedure, vals in zip(self, vals_list, strict=True):
            if not said.get("code"):
                vals["code"] = self.env._("%(code)s (copy)", code=procedure.code)
            if "company_id" not in said and not procedure.has_access("write"):
                # What is for all companies is made one's own: who may not change it makes no second one for all.
                vals["company_id"] = self.env.company.id
        return vals_list
