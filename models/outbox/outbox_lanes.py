import logging
from functools import partial

from ...protocol.errors import DatabaseNotConfirmed, SettingsIncomplete
from ...protocol.tokens import account_key
from ..common.transactions import commit_or_retry, lock_of, locked_if_free
from ..common.unforeseen import apart
from .outbox_lane import Lane

_logger = logging.getLogger(__name__)

# Calls at once, over all portals: what hangs at some of them must leave room for the others.
MOST_AT_ONCE = 64


class Lanes:
    """The lanes that a pass has met, and whose they are: companies that share an account share a lane."""

    def __init__(self, rows, tokens, open_clients):
        """`rows` is the outbox as superuser; `tokens` for its threads; `open_clients` (ExitStack) closes the clients."""
        self._rows, self._env = rows, rows.env
        self._tokens, self._open_clients = tokens, open_clients
        self._lanes, self._lane_of, self._clients = {}, {}, {}

    def __iter__(self):
        return iter(self._lanes.values())

    @property
    def resting_companies(self):
        """The companies whose messages cannot be sent for now, whatever is tried."""
        resting = {company_id for company_id, lane in self._lane_of.items() if lane is None or lane.is_resting}
        return self._env["res.company"].browse(resting)

    def client_of(self, company_id):
        """Return the client of a company that has a lane."""
        return self._clients[company_id]

    def meet(self, company_id):
        """Return the lane of a company that has something to tell; None, its messages knowing why, where it has none."""
        if company_id not in self._lane_of:
            company = self._env["res.company"].browse(company_id)
            self._lane_of[company_id] = None
            what = f"messages of company {company_id} cannot be sent"
            apart(self._env, _logger, what, partial(self._open, company))
        return self._lane_of[company_id]

    def _open(self, company):
        try:
            client = self._env["kho.dl.gateway"]._client(company, tokens=self._tokens)
        except (SettingsIncomplete, DatabaseNotConfirmed) as error:
            commit_or_retry(self._env, partial(self._rows._settings_missing, company, error))
            return
        self._add(company.id, self._open_clients.enter_context(client))

    def _add(self, company_id, client):
        key = account_key(client.settings, client.settings.directory)
        # What may be under way at once is the account's, however many workers there are: one of them sends for it.
        lock = locked_if_free(self._env, lock_of(f"kho_dl.outbox {key}"))
        if key not in self._lanes and not self._open_clients.enter_context(lock):
            return
        lane = self._lanes.setdefault(key, Lane(key, client))
        lane.companies.add(company_id)
        self._lane_of[company_id], self._clients[company_id] = lane, client
        lane.width = max(lane.width, client.settings.parallel_messages)
        most = max(1, MOST_AT_ONCE // len(self._lanes))
        for other in self:
            other.width = min(other.width, most)
