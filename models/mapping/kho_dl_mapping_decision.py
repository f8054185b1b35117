from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_MOST_AT_ONCE = 10_000


class KhoDLMappingDecision(models.Model):
    """What an administrator decided about a required document, so that it can be undone and asked about later."""

    _name = "kho.dl.mapping.decision"
    _description = "Decision of a mapping"
    _order = "id desc"
    _rec_name = "document_id"

    document_id = fields.Many2one(
        "kho.dl.procedure.document", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("accept", "Mapped"), ("not_reusable", "Not reusable"), ("skip", "Skipped")], required=True, readonly=True
    )
    result_code_ids = fields.Many2many("kho.dl.result.code", string="Results", readonly=True, ondelete="restrict")
    score = fields.Float(readonly=True)
    # All decisions of one press have the number of the first.
    batch = fields.Integer(readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Decided by", required=True, readonly=True, default=lambda self: self.env.user
    )
    undone_on = fields.Datetime(readonly=True)
    company_id = fields.Many2one(related="document_id.company_id", store=True, precompute=True, index=True)

    @api.model
    def _decide(self, choices, kind):
        """Decide about documents, {document: (result codes, score)}; those decided meanwhile are left as they are."""
        choices = {document: choice for document, choice in choices.items() if document.mapping_state == "open"}
        documents = self.env["kho.dl.procedure.document"].union(*choices)
        documents.check_access("write")
        if kind == "skip":
            # sudo: a field of this code only.
            documents.sudo().write({"is_mapping_skipped": True})
        elif kind == "not_reusable":
            documents.write({"is_reusable": False})
        else:
            by_codes = {}
            for document, (codes, _score) in choices.items():
                by_codes[codes] = by_codes.get(codes, documents.browse()) | document
            for codes, same in by_codes.items():
                same.write({"result_code_ids": [Command.set(codes.ids)]})
        # sudo: decisions are recorded by this code only.
        decisions = self.sudo().create(
            [
                {
                    "document_id": document.id,
                    "kind": kind,
                    "result_code_ids": [Command.set(codes.ids)],
                    "score": score,
                    "user_id": self.env.uid,
                }
                for document, (codes, score) in choices.items()
            ]
        )
        decisions.write({"batch": decisions[:1].id})
        return decisions

    @api.model
    def _undo_last(self):
        """Take back what the current user decided last, as far as nobody has changed it since; return the documents.

        Decisions about documents that are no longer there for the user are passed over.
        """
        own = Domain("user_id", "=", self.env.uid) & Domain("undone_on", "=", False) & self._there_domain()
        # sudo: as in `_decide`.
        last = self.sudo().search(own, limit=1)
        batch = self.sudo().search(own & Domain("batch", "=", last.batch), limit=_MOST_AT_ONCE)
        if not batch:
            raise UserError(self.env._("There is nothing to undo: you have decided nothing yet."))
        untouched = (batch - batch._decided_again()).filtered(
            # What was said to be accepted in place of the document rests on its mapping.
            lambda decision: decision._still_stands() and not decision.document_id.substitute_code_ids
        )
        untouched.filtered(lambda decision: decision.kind == "accept").document_id.write(
            {"result_code_ids": [Command.clear()]}
        )
        untouched.filtered(lambda decision: decision.kind == "not_reusable").document_id.write({"is_reusable": True})
        untouched.filtered(lambda decision: decision.kind == "skip").document_id.write({"is_mapping_skipped": False})
        batch.write({"undone_on": fields.Datetime.now()})
        return untouched.document_id

    @api.model
    def _there_domain(self):
        """Return the domain of decisions about documents that the current user may change, and sees at the desk."""
        documents = self.env["kho.dl.procedure.document"]
        documents.check_access("write")
        there = documents._mine_domain() & Domain("active", "=", True) & documents._procedure_domain()
        return Domain("document_id", "any", there)

    def _decided_again(self):
        """Return those of these decisions whose document somebody decided about again since."""
        since = Domain("id", ">", max(self.ids)) & Domain("undone_on", "=", False)
        documents = self._read_group(since & Domain("document_id", "in", self.document_id.ids), ["document_id"])
        decided = {document.id for [document] in documents}
        return self.filtered(lambda decision: decision.document_id.id in decided)

    def _still_stands(self):
        document = self.document_id
        if self.kind == "accept":
            return document.result_code_ids == self.result_code_ids
        return document.is_mapping_skipped if self.kind == "skip" else document.mapping_state == "not_reusable"
