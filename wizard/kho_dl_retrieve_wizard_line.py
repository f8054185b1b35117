from functools import partial

from odoo import api, fields, models

from ..models.common.kho_dl_guarded import as_id
from ..models.common.own_fields import check_only


class KhoDLRetrieveWizardDocument(models.TransientModel):
    """A `kho.dl.lookup.document` in the clerk's form."""

    _name = "kho.dl.retrieve.wizard.document"
    _description = "Required document in the retrieval form"
    _inherit = ["kho.dl.guarded"]
    _inherits = {"kho.dl.lookup.document": "lookup_document_id"}
    _order = "wizard_id.id, id"
    _is_read_whole = True

    wizard_id = fields.Many2one("kho.dl.retrieve.wizard", required=True, index=True, ondelete="cascade")
    lookup_document_id = fields.Many2one(
        "kho.dl.lookup.document", required=True, readonly=True, index=True, ondelete="cascade"
    )

    def write(self, vals):
        check_only(self, vals, {"paper_number"})
        return super().write(vals)

    def action_ask(self):
        """Ask the national store for this document alone, with the number that is typed for it; as `action_search`."""
        self.ensure_one()
        wizard = self.wizard_id
        lookup = wizard.lookup_id
        lookup._look_for_one(self.case_document_id, then=partial(wizard._show, lookup))
        return wizard._action_open()


class KhoDLRetrieveWizardLine(models.TransientModel):
    """A `kho.dl.lookup.candidate` in the clerk's form."""

    _name = "kho.dl.retrieve.wizard.line"
    _description = "Existing paper in the retrieval form"
    _inherit = ["kho.dl.guarded"]
    _inherits = {"kho.dl.lookup.candidate": "candidate_id"}
    _order = "wizard_id.id, document_sequence, case_document_id.id, id"
    _is_read_whole = True

    wizard_id = fields.Many2one("kho.dl.retrieve.wizard", required=True, index=True, ondelete="cascade")
    candidate_id = fields.Many2one(
        "kho.dl.lookup.candidate", required=True, readonly=True, index=True, ondelete="cascade"
    )

    @api.model_create_multi
    def create(self, vals_list):
        forms = self.env["kho.dl.retrieve.wizard"]
        return super().create(
            [
                vals
                if vals.get("candidate_id")
                else {**vals, "lookup_id": forms.browse(as_id(vals.get("wizard_id"))).lookup_id.id}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        check_only(self, vals, {"selected", "server_id", "reason"})
        return super().write(vals)

    def action_look(self):
        """Return what the viewer beside the list shows of this paper, as `kho.dl.lookup.candidate.action_look` does."""
        self.ensure_one()
        self.check_access("read")
        return self.candidate_id.action_look()

    @api.onchange("server_id")
    def _onchange_server_id(self):
        if self.server_id and self.file_count:
            self.selected = True
