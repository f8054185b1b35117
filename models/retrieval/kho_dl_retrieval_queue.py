import logging
import time
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common import cron_budget
from ..common.office_language import in_office_language
from ..common.transactions import commit_or_retry
from ..common.unforeseen import apart
from ..connection.clerk_words import error_kind, error_words
from ..connection.kho_dl_database import rests_in_copies
from .retrieval_run import RetrievalRun

_logger = logging.getLogger(__name__)

# No company's turn begins with less time (s): a file needs some to come, and to be looked at.
_SHORTEST_TURN = 6
# However many companies have files waiting, one has so much time (s) if it is there.
_LEAST_TURN = 20
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

    @api.model
    @rests_in_copies
    def _cron_process(self):
        """Finish what requests could not: files still waiting, and files of workers that died."""
        queue = in_office_language(self)
        ends_at, now = cron_budget.ends_at(), time.monotonic()
        for what, step in (
            ("questions of dead workers were not closed", queue.env["kho.dl.query"]._close_abandoned),
            ("agencies that nobody asks were not forgotten", self.env["kho.dl.breaker"]._forget_unasked),
        ):
            apart(self.env, _logger, what, partial(commit_or_retry, self.env, step))
        # However much that is, most of the time is for files that wait.
        queue._close_up(now + (ends_at - now) / 4)
        nobody_else_waits = cron_budget.pass_ends_at() - ends_at < 1
        is_their_time = fields.Datetime.now().minute % _SLOW_EVERY < _SLOW_MINUTES
        done = queue._process_slow() if is_their_time else 0
        companies = queue._companies_waiting(~_IS_SLOW)
        begin_before = ends_at - _SHORTEST_TURN
        while cron_budget.report(self.env, done, queue._count_ordinary(), begin_before) and companies:
            left = ends_at - time.monotonic()
            # An agency that says nothing must not cost the other companies their turn; one alone has all the time.
            turn = min(left, max(_LEAST_TURN, left / len(companies)))
            company = companies.pop(0)
            domain = Domain("company_id", "=", company.id) & ~_IS_SLOW
            # The last quarter is for looking at what has come.
            now = time.monotonic()
            times = {"grace": turn / 2, "leave_at": now + turn}
            done = queue._run(company, domain, now + turn / 4, **times, silence_fails=False)
        if nobody_else_waits and not is_their_time and not queue._count_ordinary():
            cron_budget.report(self.env, queue._process_slow(), 0, begin_before)

    @api.model
    def _process_slow(self):
        """Give files that need more than an action's share all that the pass has left; return how many."""
        leave_at, least, done, idle = cron_budget.pass_ends_at(), _LEAST_FOR_SLOW, 0, set()
        while leave_at - (now := time.monotonic()) >= least:
            companies = [company for company in self._companies_waiting(_IS_SLOW) if company not in idle]
            if not companies:
                break
            due = self._takeable() & Domain("company_id", "=", companies[0].id) & _IS_SLOW
            # One of each far system: side by side they would take each other's time. sudo: one queue for all companies.
            firsts = {row.lane: row.id for row in reversed(self.sudo()._in_turn(due, 100))}
            times = {"grace": leave_at - now - _SHORTEST_TURN - 1, "leave_at": leave_at}
            attempts = self._run(companies[0], Domain("id", "in", list(firsts.values())), now + 1, **times)
            if attempts:
                least, done = _LEAST_FOR_MORE, done + attempts
            else:
                idle.add(companies[0])
        return done

    @api.model
    def _run(self, company, domain, give_up_at, **options):
        """Have a `RetrievalRun` work on the rows of `domain`; return how many files were tried.

        Where it fails as a whole, the other companies have their turns all the same: what it had in hand is taken over.
        """
        run = RetrievalRun(self.env, company, domain, give_up_at, **options)
        apart(self.env, _logger, f"files of company {company.id} were not fetched", run.run)
        return run.attempts

    @api.model
    def _count_ordinary(self):
        # sudo: the queue is one for all companies.
        return self.sudo().search_count(self._takeable() & ~_IS_SLOW)

    @api.model
    def _companies_waiting(self, domain):
        """Return the companies with files of `domain` to fetch, the one served longest ago first: none starves the others."""
        last_served = self.sudo()._read_group(self._takeable() & domain, ["company_id"], ["started_on:max"])
        last_served.sort(key=lambda entry: entry[1] or datetime.min)
        return [company for company, _started_on in last_served]

    @rests_in_copies
    def _process_now(self, seconds):
        """Work on these rows for `seconds`; what has not arrived by then goes on in the background at once."""
        give_up_at = time.monotonic() + seconds
        # sudo: the journal is written by this code only.
        rows = self.sudo()
        if any(rows.mapped("next_try_on")):
            # Somebody is waiting for them: no pause after an earlier failure.
            commit_or_retry(self.env, rows._make_due)
        for company, own in rows.grouped("company_id").items():
            domain = Domain("id", "in", own.ids)
            rows._run(company, domain, give_up_at, grace=0, is_awaited=True)
        if not all(row._is_closed() for row in rows):
            self._wake()
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _lane_domain(self, lanes):
        return Domain("lane", "in", lanes)

    @api.model
    def _wake(self):
        # sudo: clerks and administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_process").sudo()._trigger()

    @api.model
    def _set_running(self, domain, limit, worker_key, with_trials=True):
        """Set up to `limit` rows of `domain` running for this worker; return them, and what `_claim_trials` returned.

        For `commit_or_retry`. Rows that another worker holds are passed over. Rows whose workers died too often are closed;
        `_close_up` says so on their cases. `with_trials`: also one row for each far system whose trial is due. Those whose
        workers died twice already are taken one by one, when nothing else of `domain` is due: only so it is seen which of
        them kills its workers, and none is given up for what another one does, or for a server that ends too soon.
        """
        suspects = self._suspect_domain()
        due = domain & self._takeable()
        rows = self._lock_in_turn(due & ~suspects, limit)
        claims = self._claim_trials(due & ~suspects) if with_trials else {}
        rows = rows.union(*claims) or self._lock_in_turn(due & suspects, 1)
        if with_trials and not rows:
            claims = self._claim_trials(due & Domain("id", "=", self._oldest(due & suspects, 1).id))
            rows = rows.union(*claims)
        hopeless = rows.filtered(lambda row: row._is_worn_out())
        hopeless._close_failed(
            "interrupted",
            self.env._("Fetching this file was interrupted too often. Ask the applicant for the paper."),
        )
        hopeless.case_id._send_progress()
        for row in rows - hopeless:
            seconds = row.company_id.kho_dl_total_timeout
            row.write({**row._running_values(worker_key, seconds), "started_on": fields.Datetime.now()})
        return rows - hopeless, claims

    @api.model
    def _lock_in_turn(self, due, limit):
        """Lock and return up to `limit` rows of the domain `due`, one far system after the other, none that is spared."""
        due &= ~self.env["kho.dl.breaker"]._open()._behind(self)
        # More are looked at than taken: the first ones may be in other workers' hands.
        return self._in_turn(due, limit * 10).try_lock_for_update(limit=limit)

    @api.model
    def _wait_for_settings(self, domain, error):
        """Let the rows of `domain` that wait say that settings are missing; only their time limit closes them."""
        rows = self.search(domain & self._takeable(), limit=_MOST_PUT_OFF)
        for own in rows.try_lock_for_update().grouped("user_id").values():
            own.write(
                {
                    "error_kind": error_kind(error),
                    "error": error_words(own._in_language_of_user().env, error),
                    "next_try_on": fields.Datetime.now() + _SETTINGS_PAUSE,
                    "state": "pending",
                    "lease_until": False,
                }
            )

    @api.model
    def _in_turn(self, domain, limit):
        """Return up to `limit` rows of `domain`: the first of each far system, then the second of each …"""
        query = self._search(domain)
        turns = SQL(
            "SELECT id FROM (%s) AS due ORDER BY turn, id LIMIT %s",
            query.select(
                SQL("kho_dl_retrieval.id"),
                SQL("row_number() OVER (PARTITION BY kho_dl_retrieval.lane ORDER BY kho_dl_retrieval.id) AS turn"),
            ),
            limit,
        )
        return self.browse(row_id for (row_id,) in self.env.execute_query(turns))

    def _give_up_on(self):
        return self.requested_on + timedelta(hours=self.company_id.kho_dl_give_up_hours)
