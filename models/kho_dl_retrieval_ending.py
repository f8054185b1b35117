from odoo import fields, models


class KhoDLRetrieval(models.Model):
    """What happens once files have ended, well or not: the case says so, and those who selected them are told."""

    _inherit = "kho.dl.retrieval"

    is_told = fields.Boolean(readonly=True, copy=False, help="Who selected the file knows what became of it.")

    def _sum_up(self, is_awaited=False):
        """Write on each case what became of these closed rows, and tell their users once nothing is on its way.

        `is_awaited`: the users look at the result themselves.
        """
        for case, rows in self.grouped("case_id").items():
            case.with_user(rows[0].user_id).sudo()._message_log(body=rows._summary())
        if is_awaited:
            self._set_told()
        ended = self.case_id.filtered(lambda case: not case.fetching_count)
        # sudo: also the files that a colleague selected.
        untold = self.sudo().search(
            [("case_id", "in", ended.ids), ("closed_on", "!=", False), ("is_told", "=", False)]
        )
        for (case, user), rows in untold.grouped(lambda row: (row.case_id, row.user_id)).items():
            case._send_all_here(user, len(rows), len(rows.filtered(lambda row: row.state == "failed")))
        untold._set_told()

    def _set_told(self):
        self._write_below_the_guard({"is_told": True})
