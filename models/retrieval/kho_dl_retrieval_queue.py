import logging
import time
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common import cron_budget, kho_dl_queue
from ..common.kho_dl_held import office_of
from ..common.office_language import in_office_language
from ..common.transactions import commit_or_retry
from ..common.unforeseen import apart
from ..connection.error_messages import error_kind, waiting_message
from ..connection.kho_dl_database import rests_in_copies
from .retrieval_run import RetrievalRun

_logger = logging.getLogger(__name__)

# What needs more than an action's share of a pass is fetched apart, with so much time (s) at the least.
_IS_SLOW = Domain("error_kind", "=", "out_of_time")
_LEAST_FOR_SLOW = 15
# Those after the first ones of a pass have so much: what needs it most should not be cut off as a late one.
_LEAST_FOR_MORE = 30
# It may have all that a pass has left when nothing else wants it; and, so that it comes some time where something always
# does, in the first so many of so many minutes: longer than from one pass to the next, and most of the time is others'.
_SLOW_MINUTES, _SLOW_EVERY = 2, 10
# So soon after the settings are complete again the files that waited for them go on.
_SETTINGS_PAUSE = timedelta(minutes=1)
# So many are told at once that settings are missing.
_MOST_PUT_OFF = 1000


class KhoDLRetrieval(models.Model):
    """The rows as a queue: which of them a worker may take, in which order, and for how long."""

    _inherit = "kho.dl.retrieval"
    _served_on = "started_on"

    @api.model
    @rests_in_copies
    def _cron_process(self):
        """Finish what requests could not: files still waiting, and files of workers that died."""
        # sudo: the queue is one for all companies.
        queue = in_office_language(self).sudo()
        ends_at, now = cron_budget.ends_at(), time.monotonic()
        engine = self.env["kho.dl.engine"]
        if not engine._is_helping():
            queue._tidy_up(now + (ends_at - now) / 4)
        if not engine._begin("files", queue._count_takeable(Domain.TRUE)):
            return
        nobody_else_waits = cron_budget.pass_ends_at() - ends_at < 1
        is_their_time = fields.Datetime.now().minute % _SLOW_EVERY < _SLOW_MINUTES
        queue._take_turns(~_IS_SLOW, done=queue._process_slow() if is_their_time else 0)
        if nobody_else_waits and not is_their_time and not queue._count_takeable(~_IS_SLOW):
            queue._report(~_IS_SLOW, queue._process_slow(), ends_at)

    @api.model
    def _together(self, companies):
        # Offices of one account would wait for each other's turns, 150 of them for longer than a file is tried.
        return self.env["kho.dl.gateway"]._fetching_alike(companies)

    @api.model
    def _turn(self, companies, domain, until):
        now = time.monotonic()
        turn = until - now
        # The last quarter is for looking at what has come.
        times = {"grace": turn / 2, "leave_at": until}
        domain &= self._of_offices(companies)
        return self._run(companies, domain, now + turn / 4, **times, silence_fails=False)

    @api.model
    def _process_slow(self):
        """Give files that need more than an action's share all that the pass has left; return how many."""
        leave_at, least, done, idle = cron_budget.pass_ends_at(), _LEAST_FOR_SLOW, 0, set()
        while leave_at - (now := time.monotonic()) >= least:
            waiting = self._together(self._companies_waiting(_IS_SLOW).filtered(lambda one: one not in idle))
            if not waiting:
                break
            companies = waiting[0]
            due = self._takeable() & self._of_offices(companies) & _IS_SLOW
            # One of each far system: side by side they would take each other's time.
            firsts = {row.lane: row.id for row in reversed(self._next_rows(due, 100))}
            times = {"grace": leave_at - now - kho_dl_queue.SHORTEST_TURN - 1, "leave_at": leave_at}
            attempts = self._run(companies, Domain("id", "in", list(firsts.values())), now + 1, **times)
            if attempts:
                least, done = _LEAST_FOR_MORE, done + attempts
            else:
                idle.update(companies)
        return done

    @api.model
    def _run(self, companies, domain, give_up_at, **options):
        """Have a `RetrievalRun` work on the rows of `domain`; return how many files were tried."""
        return RetrievalRun(self.env, companies, domain, give_up_at, **options).run_apart()

    @api.model
    def _fetch_now(self, company, vals_list, seconds, remember=None):
        """Commit rows as `_enqueue` does, all the work of `company`, and work on them for `seconds`.

        Returns whether all were attached.

        What has not arrived by then goes on in the background at once. Raises UserError also in a copy of the database.
        """
        run = RetrievalRun(self.env, company, Domain.FALSE, time.monotonic() + seconds, grace=0, is_awaited=True)
        run.read_settings([vals["lane"] for vals in vals_list if vals.get("lane") and not vals.get("is_previewed")])
        with run.alive():
            if run.is_in_copy:
                self.env["kho.dl.database"]._check_confirmed()
            rows = self._enqueue(vals_list, remember, run.make)
            run.add(rows)
            run.run_apart()
        if run.attached.issuperset(rows.ids):
            return True
        if not all(row._is_closed() for row in rows):
            self._wake()
            self.env.cr.commit()  # pylint: disable=invalid-commit
        return False

    @api.model
    def _lane_domain(self, lanes):
        return Domain("lane", "in", lanes)

    @api.model
    def _wake(self, at=None):
        # sudo: clerks and administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_process").sudo()._trigger(at)

    def _close_interrupted(self):
        # `_close_up` says so on their cases.
        self._close_failed(
            "interrupted",
            self.env._("Fetching this file was interrupted too often. Ask the applicant for the paper."),
        )
        self.case_id._send_progress()

    def _running_values(self, worker_key):
        return {**super()._running_values(worker_key), "started_on": fields.Datetime.now()}

    def _work_seconds(self):
        return self._office().kho_dl_total_timeout

    @api.model
    def _wait_for_settings(self, domain, error):
        """Let the rows of `domain` that wait say that settings are missing; only their time limit closes them."""
        rows = self.search(domain & self._takeable(), limit=_MOST_PUT_OFF)
        for own in rows.try_lock_for_update().grouped("user_id").values():
            own.write(
                {
                    "error_kind": error_kind(error),
                    "error": waiting_message(own._in_language_of_user().env, error),
                    "next_try_on": fields.Datetime.now() + _SETTINGS_PAUSE,
                    "state": "pending",
                    "lease_until": False,
                }
            )

    @api.model
    def _next_rows(self, domain, limit):
        """Return the first rows of `domain`: the first of each far system, then the second of each …

        What goes to one far system is each office's first one, then each one's second.
        """
        query = self._search(domain)
        turns = SQL(
            """
            SELECT id
              FROM (SELECT id, row_number() OVER (PARTITION BY lane ORDER BY own_turn, id) AS turn FROM (%s) AS due) AS due
             ORDER BY turn, id LIMIT %s
            """,
            query.select(
                SQL("kho_dl_retrieval.id, kho_dl_retrieval.lane"),
                SQL(
                    "row_number() OVER (PARTITION BY kho_dl_retrieval.lane, %s ORDER BY kho_dl_retrieval.id) AS own_turn",
                    SQL(office_of("kho_dl_retrieval.")),
                ),
            ),
            limit,
        )
        return self.browse(row_id for (row_id,) in self.env.execute_query(turns))

    @api.model
    def _tidy_up(self, until):
        """End what nobody goes on with; however much that is, most of the time is for files that wait."""
        for what, step in (
            ("questions of dead workers were not closed", self.env["kho.dl.query"]._close_abandoned),
            ("agencies that nobody asks were not forgotten", self.env["kho.dl.breaker"]._forget_unasked),
        ):
            apart(self.env, _logger, what, partial(commit_or_retry, self.env, step))
        self._close_up(until)

    def _give_up_on(self):
        return self.requested_on + timedelta(hours=self._office().kho_dl_give_up_hours)
