from odoo import api, fields, models


class KhoDLCase(models.Model):
    """How far the documents of a case are: there, to be fetched, on their way, or to be brought."""

    _inherit = "kho.dl.case"

    document_count = fields.Integer(compute="_compute_progress")
    attached_count = fields.Integer("Documents on the case", compute="_compute_progress")
    fetchable_count = fields.Integer("Documents to fetch", compute="_compute_progress")
    unasked_count = fields.Integer("Documents not looked for yet", compute="_compute_progress")
    asking_count = fields.Integer("Documents being asked for", compute="_compute_progress")
    to_bring_count = fields.Integer("Documents that the applicant has to bring", compute="_compute_progress")
    fetching_count = fields.Integer("Documents being fetched", compute="_compute_progress")
    unreachable = fields.Text("Agencies that cannot be reached", compute="_compute_unreachable")
    progress = fields.Char("Documents there", compute="_compute_progress")

    @api.depends("document_ids.status")
    def _compute_progress(self):
        for case in self:
            statuses = case.document_ids.mapped("status")
            case.document_count = len(statuses)
            case.attached_count = statuses.count("attached")
            case.fetchable_count = statuses.count("fetchable")
            case.unasked_count = statuses.count("not_asked")
            case.asking_count = len(case.document_ids.filtered(lambda document: document._is_being_asked()))
            case.to_bring_count = len(case.document_ids.filtered(lambda document: document._is_to_bring()))
            case.fetching_count = statuses.count("fetching")
            case.progress = f"{case.attached_count}/{case.document_count}"

    @api.depends("document_ids.status")
    def _compute_unreachable(self):
        waiting = self.filtered("fetching_count")
        words = self.env["kho.dl.retrieval"]._unreachable_words(waiting)
        for case in self:
            case.unreachable = words.get(case._origin, False)
