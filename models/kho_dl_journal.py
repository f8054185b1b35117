from odoo import api, models
from odoo.exceptions import UserError


class KhoDLJournal(models.AbstractModel):
    """A journal: rows that nobody changes once they are closed, and nobody ever deletes (rule 9 of the house)."""

    _name = "kho.dl.journal"
    _description = "Journal"

    def _is_closed(self):
        """Whether this row has its outcome, and so must stay as it is."""
        self.ensure_one()
        return False

    def write(self, vals):
        if any(row._is_closed() for row in self):
            raise UserError(self.env._("A closed row of the journal cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Rows of the journal cannot be deleted."))
