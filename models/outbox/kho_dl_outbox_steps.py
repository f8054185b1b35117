import dataclasses
import logging

import psycopg2

from odoo import models
from odoo.fields import Domain

from ...protocol.case_sync import MOST_STEPS_AT_ONCE
from ..common.unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)

# Steps that were sent together, and of which one may be to blame: each is tried by itself then.
_REFUSED_TOGETHER = "refused_together"
_APART = (_REFUSED_TOGETHER, "account_refused")


class KhoDLOutbox(models.Model):
    """Steps of one case that wait one behind the other go in one call, up to ten (wire §7).

    The first of them is taken as any message, and takes the others along. What one of them is refused for, or fails with,
    is found out by sending each by itself.
    """

    _inherit = "kho.dl.outbox"

    def _take_along(self, tellings):
        """Return {row: (`Telling`, ids of its rows)} of {row: `Telling`}, with the steps that go along, which are taken, too."""
        behind = self.browse([row.id for row in tellings if row._goes_together()])._steps_behind()
        taken = {}
        for row, telling in tellings.items():
            steps = behind.get(row, self.browse())
            more = steps._prepare_more()
            for step in steps if more else ():
                step.write(step._running_values(row.worker_key))
            taken[row] = dataclasses.replace(telling, more=more), (row.id, *(steps.ids if more else ()))
        return taken

    def _goes_together(self):
        # What may have killed its worker is tried alone.
        return self.kind == "progress" and not self.interruptions and self.error_kind not in _APART

    def _steps_behind(self):
        """Return {row: the waiting steps right behind this one that go in the same call}."""
        if not self:
            return {}
        is_open = Domain("case_id", "in", self.case_id.ids) & Domain("state", "!=", "accepted")
        holds_back_nothing = Domain("kind", "!=", "case") & Domain("state", "=", "rejected")
        rows_of = self.search(is_open & ~holds_back_nothing, order="id").grouped("case_id")
        return {first: first._next_steps(rows_of[first.case_id]) for first in self}

    def _next_steps(self, rows):
        steps = self.browse()
        for row in rows.filtered(lambda row: row.id > self.id)[: MOST_STEPS_AT_ONCE - 1]:
            is_alike = row.state == "pending" and row.is_uncertain == self.is_uncertain
            if not is_alike or not row._goes_together():
                break
            steps |= row
        return steps

    def _prepare_more(self):
        """Return a `ProgressMessage` for each of these steps; none where one cannot be made: it says why when its turn comes."""
        try:
            with self.env.cr.savepoint():
                return tuple(row.case_id._prepare_progress_message(row) for row in self)
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - the one that fails is closed with it when it comes first
            log_unforeseen(_logger, f"steps {self.ids} are sent one by one", error)
            return ()

    def _send_apart(self):
        """Let each of these steps, which the portal did not take together, go by itself; it may have taken some."""
        self._give_back()
        words = self.env._("The portal did not take these steps together, so each is sent by itself.")
        self.write({"is_uncertain": True, "error_kind": _REFUSED_TOGETHER, "error": words})
