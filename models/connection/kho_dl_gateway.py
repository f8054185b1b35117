import logging
import math
from dataclasses import replace
from datetime import timezone
from functools import partial

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models, tools
from odoo.modules import module

from ...protocol.client import Client
from ...protocol.errors import AccountRefused
from ...protocol.filenames import KNOWN_KINDS
from ...protocol.kept_connections import KeptConnections
from ...protocol.openid import OpenIdClient
from ...protocol.settings import Account, Call, Service, Settings
from ...protocol.tokens import account_key
from ...sealing.faults import KeyMissing
from ...sealing.seal import SealKey
from ..common.request_time import request_ends_at
from ..common.uploads import content_of
from ..gate.child_python import child_python
from ..gate.file_gate import FileGate
from ..gate.virus_scanner import VirusScanner
from .kho_dl_token import DatabaseTokenStore

_logger = logging.getLogger(__name__)

# Of this process: they stay open from one request to the next.
_CONNECTIONS = KeptConnections()


class TransactionOpen(RuntimeError):
    """Our own code is at fault: it would wait for others with a transaction open, whose locks all others would wait for."""


def refuse_open_transaction(cr):
    """Raise TransactionOpen, and log the way to it, where the thread that has `cr` is about to wait for others."""
    if is_transaction_open(cr):
        _logger.error("Kho DL: a fault of the program: a call to others with a transaction open", stack_info=True)
        raise TransactionOpen("commit before others are waited for")


def is_transaction_open(cr):
    """Return whether `cr` has a transaction open. The one of a plain test never ends; others see `tests/common.py`."""
    return not module.current_test and cr.connection.info.transaction_status != TRANSACTION_STATUS_IDLE


def end_transaction(cr):
    """Commit before a call. Tests whose cursor forbids it replace this (`tests/common.py`)."""
    cr.commit()  # pylint: disable=invalid-commit


class KhoDLGateway(models.AbstractModel):
    """The only place that turns the settings of a company into what needs no records: client and file gate."""

    _name = "kho.dl.gateway"
    _description = "Gateway to the security server"

    @api.model
    def _client(self, company, until=math.inf, tokens=None):
        """Return a `protocol.client.Client` (a context manager) that speaks for `company` until `until` (monotonic).

        Whoever calls has committed, or `TransactionOpen` is raised. `tokens` is its `TokenStore`, by default that of this
        database, which is for the thread of this environment; who brings another one calls from threads, while this one
        works on records: it asks `refuse_open_transaction` itself, whenever it waits for them.
        Raises `protocol.errors.SettingsIncomplete`, and DatabaseNotConfirmed in a copy of the database.
        """
        self.env["kho.dl.database"]._require_confirmed()
        settings = self._settings(company)
        settings.check()
        if tokens:
            return Client(settings, tokens, until=until, connections=_CONNECTIONS)
        tokens = DatabaseTokenStore(self.env, until)
        before_call = partial(refuse_open_transaction, self.env.cr)
        return Client(settings, tokens, until=until, before_call=before_call, connections=_CONNECTIONS)

    @api.model
    def _identity_client(self, until=math.inf):
        """Return a `protocol.openid.OpenIdClient` that asks until `until` (monotonic); as `_client`, whoever calls has committed.

        Raises DatabaseNotConfirmed in a copy of the database.
        """
        self.env["kho.dl.database"]._require_confirmed()
        return OpenIdClient(until=until, before_call=partial(refuse_open_transaction, self.env.cr))

    @api.model
    def _log_in(self, client, service):
        """Return the new token of `client` at `service`, whatever tokens there are; a refusal is kept like any other.

        Raises as `log_in`.
        """
        try:
            return client.log_in(service)
        except AccountRefused:
            client.tokens.note_refusal(account_key(client.settings, service))
            raise

    @api.model
    def _gate(self, company, until=math.inf):
        """Return the `FileGate` that files of `company` pass; no scanner is waited for beyond `until` (monotonic).

        All gates of one request look into files as long as it may go on, and no longer.
        """
        trust = self.env["kho.dl.trust.certificate"]._trust(company)
        scanner = self._scanner(company, until=until)
        return FileGate(trust, self._now(), scanner, child_python(self.env), request_ends_at())

    @api.model
    def _fetching_alike(self, companies):
        """Return `companies`, in their order, as [those that fetch files in the same way, and look at them alike]."""
        # The code of the office is told with cases, and asked for with no file.
        return list(
            companies.grouped(
                lambda company: (
                    replace(self._settings(company), unit_code=""),
                    self.env["kho.dl.trust.certificate"]._trust(company),
                    # sudo: where the scanner is, is for system administrators only.
                    company.sudo().kho_dl_scanner_address,
                )
            ).values()
        )

    @api.model
    def _seal_key(self, company):
        """Return the `SealKey` with which `company` seals. Raises `sealing.faults.KeyUnusable`, also where none is set."""
        content = content_of(company._kho_dl_secret("kho_dl_seal_pkcs12"))
        if not content:
            raise KeyMissing("no key is set")
        return SealKey(content, company._kho_dl_secret("kho_dl_seal_password") or "")

    @api.model
    def _sealing_key(self, company):
        """Return `_seal_key` for something to be sealed. Raises as that, and DatabaseNotConfirmed in a copy."""
        self.env["kho.dl.database"]._require_confirmed()
        return self._seal_key(company)

    @api.model
    def _now(self):
        return fields.Datetime.now().replace(tzinfo=timezone.utc)

    @api.model
    def _scanner(self, company, until=math.inf):
        """Return the `VirusScanner` of `company`, which waits until `until` (time.monotonic()); None where it has none."""
        # sudo: where the scanner is, is for system administrators only.
        company = company.sudo()
        address = company.kho_dl_scanner_address
        return VirusScanner(address, company.kho_dl_timeout, until) if address else None

    @api.model
    def _read_settings(self, company):
        """Read what `_settings` tells, of a wide row that much; first of all where rules read that row, too."""
        company._kho_dl_read(("connection", "limits", "scanner"))

    @api.model
    def _settings(self, company):
        """Return the `protocol.settings.Settings` of `company`; may be incomplete, see `Settings.check`."""
        # sudo: a clerk asks with the agency's account, which only system administrators may read.
        company = company.sudo()
        self._read_settings(company)
        account = Account(company.kho_dl_username or "", company._kho_dl_secret("kho_dl_password") or "")
        papers_password = company._kho_dl_secret("kho_dl_papers_password", otherwise=account.password)
        papers_account = Account(company.kho_dl_papers_username or account.username, papers_password or "")
        return Settings(
            ss_url=company.kho_dl_ss_url or "",
            unit_code=company._kho_dl_unit() or "",
            directory=self._service(company, "directory", account),
            papers=self._service(company, "papers", papers_account),
            download_adapter=company.kho_dl_download_adapter or "VXPAdapter",
            dstcode_in=company.kho_dl_dstcode_in,
            auth_scheme=company.kho_dl_auth_scheme,
            token_lifetime=company.kho_dl_token_lifetime * 60,
            timeout=company.kho_dl_timeout,
            connect_timeout=company.kho_dl_connect_timeout,
            total_timeout=company.kho_dl_total_timeout,
            max_file_bytes=company.kho_dl_max_file_mb * 1024 * 1024,
            parallel_downloads=company.kho_dl_parallel_downloads,
            parallel_per_server=company.kho_dl_parallel_per_server,
            account_downloads=company.kho_dl_account_downloads,
            parallel_messages=company.kho_dl_parallel_messages,
            accepted_kinds=self._accepted_kinds(company),
            lookups=self._call(company, "lookup"),
            sending=self._call(company, "sync"),
            login_as=company.kho_dl_login_as,
            updating_as=company.kho_dl_updating_as,
        )

    @api.model
    @tools.ormcache("company.id")
    def _accepted_kinds(self, company):
        chosen = frozenset(" ".join(company.kho_dl_file_kind_ids.mapped("mimetypes")).split())
        return chosen & KNOWN_KINDS or KNOWN_KINDS

    @api.model
    def _service(self, company, name, account):
        return Service(
            adapter=company.kho_dl_api_adapter or "XrdAdapter",
            path=company[f"kho_dl_{name}_path"] or "",
            login_path=company[f"kho_dl_{name}_login_path"] or "",
            dstcode=company[f"kho_dl_{name}_dstcode"] or "",
            providerurl=company[f"kho_dl_{name}_providerurl"] or "",
            account=account,
            login_dstcode=company[f"kho_dl_{name}_login_dstcode"] or "",
            login_providerurl=company[f"kho_dl_{name}_login_providerurl"] or "",
        )

    @api.model
    def _call(self, company, name):
        parts = ("path", "dstcode", "providerurl")
        return Call(**{part: company[f"kho_dl_{name}_{part}"] or "" for part in parts})
