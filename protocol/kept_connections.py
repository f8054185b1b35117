"""Connections to security servers that stay open from one client to the next, of one process: see `transport`."""

from __future__ import annotations

import os
import threading
from functools import partial

from .connections import KeptAdapter
from .transport import ForwardSession, open_session

# So many addresses at once; what nobody uses any more of more than these is closed.
_MOST_ADDRESSES = 16


class KeptConnections:
    """Opens sessions that share the idle connections of one process to one address; may be used from any thread.

    What belongs to a session alone, as its recorder, is not shared, and no cookie is ever kept. Who changes the address has
    other connections. Those that the far side closed meanwhile are not used, see `transport`.
    """

    def __init__(self, most_addresses: int = _MOST_ADDRESSES) -> None:
        self._most_addresses = most_addresses
        self._begin()
        # A socket that two processes write to is nobody's.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._adapters: dict[str, KeptAdapter] = {}
        self._users: dict[str, int] = {}

    def session(self, address: str) -> ForwardSession:
        """Return a session for the server at `address`; closing it leaves the connections to the next one."""
        with self._lock:
            # Anew at the end: those that nobody asked for longest ago come first.
            adapter = self._adapters.pop(address, None) or KeptAdapter()
            self._adapters[address] = adapter
            self._users[address] = self._users.get(address, 0) + 1
            self._forget_unused()
        return open_session(adapter=adapter, on_close=partial(self._give_back, address, adapter))

    def close(self) -> None:
        """Close all connections that nobody uses."""
        with self._lock:
            for address in [address for address in self._adapters if not self._users.get(address)]:
                self._adapters.pop(address).close_all()

    def _give_back(self, address: str, adapter: KeptAdapter) -> None:
        with self._lock:
            # Not that of another process, before a fork.
            if self._adapters.get(address) is adapter:
                self._users[address] -= 1

    def _forget_unused(self) -> None:
        unused = [address for address in self._adapters if not self._users.get(address)]
        for address in unused[: max(0, len(self._adapters) - self._most_addresses)]:
            self._adapters.pop(address).close_all()
            self._users.pop(address, None)
