from contextlib import suppress
from functools import cached_property

from odoo import api, models, tools

from ...protocol import agencies
from ...protocol.directory import Server
from ...protocol.errors import ServerUnknown

# What of a server is read with the directory.
_TOLD = ("code", "name", "dstcode", "active")


class KnownServers:
    """The servers of the directory without records, so that a process may keep it; nothing in it is changed.

    `ids` are those of the records, `columns` {name of a field: their values}.
    """

    def __init__(self, ids, columns):
        self.ids, self.columns = tuple(ids), columns
        # {protocol `Server`: id of the record}, by codes alone, and by the hosts that were entered.
        self.by_code = {Server(*told): server_id for server_id, told in zip(self.ids, self._told(), strict=True)}
        self.by_entered_host = self.with_hosts({})

    def _told(self):
        return zip(*(self.columns[name] for name in ("code", "name", "dstcode")), strict=True)

    def with_hosts(self, delivered):
        """Return {protocol `Server`: id}; `delivered` is {id: hosts} beside those that were entered."""
        known = {}
        for server_id, told, entered in zip(self.ids, self._told(), self.columns["provider_hosts"], strict=True):
            hosts = (*(entered or "").lower().split(), *delivered.get(server_id, ()))
            known[Server(*told, tuple(dict.fromkeys(hosts)))] = server_id
        return known


class ServerResolver:
    """The active directory, and who succeeded whom, in the form that `protocol.agencies` looks things up in.

    Besides the hosts that an administrator entered, those count that a server has delivered from.
    """

    def __init__(self, servers, known):
        """`servers` are the records of `known`, `KnownServers`."""
        self._servers, self._known = servers, known
        self._none = servers.browse()
        successions = servers.env["kho.dl.agency.succession"]
        self._successions = successions._new_codes()
        self._former_names = {row.old_code: row.old_name for row in successions._in_force()}

    @cached_property
    def _by_all_hosts(self):
        # Read from all files that ever came: only where the codes do not tell.
        return self._known.with_hosts(self._servers.env["kho.dl.retrieval"]._hosts_by_server())

    def find(self, agency_code, link):
        """Return the `kho.dl.security.server` that serves `link`; empty when unknown or ambiguous."""
        with suppress(ServerUnknown):
            return self._record(self._known.by_code.get(self._resolve(agency_code, link, self._known.by_code)))
        with suppress(ServerUnknown):
            return self._record(self._by_all_hosts[self._resolve(agency_code, link, self._by_all_hosts)])
        return self._none

    def _record(self, server_id):
        return self._servers.browse(server_id).with_prefetch(self._servers.ids) if server_id else self._none

    def _resolve(self, agency_code, link, known):
        return agencies.resolve(agency_code, link, known, self._successions)

    def resolve(self, agency_code, link):
        """Return the `protocol` Server that serves `link`, as `agencies.resolve`, by codes and the hosts that were entered.

        No record is looked at: it may be asked where no transaction is open.
        """
        return self._resolve(agency_code, link, self._known.by_entered_host)

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


class KhoDLSecurityServer(models.Model):
    _inherit = "kho.dl.security.server"

    @api.model
    def _server_resolver(self):
        """Return the active directory as a `ServerResolver`."""
        known = self._active_directory()
        # sudo: which server has the files of an agency is the same for everybody.
        servers = self.sudo().with_context(active_test=False).browse(known.ids)
        for name in _TOLD:
            servers._fields[name]._insert_cache(servers, known.columns[name])
        return ServerResolver(servers, known)

    @api.model
    @tools.ormcache()
    def _active_directory(self):
        """Return the active servers as `KnownServers`: hundreds, which change about daily, and each look goes by them."""
        columns = [*_TOLD, "provider_hosts"]
        # sudo: as above. The caller's context must not bring back what was archived.
        servers = self.sudo().with_context(active_test=False).search_fetch([("active", "=", True)], columns)
        return KnownServers(servers.ids, {name: servers.mapped(name) for name in columns})
