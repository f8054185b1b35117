from ...protocol import agencies
from ...protocol.directory import Server
from ...protocol.errors import ServerUnknown


class ServerResolver:
    """The active directory in the form that `protocol.agencies` looks things up in.

    Besides the hosts that an administrator entered, those count that a server has delivered from.
    """

    def __init__(self, servers):
        delivered = servers.env["kho.dl.retrieval"]._hosts_by_server()
        self._records = {}
        for server in servers:
            hosts = (*(server.provider_hosts or "").lower().split(), *delivered.get(server.id, ()))
            self._records[Server(server.code, server.name, server.dstcode, tuple(dict.fromkeys(hosts)))] = server
        self._none = servers.browse()

    def find(self, agency_code, link):
        """Return the `kho.dl.security.server` that serves `link`; empty when unknown or ambiguous."""
        try:
            server = agencies.resolve(agency_code, link, self._records)
        except ServerUnknown:
            return self._none
        return self._records.get(server, self._none)
