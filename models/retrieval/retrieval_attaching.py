"""What passed the gate comes onto its document, and whoever waits for it is told."""

from functools import partial

from ..common.after_answer import after_answer, is_answer_awaited
from ..common.queue_run import all_or_each, undo
from ..common.transactions import commit_or_retry
from .retrieval_looks import LookedAt, close


class Attaching(LookedAt):
    """Rows in hand whose files are attached in batches, each of them committed."""

    def __init__(self, env, server, leave_at, is_awaited):
        """`is_awaited`: somebody sits before a screen until the last file is there; the rest as for `LookedAt`."""
        super().__init__(env, server, leave_at)
        self._is_awaited = is_awaited
        # The ids of the rows whose files are on their documents.
        self.attached = set()
        # Whether the transaction that closed the last file has concluded the run, and sealed its rows, as well.
        self._is_finished = self._is_sealed = False

    def _attach(self, batch):
        all_or_each(self._env, self._attach_at_once, batch, lambda one, error: self._refuse(one[0], error))
        for _row, arrival in batch:
            close(arrival.download)

    def _attach_at_once(self, batch):
        rows = self._rows.browse([row.id for row, _arrival in batch])
        is_last = self._is_awaited and not self._has_more and self._tasks.keys() <= {*rows.ids, *self._closed.ids}
        if is_last and is_answer_awaited():
            # Whoever waits has the files; what is written of them, the seals, and the news for others follow the answer. The
            # scheduled actions do it where this process dies before, or where they are faster.
            self._note(self._commit(partial(self._attach_and_tell, rows, dict(batch)), rows, is_due=False))
            self._is_finished = self._is_sealed = True
            after_answer(f"a run that attached files {rows.ids} was not concluded", self._conclude_apart)
            return
        if is_last:
            try:
                last = partial(self._attach_last, rows, dict(batch))
                closed, self._is_sealed = self._commit(last, rows, is_due=True)
                self._note(closed)
                self._is_finished = True
                return
            except Exception as error:  # noqa: BLE001 - see `undo`
                # It may have gone wrong at the end, which is no fault of the file: it is attached without that.
                undo(self._env, error)
        self._note(self._commit(partial(self._attach_ours, rows, dict(batch)), rows))

    def _note(self, closed):
        rows, attached = closed
        self._closed |= rows
        self.attached.update(attached.ids)

    def _attach_and_tell(self, rows, arrivals):
        """As `_attach_ours`; whoever waits is told by the answer, whoever concludes the run."""
        closed, attached = self._attach_ours(rows, arrivals)
        (self._closed | closed)._note_answered()
        return closed, attached

    def _conclude_apart(self):
        with self._env.registry.cursor() as cr:
            env, closed = self._env(cr=cr), self._closed.with_env(self._closed.env(cr=cr))
            cases = self._cases_with_news.with_env(env)

            def conclude_and_tell():
                self._conclude(closed)
                cases._send_progress()

            commit_or_retry(env, conclude_and_tell)
            # Others may seal for some seconds.
            closed._seal_now(self._owners.with_env(env))

    def _attach_last(self, rows, arrivals):
        """Conclude the run as well; return (what `_attach_ours` does, whether the journal is sealed)."""
        closed, attached = self._attach_ours(rows, arrivals)
        self._conclude(self._closed | closed)
        # What is wrong with a file shows here, and not as a fault of the seals.
        self._env.flush_all()
        owners = self._owners | rows.company_id
        return (closed, attached), len(owners) == 1 and self._rows._seal_along(owners)

    def _attach_ours(self, rows, arrivals):
        """Return (rows that are closed herewith, those of them that are attached)."""
        rows = self._ours(rows)
        wanted = rows - rows._no_longer_wanted()
        wanted._attach({row: arrivals[row] for row in wanted})
        return rows, wanted

    def _conclude(self, closed):
        if not self._is_heard:
            closed._announce()
        closed._sum_up(self._is_awaited)

    @property
    def _is_heard(self):
        """Whether other applications are told of files, which must be committed by then."""
        return bool(self._env["kho.dl.case"]._mixed_in())
