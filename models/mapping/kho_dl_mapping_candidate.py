from odoo import api, fields, models


class KhoDLMappingCandidate(models.Model):
    """A result that could be a required document, with its score from 0 to 100 and the reasons."""

    _name = "kho.dl.mapping.candidate"
    _description = "Candidate of a mapping"
    _order = "document_id, score desc, id"

    document_id = fields.Many2one(
        "kho.dl.procedure.document", required=True, readonly=True, index=True, ondelete="cascade"
    )
    result_code_id = fields.Many2one("kho.dl.result.code", required=True, readonly=True, index=True, ondelete="cascade")
    score = fields.Float(required=True, readonly=True)
    # Pairs of a kind and a text, see `_reason_words`.
    reasons = fields.Json(readonly=True)
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    company_id = fields.Many2one(related="document_id.company_id", store=True, precompute=True, index=True)

    _once = models.Constraint("unique(document_id, result_code_id)", "This candidate stands here already.")

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for candidate in self:
            candidate.reason_text = "; ".join(candidate._reason_words(*reason) for reason in candidate.reasons or [])

    def _is_because(self, kind):
        return any(reason[0] == kind for reason in self.reasons or [])

    def _reason_words(self, kind, text):
        return {
            "same": self.env._("the same name"),
            "similar": self.env._("a similar name"),
            "contains": self.env._("one name contains the other"),
            "abbreviation": self.env._("abbreviation: %s", text),
            "other_number": self.env._("but another number: %s", text),
            "no_number": self.env._("but it lacks the number: %s", text),
            "negation": self.env._("but only one of the two names says: %s", text),
            "more": self.env._("but only one of the two names says: %s", text),
            "other_words": self.env._("but other words: %s", text),
            "form": self.env._("but it seems to be a form that the applicant fills in"),
            "elsewhere": self.env._("%s documents of this name are mapped so", text),
            "clerk": self.env._("clerks proposed it: %s", text),
        }[kind]
