"""What passed the gate comes onto its document, and whoever waits for it is told."""

from functools import partial

from ..common.queue_run import all_or_each, undo
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
        if is_last:
            try:
                last = partial(self._attach_last, rows, dict(batch))
                closed, self._is_sealed = self._commit(last, rows, is_due=self._is_followed())
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
