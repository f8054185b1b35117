from odoo import api, fields, models
from odoo.exceptions import UserError

from ..case.kho_dl_case import FINISHED_STATES
from ..common.chatter import bullet_list


class KhoDLCase(models.Model):
    """The results of a case: drafts while they are made, papers of our own store once the case is processed."""

    _inherit = "kho.dl.case"

    paper_ids = fields.One2many("kho.dl.paper", "case_id", "Results")
    result_code_ids = fields.Many2many(
        related="procedure_id.result_code_ids", related_sudo=False, string="Results of the procedure"
    )
    default_result_code_id = fields.Many2one("kho.dl.result.code", compute="_compute_default_result_code_id")
    paper_count = fields.Integer("Results in the store", compute="_compute_paper_count")
    awaits_result = fields.Boolean(compute="_compute_paper_count")

    @api.depends("paper_ids.is_in_store", "state", "procedure_id.result_code_ids")
    def _compute_paper_count(self):
        for case in self:
            case.paper_count = len(case.paper_ids.filtered("is_in_store"))
            is_expected = case.state in FINISHED_STATES and bool(case.result_code_ids)
            case.awaits_result = is_expected and not case.paper_count

    @api.depends("paper_ids.result_code_id", "procedure_id.result_code_ids")
    def _compute_default_result_code_id(self):
        for case in self:
            case.default_result_code_id = (case.result_code_ids - case.paper_ids.result_code_id)[:1]

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.filtered(lambda case: case.state in FINISHED_STATES).paper_ids._publish_ready()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in FINISHED_STATES:
            self.paper_ids._publish_ready()
        return result

    def unlink(self):
        # Through their own rules, which a constraint of the database would put less kindly.
        self.paper_ids.unlink()
        return super().unlink()

    def action_digitise(self):
        """Open the form that makes a result of this case of a scan, or of a file signed elsewhere."""
        self.ensure_one()
        self.check_access("read")
        if self.held_by_id:
            raise UserError(
                self.env._("Results are made by the office whose case this is, after the case was handed over.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Digitise a result"),
            "res_model": "kho.dl.digitise",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def _note_results(self, papers):
        """Note on each case which results entered the store."""
        for case in self:
            own = papers.filtered(lambda paper, case=case: paper.case_id == case)
            case._message_log(body=bullet_list(self.env._("In our own store from now on:"), own.mapped("display_name")))

    def _tell_applicants(self, papers):
        """Write to the applicant once a case that some of `papers` are of; return those of which somebody was told."""
        template = self.env["kho.dl.database"]._mail_template("kho_dl.mail_template_results")
        told = papers.case_id.filtered(lambda case: case.company_id.kho_dl_tell_applicant and case.owner_id.email)
        if not (template and told):
            return papers.browse()
        template.with_context(kho_dl_paper_ids=papers.ids).send_mail_batch(told.ids)
        return papers.filtered(lambda paper: paper.case_id in told)
