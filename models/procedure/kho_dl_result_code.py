from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class KhoDLResultCode(models.Model):
    _name = "kho.dl.result.code"
    _description = "Result code"
    _order = "code"
    _inherit = ["kho.dl.catalogued", "kho.dl.cached"]

    code = fields.Char(help="National code of the result, e.g. KQ.G15.000007")
    holds_many = fields.Boolean(
        "Several per person",
        help="A person can hold several of this paper, e.g. land certificates. "
        "Its number must then be typed before the national store is asked.",
    )

    _code_uniq = models.Constraint("unique(code)", "This result code exists already.")

    @api.model
    @tools.ormcache("code")
    def _id_of(self, code):
        """Return the id of the result with this national code, whatever is mapped to it by now; None where there is none."""
        # sudo: results are the same for everybody.
        return self.sudo().with_context(active_test=False).search([("code", "=", code)], limit=1).id or None

    @api.model
    def _chosen(self, ids):
        """Return the results that `ids` names, a number or a list of them; what else a program sends is none."""
        numbers = ids if isinstance(ids, list | tuple) else [ids]
        return self.browse(number for number in numbers if type(number) is int).exists()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        # sudo: it is in use whoever may read where.
        documents = self.env["kho.dl.procedure.document"].sudo().with_context(active_test=False)
        count = documents.search_count([("result_code_ids", "in", self.ids)])
        if count:
            raise UserError(
                self.env._(
                    "%s required documents are mapped to what you want to delete. Nothing was deleted. Archive it instead: "
                    "it is not asked for any more, and the mapping stays.",
                    count,
                )
            )
