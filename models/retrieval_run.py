import time

from odoo.exceptions import UserError

from ..protocol.errors import KhoDLError, ServerUnknown, SettingsIncomplete
from ..protocol.links import is_composed

# Files are attached several at once, as many as fit: an attachment needs its whole content in memory.
BATCH_BYTES = 16 * 1024 * 1024

# Rows are taken for this many rounds of downloads at once: fewer statements, and enough left for other workers.
ROWS_AHEAD = 4


class RetrievalRun:
    """One worker's pass over the queue of a company: take rows, fetch their files, attach, report.

    Bytes come from the threads of `protocol/`; every record is touched by the thread that runs this
    (rule 5 of the house). Each step commits: a row that is closed stays closed.
    """

    def __init__(self, env, company, domain, give_up_at):
        """`domain` limits the rows; no file is started after `give_up_at` (time.monotonic())."""
        # sudo: the journal is written by this code only, for whoever selected the files.
        self._rows = env["kho.dl.retrieval"].sudo()
        self._env = self._rows.env
        self._company = company
        self._domain = domain
        self._give_up_at = give_up_at
        self._leases = {}
        self._closed = self._rows.browse()

    def run(self):
        """Work until no row is left or the time is over; return the rows that were closed."""
        try:
            with self._env["kho.dl.gateway"]._client(self._company) as client:
                for results in client.download_all(self._requests(client), give_up_at=self._give_up_at):
                    self._settle(results)
        except SettingsIncomplete as error:
            self._close_failed(self._take(limit=1000), error)
        self._give_back()
        self._announce()
        return self._closed

    def _take(self, limit):
        rows = self._rows._take(self._domain, limit)
        self._leases.update({row.id: row.lease_until for row in rows})
        return rows

    def _requests(self, client):
        """Yield a `FileRequest` for each row as it is taken; rows without a usable address are closed."""
        servers = self._env["kho.dl.security.server"]._known_servers()
        limit = client.settings.parallel_downloads * ROWS_AHEAD
        is_last = False
        while not is_last and time.monotonic() < self._give_up_at:
            rows = self._take(limit)
            is_last = len(rows) < limit
            for row in rows:
                try:
                    yield self._request(client, row, servers)
                except KhoDLError as error:
                    self._close_failed(row, error)

    @staticmethod
    def _request(client, row, servers):
        server = servers.protocol_server(row.server_id)
        if server is None and not is_composed(row.link):
            # Never guessed: a clerk has to say which office it is.
            raise ServerUnknown(row.agency_code or "")
        return client.file_request(row.id, row.link, server, row.file_name)

    def _close_failed(self, rows, error):
        rows._fail(error)
        self._closed |= rows
        self._env.cr.commit()

    def _settle(self, results):
        """Attach or close what came back in `results`, a sequence of `FileResult`."""
        downloads = []
        rows = self._rows.browse([result.key for result in results])
        for row, result in zip(rows, results, strict=True):
            # Another worker took the row over while this one was thought dead: the result is theirs to bring.
            is_ours = row.state == "running" and row.lease_until == self._leases.pop(row.id, None)
            if not is_ours:
                if result.download:
                    result.download.close()
            elif result.error:
                self._close_failed(row, result.error)
            else:
                downloads.append((row, result.download))
        for batch in _batches(downloads):
            self._attach(batch)

    def _attach(self, batch):
        """Attach a batch in one go; where a rule of this installation refuses it, file by file."""
        rows = self._rows.union(*[row for row, _download in batch])
        try:
            with self._env.cr.savepoint():
                rows._attach(dict(batch))
        except UserError as error:
            if len(batch) > 1:
                for one in batch:
                    self._attach([one])
                return
            rows._close_failed("refused", str(error))
        for _row, download in batch:
            download.close()
        self._closed |= rows
        self._env.cr.commit()

    def _give_back(self):
        """Let other workers have what was taken and not finished in time."""
        unfinished = self._rows.browse(self._leases).filtered(
            lambda row: row.state == "running" and row.lease_until == self._leases[row.id]
        )
        # Time ran out on them, which is no failure of theirs.
        for row in unfinished:
            row.write({"state": "pending", "lease_until": False, "tries": row.tries - 1})
        self._env.cr.commit()

    def _announce(self):
        """Sum up on each case what arrived and what did not; then tell the applications on top."""
        for case, rows in self._closed.grouped("case_id").items():
            case.with_user(rows[0].user_id).sudo().message_post(body=rows._summary())
        self._env.cr.commit()
        for case, rows in self._closed.filtered("attachment_id").grouped("case_id").items():
            case._documents_attached(rows.case_document_id)
        self._env.cr.commit()


def _batches(downloads):
    """Split [(row, download)] so that a batch holds at most BATCH_BYTES, or one file."""
    batch, size = [], 0
    for row, download in downloads:
        if batch and size + download.size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append((row, download))
        size += download.size
    if batch:
        yield batch
