from odoo import api, fields, models
from odoo.fields import Domain

from ..common.kho_dl_queue import WAITING_STATES


class KhoDLCase(models.Model):
    """How far the fetching of a case's files is, for whoever looks at it (Odoo's bus carries the news)."""

    _name = "kho.dl.case"
    _inherit = ["kho.dl.case", "bus.listener.mixin"]

    fetch_total = fields.Integer("Files selected", compute="_compute_fetch_progress")
    fetch_done = fields.Integer("Of these finished", compute="_compute_fetch_progress")
    fetch_failed = fields.Integer("Of these not attached", compute="_compute_fetch_progress")

    @api.depends("document_ids.status")
    def _compute_fetch_progress(self):
        # sudo: how many files are on their way is a fact about the case.
        retrievals = self.env["kho.dl.retrieval"].sudo()
        oldest = dict(
            retrievals._read_group(
                Domain("case_id", "in", self.ids) & retrievals._waiting_domain(), ["case_id"], ["requested_on:min"]
            )
        )
        # What was selected together with the oldest file that waits, or since.
        batch = Domain.OR(
            Domain("case_id", "=", case.id) & Domain("requested_on", ">=", since) for case, since in oldest.items()
        )
        counts = {}
        for case, state, count in retrievals._read_group(batch, ["case_id", "state"], ["__count"]):
            total, done, failed = counts.get(case.id, (0, 0, 0))
            is_closed, is_failed = state not in WAITING_STATES, state == "failed"
            counts[case.id] = (total + count, done + count * is_closed, failed + count * is_failed)
        for case in self:
            case.fetch_total, case.fetch_done, case.fetch_failed = counts.get(case._origin.id, (0, 0, 0))

    def _send_progress(self):
        """Tell those who look at these cases that something changed; sent when the transaction is committed."""
        for case in self:
            case._bus_send("kho_dl.progress", {"case_id": case.id})

    def _send_all_here(self, user, ended, failed):
        """Tell `user`, wherever in Odoo they are, that their files have `ended`, and how many of them `failed`."""
        env = self.with_context(lang=user.lang).env
        if failed:
            words = env._(
                "Fetching has ended: %(arrived)s of %(ended)s files are on the case, %(failed)s could not be attached. "
                "The case tells why.",
                arrived=ended - failed,
                ended=ended,
                failed=failed,
            )
        else:
            words = env._("All files that were on their way are on the case: %s.", ended)
        user._bus_send(
            "simple_notification", {"type": "warning" if failed else "success", "title": self.name, "message": words}
        )
