import time
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import cron_budget
from .retry import pause
from .transactions import locked_worker_keys

WAITING_STATES = ("pending", "running")
# A row whose worker died this often is not tried again: it may be what kills the workers.
MAX_INTERRUPTIONS = 5
# One whose worker died this often may be it: it is worked on alone, so that what was in the same hands is not blamed.
SUSPECT_INTERRUPTIONS = 2
# A row is nobody's again once its worker must have ended: the longest work on it, and this for waiting its turn.
LEASE_MARGIN = timedelta(minutes=2)
# No company's turn begins with less time (s): an answer needs some to come, and to be looked at.
SHORTEST_TURN = 6
# However many companies wait, one has so much time (s) if it is there.
_LEAST_TURN = 20


class KhoDLQueue(models.AbstractModel):
    """Rows that are work: waiting (`pending`), in a worker's hands (`running`), or closed.

    A row is taken by setting it running under a row lock and committing. Another worker may take it over when the
    first one's sign of life is gone, or when its lease is over. A failure that may pass puts the row back, with its
    reason and the time of the next try.

    A new queue inherits this with `state` and `company_id`, and says: `_turn`, the work of companies that are served together
    (`_together`, by default each alone), made by a `QueueRun`;
    `_lane_domain`, where its rows go; `_close_interrupted`, `_close_faulty`, how one ends that cannot be worked on; `_wake`
    its scheduled action, which calls `_take_turns`. `_next_rows`, `_work_seconds`, `_served_on`, `_worked_by` where they
    differ. Rows of a case that another office may have are `kho.dl.held` first.
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

    # The field that says when a row was worked on.
    _served_on = "write_date"
    # Whose work a row is: the company in the first of these fields that is not empty.
    _worked_by = ("company_id",)

    # -- whose turn it is ----------------------------------------------------------------------------

    @api.model
    def _take_turns(self, domain=Domain.TRUE, done=0):
        """Give companies with rows of `domain` their `_turn`, as long as the scheduled action has time.

        Odoo's scheduler hears after each how many rows were worked on, first of `done`, and how many are left.
        """
        ends_at, waiting = cron_budget.ends_at(), self._together(self._companies_waiting(domain))
        while self._report(domain, done, ends_at) and waiting:
            left = ends_at - time.monotonic()
            # A far system that says nothing must not cost the other companies their turn; one alone has all the time.
            turn = min(left, max(_LEAST_TURN, left / len(waiting)))
            done = self._turn(waiting.pop(0), domain, time.monotonic() + turn)

    @api.model
    def _report(self, domain, done, ends_at):
        return cron_budget.report(self.env, done, self._count_takeable(domain), ends_at - SHORTEST_TURN)

    @api.model
    def _together(self, companies):
        """Return [companies] that one turn serves; who was served longest ago says whose turn is first."""
        return list(companies)

    @api.model
    def _turn(self, companies, domain, until):
        """Work on rows of `companies` in `domain` until `until` (time.monotonic()); commit, and return on how many."""
        raise NotImplementedError

    @api.model
    def _count_takeable(self, domain):
        return self.search_count(self._takeable() & domain)

    @api.model
    def _companies_waiting(self, domain=Domain.TRUE):
        """Return the companies with rows of `domain` to take, the one served longest ago first."""
        due = self._takeable() & domain
        served = {}
        for *offices, last_on in self._read_group(due, [*self._worked_by], [f"{self._served_on}:max"]):
            office = next(filter(None, offices))
            served[office] = max(filter(None, (served.get(office), last_on)), default=None)
        in_turn = sorted(served, key=lambda office: (served[office] or datetime.min, office.id))
        return self.env["res.company"].union(*in_turn)

    @api.model
    def _of_offices(self, companies):
        """Return the domain of the rows that are the work of `companies`."""
        return Domain("company_id", "in", companies.ids)

    @api.model
    def _longest_unserved(self, companies):
        """Return `companies`, first the one of whose rows one was worked on longest ago: none starves the others."""
        own = self._search(Domain.TRUE)
        own.add_where(SQL("%s = company.id", SQL.identifier(self._table, "company_id")))
        in_turn = self.env.execute_query(
            SQL(
                """
                SELECT company.id
                  FROM unnest(%s::integer[]) AS company(id)
                  LEFT JOIN LATERAL (%s) AS served ON TRUE
                 ORDER BY served.last_on NULLS FIRST, company.id
                """,
                companies.ids,
                own.select(SQL("MAX(%s) AS last_on", SQL.identifier(self._table, self._served_on))),
            )
        )
        return companies.browse(company_id for (company_id,) in in_turn)

    def _offices(self):
        """Return the companies whose work these rows are."""
        return self.env["res.company"].union(
            *(next(filter(None, (row[name] for name in self._worked_by))) for row in self)
        )

    # -- which rows may be taken ---------------------------------------------------------------------

    @api.model
    def _free_domain(self):
        """Return the domain of rows that a worker may take: waiting and due, or left running by a dead process."""
        now = fields.Datetime.now()
        alive = [str(key) for key in locked_worker_keys(self.env)]
        is_dead = Domain("worker_key", "not in", alive) | Domain("lease_until", "<", now)
        is_due = Domain("next_try_on", "=", False) | Domain("next_try_on", "<=", now)
        return (Domain("state", "=", "pending") & is_due) | (Domain("state", "=", "running") & is_dead)

    @api.model
    def _suspect_domain(self):
        """Return the domain of rows that, once taken, were in the hands of a worker that died, again and again."""
        left_over = Domain("state", "=", "running") & Domain("interruptions", ">=", SUSPECT_INTERRUPTIONS - 1)
        return Domain("interruptions", ">=", SUSPECT_INTERRUPTIONS) | left_over

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
    def _wake(self, at=None):
        """Let the scheduled action of this queue run at once, or at the moment `at`: each queue says so for itself."""

    @api.model
    def _takeable(self):
        """Return the domain of the rows that a worker may take now, but for those behind an open breaker's trial."""
        opened = self.env["kho.dl.breaker"]._open()
        return self._free_domain() & ~(opened - opened._due())._behind(self)

    @api.model
    def _set_running(self, domain, limit, worker_key, with_trials=True):
        """Set up to `limit` rows of `domain` running for this worker; return them, and what `_claim_trials` returned.

        For `commit_or_retry`. Rows that another worker holds are passed over. Rows whose workers died too often are closed.
        `with_trials`: also one row for each far system whose trial is due. Those whose workers died twice already are taken
        one by one, when nothing else of `domain` is due: only so it is seen which of them kills its workers, and none is
        given up for what another one does, or for a server that ends too soon.
        """
        suspects = self._suspect_domain()
        due = domain & self._takeable()
        rows = self._lock_next(due & ~suspects, limit)
        claims = self._claim_trials(due & ~suspects, worker_key) if with_trials else {}
        rows = rows.union(*claims) or self._lock_next(due & suspects, 1)
        if with_trials and not rows:
            claims = self._claim_trials(due & Domain("id", "=", self._next_rows(due & suspects, 1).id), worker_key)
            rows = rows.union(*claims)
        worn_out = rows.filtered(lambda row: row.state == "running" and row.interruptions + 1 >= MAX_INTERRUPTIONS)
        if worn_out:
            worn_out._close_interrupted()
        for row in rows - worn_out:
            row.write(row._running_values(worker_key))
        return rows - worn_out, claims

    @api.model
    def _lock_next(self, due, limit):
        """Lock and return up to `limit` rows of the domain `due`, in their order, none behind a far system that is spared."""
        due &= ~self.env["kho.dl.breaker"]._open()._behind(self)
        # More are looked at than taken: the first ones may be in other workers' hands.
        return self._next_rows(due, limit * 10).try_lock_for_update(limit=limit)

    @api.model
    def _claim_trials(self, due, worker_key):
        """Lock one row of the domain `due` for each far system whose trial is due and claimed herewith for this worker.

        Return {row: (breaker, until when its trial is claimed)}, for `kho.dl.breaker._unclaim` where it is not made.
        """
        claims, opened = {}, self.env["kho.dl.breaker"]._open()
        for breaker in opened:
            # Of our own server what is spared by itself tells nothing; it is tried all the same where nothing else waits.
            behind, others = due & breaker._behind(self), (opened - breaker)._lanes_alone()
            rows = self._next_rows(behind & ~others._behind(self), 10) or self._next_rows(behind, 10)
            candidates = rows - self.browse().union(*claims)
            # Locked before it is claimed: a trial that nobody makes would hold up all for its lease.
            row = candidates.try_lock_for_update(limit=1)
            if row and breaker._claim(worker_key):
                claims[row] = breaker, breaker.next_trial_on
        return claims

    @api.model
    def _next_rows(self, domain, limit):
        """Return the first rows of `domain`, in the order of this queue."""
        return self.search(domain, order="id", limit=limit)

    def _make_due(self):
        """End the pause of those of these rows that wait for their next try."""
        self.filtered(lambda row: row.state == "pending" and row.next_try_on).write({"next_try_on": False})

    # -- what becomes of a row ---------------------------------------------------------------------

    def _running_values(self, worker_key):
        """Return what makes this row that worker's for as long as the work may take, and a margin."""
        return {
            "state": "running",
            "tries": self.tries + 1,
            "interruptions": self.interruptions + (self.state == "running"),
            "worker_key": str(worker_key),
            "lease_until": fields.Datetime.now() + timedelta(seconds=self._work_seconds()) + LEASE_MARGIN,
        }

    def _work_seconds(self):
        """Return how long (s) the work on this row may take."""
        return cron_budget.PASS_SECONDS

    def _in_hands_of(self, worker_key):
        """Return those of these rows that are still this worker's.

        Another one may have taken a row over while this one was thought dead: its outcome counts then.
        """
        return self.filtered(lambda row: (row.state, row.worker_key) == ("running", str(worker_key)))

    def _close_interrupted(self):
        """Close these rows, whose workers died too often: each queue says so for itself."""
        raise NotImplementedError

    def _close_faulty(self, error):
        """Close these rows, about which `error` arose that nobody foresaw: each queue says so for itself."""
        raise NotImplementedError

    def _give_back(self):
        """Let other workers have these rows, which were taken and not worked on: no failure of theirs."""
        for row in self:
            row.write({"state": "pending", "lease_until": False, "tries": row.tries - 1})

    def _reschedule(self, kind, words, retry_after=0):
        """Let this row wait for its next try, with the reason of the last one, and for `retry_after` seconds at least."""
        self.write(
            {
                "state": "pending",
                "error_kind": kind,
                "error": words,
                "next_try_on": fields.Datetime.now() + max(pause(self.tries), timedelta(seconds=retry_after)),
                "lease_until": False,
            }
        )
