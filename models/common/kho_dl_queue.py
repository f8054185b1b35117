from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .retry import pause
from .transactions import keys_alive

WAITING_STATES = ("pending", "running")
# A row whose worker died this often is not tried again: it may be what kills the workers.
MAX_INTERRUPTIONS = 5
# One whose worker died this often may be it: it is worked on alone, so that what was in the same hands is not blamed.
SUSPECT_INTERRUPTIONS = 2
# A row is nobody's again once its worker must have ended: the longest work on it, and this for waiting its turn.
LEASE_MARGIN = timedelta(minutes=2)


class KhoDLQueue(models.AbstractModel):
    """Rows that are work: waiting (`pending`), in a worker's hands (`running`), or closed.

    A row is taken by setting it running under a row lock and committing. Another worker may take it over when the
    first one's sign of life is gone, or when its lease is over. A failure that may pass puts the row back, with its
    reason and the time of the next try.
    """

    _name = "kho.dl.queue"
    _description = "Queue"
    _inherit = ["kho.dl.guarded"]

    tries = fields.Integer(readonly=True)
    next_try_on = fields.Datetime("Next try", readonly=True)
    interruptions = fields.Integer(readonly=True, help="How often the worker of this row ended before its work.")
    lease_until = fields.Datetime(readonly=True)
    # Char: a key has 62 bits, an integer column 32.
    worker_key = fields.Char(readonly=True)
    error = fields.Text("Reason", readonly=True)
    error_kind = fields.Char(readonly=True)

    @api.model
    def _free_domain(self):
        """Return the domain of rows that a worker may take: waiting and due, or left running by a dead process."""
        now = fields.Datetime.now()
        alive = [str(key) for key in keys_alive(self.env)]
        is_dead = Domain("worker_key", "not in", alive) | Domain("lease_until", "<", now)
        is_due = Domain("next_try_on", "=", False) | Domain("next_try_on", "<=", now)
        return (Domain("state", "=", "pending") & is_due) | (Domain("state", "=", "running") & is_dead)

    @api.model
    def _suspect_domain(self):
        """Return the domain of rows that, once taken, were in the hands of a worker that died, again and again."""
        left_over = Domain("state", "=", "running") & Domain("interruptions", ">=", SUSPECT_INTERRUPTIONS - 1)
        return Domain("interruptions", ">=", SUSPECT_INTERRUPTIONS) | left_over

    def _is_worn_out(self):
        """Whether this row, which a dead process left running, has seen its worker die too often."""
        return self.state == "running" and self.interruptions + 1 >= MAX_INTERRUPTIONS

    @api.model
    def _waiting_domain(self):
        """Return the domain of the rows that are not closed yet."""
        return Domain("state", "in", WAITING_STATES)

    # -- far systems that are spared (`kho.dl.breaker`) --------------------------------------------

    @api.model
    def _lane_domain(self, lanes):
        """Return the domain of the rows that go to the far systems `lanes`: each queue says so for itself."""
        return Domain.FALSE

    @api.model
    def _wake(self):
        """Let the scheduled action of this queue run at once: each queue says so for itself."""

    @api.model
    def _takeable(self):
        """Return the domain of the rows that a worker may take now, but for those behind an open breaker's trial."""
        now = fields.Datetime.now()
        return self._free_domain() & ~self.env["kho.dl.breaker"]._open().filtered(
            lambda breaker: breaker.next_trial_on > now
        )._behind(self)

    @api.model
    def _claim_trials(self, due):
        """Lock one row of the domain `due` for each far system whose trial is due and claimed herewith.

        Return {row: (breaker, until when its trial is claimed)}, for `_unclaim` where the trial is not made.
        """
        claims = {}
        for breaker in self.env["kho.dl.breaker"]._open():
            candidates = self._oldest(due & breaker._behind(self), 10) - self.browse().union(*claims)
            # Locked before it is claimed: a trial that nobody makes would hold up all for its lease.
            row = candidates.try_lock_for_update(limit=1)
            if row and breaker._claim():
                claims[row] = breaker, breaker.next_trial_on
        return claims

    @api.model
    def _oldest(self, domain, limit):
        """Return the first rows of `domain`, in the order of this queue."""
        return self.search(domain, order="id", limit=limit)

    def _make_due(self):
        """End the pause of those of these rows that wait for their next try."""
        self.filtered(lambda row: row.state == "pending" and row.next_try_on).write({"next_try_on": False})

    # -- what becomes of a row ---------------------------------------------------------------------

    def _running_values(self, worker_key, seconds):
        """Return what makes this row that worker's for as long as the work may take, `seconds` and a margin."""
        return {
            "state": "running",
            "tries": self.tries + 1,
            "interruptions": self.interruptions + (self.state == "running"),
            "worker_key": str(worker_key),
            "lease_until": fields.Datetime.now() + timedelta(seconds=seconds) + LEASE_MARGIN,
        }

    def _give_back(self):
        """Let other workers have these rows, which were taken and not worked on: no failure of theirs."""
        for row in self:
            row.write({"state": "pending", "lease_until": False, "tries": row.tries - 1})

    def _put_back(self, kind, words):
        """Let this row wait for its next try, with the reason of the last one."""
        self.write(
            {
                "state": "pending",
                "error_kind": kind,
                "error": words,
                "next_try_on": fields.Datetime.now() + pause(self.tries),
                "lease_until": False,
            }
        )
