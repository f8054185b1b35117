from contextlib import suppress
from functools import cached_property

from ...protocol import agencies
from ...protocol.directory import Server
from ...protocol.errors import ServerUnknown


class ServerResolver:
    """The active directory, and who succeeded whom, in the form that `protocol.agencies` looks things up in.

    Besides the hosts that an administrator entered, those count that a server has delivered from.
    """

    def __init__(self, servers):
        self._servers = servers
        # By codes alone; by the hosts that were entered; see also `_by_all_hosts`.
        self._by_code = {Server(server.code, server.name, server.dstcode): server for server in servers}
        self._by_entered_host = self._with_hosts({})
        self._none = servers.browse()
        successions = servers.env["kho.dl.agency.succession"]
        self._successions = successions._new_codes()
        self._former_names = {row.old_code: row.old_name for row in successions._in_force()}

    def _with_hosts(self, delivered):
        """Return {protocol `Server`: record}; `delivered` is {server id: hosts} beside those that were entered."""
        records = {}
        for server in self._servers:
            hosts = (*(server.provider_hosts or "").lower().split(), *delivered.get(server.id, ()))
            records[Server(server.code, server.name, server.dstcode, tuple(dict.fromkeys(hosts)))] = server
        return records

    @cached_property
    def _by_all_hosts(self):
        # Read from all files that ever came: only where the codes do not tell.
        return self._with_hosts(self._servers.env["kho.dl.retrieval"]._hosts_by_server())

    def find(self, agency_code, link):
        """Return the `kho.dl.security.server` that serves `link`; empty when unknown or ambiguous."""
        with suppress(ServerUnknown):
            return self._by_code.get(self._resolve(agency_code, link, self._by_code), self._none)
        with suppress(ServerUnknown):
            return self._by_all_hosts[self._resolve(agency_code, link, self._by_all_hosts)]
        return self._none

    def _resolve(self, agency_code, link, records):
        return agencies.resolve(agency_code, link, records, self._successions)

    def resolve(self, agency_code, link):
        """Return the `protocol` Server that serves `link`, as `agencies.resolve`, by codes and the hosts that were entered.

        No record is looked at: it may be asked where no transaction is open.
        """
        return self._resolve(agency_code, link, self._by_entered_host)

    def name(self, agency_code, server):
        """Return what a clerk reads for an agency whose papers come from `server`: its name, and the one of before."""
        if not server:
            return agency_code
        if agencies.is_within(agency_code, server.code):
            return server.name
        names = self._former_names.items()
        former = next((name for code, name in names if agencies.is_within(agency_code, code)), False)
        if not former:
            return server.name
        return server.env._("%(name)s (formerly %(former)s)", name=server.name, former=former)
