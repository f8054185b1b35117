import logging
import time
from contextlib import contextmanager
from functools import partial

from psycopg2 import DataError, OperationalError

from odoo import fields
from odoo.exceptions import UserError

from ...protocol.errors import FileNotStored, Unexpected
from ..common.queue_run import QueueRun
from ..common.transactions import commit_or_retry, freed_at_end
from ..common.unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)

# News of progress at most so often: each costs a connection of its own to PostgreSQL.
_NEWS_SECONDS = 0.5


class RowsInHand(QueueRun):
    """The rows of `kho.dl.retrieval` that a worker holds: what becomes of them is committed, and others hear of it.

    Whatever goes wrong with one file, also in the code of another application, closes the row of that file and no other.
    """

    def __init__(self, env, server):
        """`server` is the address of our own security server as `kho.dl.breaker` knows it."""
        # sudo: the journal is written by this code only, for whoever selected the files.
        super().__init__(env["kho.dl.retrieval"].sudo())
        self._server = server
        # Lanes that were found to be spared while files of theirs were in hand.
        self._spared = set()
        # Lanes that answered, of which `kho.dl.breaker` was not told yet.
        self._alive = set()
        self._has_more = False
        self._closed = self._rows.browse()
        self._cases_with_news = self._env["kho.dl.case"]
        self._next_news_at = 0.0
        # Whether other rows than those made herewith are among them.
        self._has_others, self._begun_at = True, time.monotonic()
        # In whose journals something was closed.
        self._owners = self._env["res.company"]
        # The `AccountSlots` of files under way, and the lanes of files that will want some from the beginning.
        self._slots, self._expected = None, ()

    @contextmanager
    def alive(self):
        """As ever; slots of files under way go with the sign of life, also where it could not be had."""
        with freed_at_end(self._env, self._hang_up), super().alive():
            yield

    def _taking(self):
        return partial(self._slots.begin, self._expected) if self._slots and self._expected else super()._taking()

    def _hang_up(self):
        if self._slots:
            self._slots.end()

    def _commit(self, action, rows, *, is_due=None):
        """Run and commit `action()`, which changes `rows`; return what it returned, and let others know of it.

        Where it `is_due`, and otherwise now and then.
        """
        if is_due is None:
            is_due = self._is_followed() and time.monotonic() >= self._next_news_at
        result, cases, is_news = commit_or_retry(self._env, partial(self._act_and_tell, action, rows, is_due))
        alive, self._alive = self._alive, set()
        if is_news:
            self._has_more |= commit_or_retry(self._env, partial(self._breakers._worked, self._server, alive))
        if is_due:
            self._cases_with_news = self._env["kho.dl.case"]
            self._next_news_at = time.monotonic() + _NEWS_SECONDS
        else:
            self._cases_with_news |= cases
        return result

    def _is_followed(self):
        """Whether anybody can have seen that files are on their way, but for who came a moment ago and soon looks again."""
        return self._has_others or time.monotonic() >= self._begun_at + _NEWS_SECONDS

    def _act_and_tell(self, action, rows, is_due):
        # All is read in here: what is read after the commit would leave a transaction open while files are waited for.
        is_news = self._is_news()
        # Before the seals, which have all of a row read anew.
        cases, owners = rows.case_id, rows.company_id
        result = action()
        self._owners |= owners
        if is_due:
            (self._cases_with_news | cases)._send_progress()
        return result, cases, is_news

    def _is_news(self):
        """Return whether any far system of those that answered had failed before; slots go in the same statement."""
        if not self._slots:
            # Nobody was called.
            return False
        besides = self._breakers._is_any_failing(self._server, self._alive) if self._alive else None
        return bool(self._slots.give_back(besides) and self._alive)

    def _fail(self, rows, error, facts=None):
        if isinstance(error, Unexpected):
            log_unforeseen(_logger, f"file {rows.ids} was put aside", error.problem)
        facts = {**(facts or {}), **({"far_id": error.far_id} if error.far_id else {})}
        closed, is_any_due, spared = self._commit(partial(self._record_failure, rows, error, facts), rows)
        self._closed |= closed
        self._spared |= spared
        self._has_more |= is_any_due

    def _record_failure(self, rows, error, facts):
        """Return (those of `rows` that are closed herewith, whether any may be tried again at once, lanes spared since)."""
        # Another worker may have taken one over, or closed it, while this one waited for its turn.
        rows = self._ours(rows)
        rows.write(facts)
        rows._fail(error)
        spared = set()
        if error.blames_own_server:
            spared |= self._breakers._blame(self._server, None, None, error)
        elif error.blames_remote:
            for row in rows.filtered("lane"):
                spared |= self._breakers._blame(self._server, row.lane, row.agency_name or row.agency_code, error)
        now = fields.Datetime.now()
        # Without a next try where another worker has just found that its far system answers again.
        is_any_due = any(row.state == "pending" and (row.next_try_on or now) <= now for row in rows)
        return rows.filtered(lambda row: row._is_closed()), is_any_due, spared

    def _refuse(self, row, error):
        if isinstance(error, OSError | MemoryError | OperationalError):
            self._fail(row, FileNotStored(type(error).__name__))
            return
        if isinstance(error, UserError):
            kind, words = "refused", str(error)
        elif isinstance(error, DataError):
            # The database's own words quote the file.
            kind = "not_kept"
            words = row._in_language_of_user().env._(
                "The file cannot be kept as it is. Ask the applicant for the paper."
            )
        else:
            self._fail(row, Unexpected(error))
            return
        self._closed |= self._commit(partial(self._record_refusal, row, kind, words), row)

    def _record_refusal(self, row, kind, words):
        # It may be closed by now: what follows a commit can fail, too.
        ours = self._ours(row)
        for each in ours:
            each._close_failed(kind, words)
        return ours
