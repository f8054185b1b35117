from odoo import api, fields, models
from odoo.fields import Domain

from .transactions import keys_alive

# So many files are caught up with in one run.
_MOST_LEFT = 1000


class KhoDLRetrieval(models.Model):
    """What happens once files have ended, well or not: the case says so, people and other applications are told."""

    _inherit = "kho.dl.retrieval"

    is_told = fields.Boolean(readonly=True, copy=False, help="Who selected the file knows what became of it.")
    is_summed_up = fields.Boolean(readonly=True, copy=False, help="The history of the case says what became of it.")
    is_announced = fields.Boolean(readonly=True, copy=False, help="Other applications were told of the file.")

    # What a worker that died at its very end has left; written as Odoo asks for it.
    _not_summed_up_idx = models.Index(
        "(id) WHERE closed_on IS NOT NULL AND (is_summed_up IS NULL OR is_summed_up = FALSE)"
    )
    _not_announced_idx = models.Index("(id) WHERE state = 'done' AND (is_announced IS NULL OR is_announced = FALSE)")

    @api.model
    def _finish_interrupted(self):
        """Do for files whose workers died at their very end what these had left."""
        alive = [str(key) for key in keys_alive(self.env)]
        left = Domain("closed_on", "!=", False) & Domain("worker_key", "not in", alive)
        # sudo: the queue is one for all companies.
        queue = self.sudo()
        queue.search(left & Domain("is_summed_up", "=", False), limit=_MOST_LEFT)._sum_up()
        arrived = Domain("state", "=", "done") & Domain("is_announced", "=", False)
        queue.search(left & arrived, limit=_MOST_LEFT)._announce()

    def _announce(self):
        """Tell other applications which of these closed rows have brought a file."""
        arrived = self.filtered(lambda row: row.attachment_id and not row.is_announced)
        arrived.case_id._documents_attached(arrived.case_document_id)
        self._write_below_the_guard({"is_announced": True})

    def _sum_up(self, is_awaited=False):
        """Write on each case what became of these closed rows, and tell their users once nothing is on its way.

        `is_awaited`: the users look at the result themselves.
        """
        # Another worker may have been here since.
        closed = self.filtered(lambda row: not row.is_summed_up)
        # Each under the name of who selected it.
        for (case, user), rows in closed.grouped(lambda row: (row.case_id, row.user_id)).items():
            case.with_user(user).sudo()._message_log(body=rows._summary())
        closed._write_below_the_guard({"is_summed_up": True, **({"is_told": True} if is_awaited else {})})
        ended = closed.case_id.filtered(lambda case: not case.fetching_count)
        # sudo: also the files that a colleague selected.
        untold = self.sudo().search([("case_id", "in", ended.ids), ("closed_on", "!=", False), ("is_told", "=", False)])
        for (case, user), rows in untold.grouped(lambda row: (row.case_id, row.user_id)).items():
            case._send_all_here(user, len(rows), len(rows.filtered(lambda row: row.state == "failed")))
        untold._write_below_the_guard({"is_told": True})
