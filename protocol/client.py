"""The client of the national store: tokens, directory, papers and files, all through our security server."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from . import case_sync, catalogue, directory, papers
from .answers import check_success, decode_json
from .calls import post
from .case_sync import CaseMessage, KnownCase, ProgressMessage, StateMessage
from .catalogue import Agency, Listing, Procedure, Sector
from .directory import Directory, Server
from .download import Download, FileRequest, FileResult, fetch, total_seconds_allowed
from .errors import AccountRefused, KhoDLError, LinkNotUsable, PortalRejected, TokenRefused, Unexpected
from .far_ids import named_by
from .filenames import name_in_link
from .forward import forward_request
from .kept_connections import KeptConnections
from .links import compose_request, lane_of
from .papers import Answer, Question
from .parallel import ParallelRun
from .settings import Call, Service, Settings
from .spoken_answers import check_said, decode_spoken
from .tokens import Token, TokenStore, account_key, authorization, parse_token
from .transport import Exchange, open_session

_MIB = 1024 * 1024
_MOST_DIRECTORY_BYTES = 32 * _MIB
_MOST_ANSWER_BYTES = 8 * _MIB
_MOST_CATALOGUE_BYTES = 64 * _MIB

# What an account that is wrong is answered with, besides 401 and 403.
_ACCOUNT_STATUSES = (400, 422)
# What name and password are called in a login, by `Settings.login_as`.
_ACCOUNT_KEYS = {"password": ("username", "password"), "client": ("client_id", "client_secret")}

_Parsed = TypeVar("_Parsed")


class Client:
    """Speaks to the portal and to other agencies as one agency; a context manager, closed at the end.

    `tokens` may be shared with other clients, threads and processes; what it raises goes through. Every call raises
    SettingsIncomplete, SecurityServerUnreachable, TimedOut and AnswerNotUnderstood besides what it names itself. None
    takes longer than `until` (time.monotonic()). `before_call` runs before each call, and each time that the caller of
    `download_all` waits for files. With `connections` it uses those that are open, and leaves them open.
    """

    def __init__(
        self,
        settings: Settings,
        tokens: TokenStore,
        *,
        until: float = math.inf,
        before_call: Callable[[], None] = lambda: None,
        connections: KeptConnections | None = None,
    ) -> None:
        self.settings = settings
        self.tokens = tokens
        self._until, self._before_call = until, before_call
        width = max(1, settings.parallel_downloads, settings.parallel_messages)
        self.session = connections.session(settings.base_url) if connections else open_session(width)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections of its own."""
        self.session.close()

    def log_in(self, service: Service, *, until: float = math.inf) -> Token:
        """Log in to `service` (wire §1), whatever tokens there are, and return the new one.

        It takes no longer than `until` (time.monotonic()).
        Raises AccountRefused; PortalRejected where the portal has other troubles than with the account.
        """
        keys = _ACCOUNT_KEYS[self.settings.login_as]
        body = dict(zip(keys, (service.account.username, service.account.password), strict=True))
        try:
            answer = self._post(service, service.login, body, {}, _MOST_ANSWER_BYTES, until)
        except PortalRejected as refusal:
            if not isinstance(refusal, TokenRefused) and refusal.status not in _ACCOUNT_STATUSES:
                raise
            raise AccountRefused(refusal.detail, message=refusal.message) from None
        return parse_token(answer, self.settings.token_lifetime, datetime.now(timezone.utc))

    def directory(self) -> Directory:
        """Return the national directory of security servers (guideline V.1). Raises AccountRefused, PortalRejected."""
        service = self.settings.directory

        def ask(token: Token) -> Directory:
            body = directory.build_body(token.value, self.settings.unit_code)
            answer = self._post(service, service.call(), body, {}, _MOST_DIRECTORY_BYTES)
            return directory.parse_directory(answer)

        return self._with_token(service, ask)

    def papers(self, question: Question) -> Answer:
        """Return the papers that the store knows for `question` (guideline V.2).

        Raises ValueError for a question that is not complete, AccountRefused, PortalRejected.
        """
        service, body = self.settings.papers, papers.build_body(question)

        def ask(token: Token) -> Answer:
            headers = {"Authorization": authorization(self.settings, token)}
            return papers.parse_papers(self._post(service, service.call(), body, headers, _MOST_ANSWER_BYTES))

        return self._with_token(service, ask)

    def send_case(self, message: CaseMessage, *, is_update: bool, until: float = math.inf) -> None:
        """Tell the portal of a case (wire §7); `is_update` when it has accepted that case before.

        It takes no longer than `until` (time.monotonic()), and may be answered in words. Raises AccountRefused, PortalRejected.
        """
        way = self.settings.updating_as
        own = case_sync.updating_query(is_update) if way == "query" else {}
        body = partial(case_sync.case_body, message=message, is_update=is_update, updating_as=way)
        self._call_portal(self.settings.sending, body, own=own, until=until, is_told=True)

    def send_progress(self, *messages: ProgressMessage, until: float = math.inf) -> None:
        """Tell the portal of steps of a case that it knows, in their order (wire §7); `until` as for `send_case`.

        It may answer in plain words. Raises AccountRefused, PortalRejected, of which the portal may have taken some all the same.
        """
        self._call_portal(
            self.settings.sending,
            lambda *known: case_sync.progress_body(*known, *messages),
            until=until,
            is_told=True,
        )

    def send_state(self, message: StateMessage, *, until: float = math.inf) -> None:
        """Tell the portal the state of a case that it knows (wire §7); answers and errors are as those of `send_progress`."""
        body = partial(case_sync.state_body, message=message)
        self._call_portal(self.settings.sending, body, until=until, is_told=True)

    def find_case(self, number: str, *, until: float = math.inf) -> KnownCase | None:
        """Return what the portal knows of our case `number` (wire §7), None where it says that it knows none.

        `until` as for `send_case`. Raises AccountRefused, PortalRejected.
        """
        try:
            body = partial(case_sync.lookup_body, number=number)
            answer = self._call_portal(self.settings.lookups, body, until=until)
        except PortalRejected as refusal:
            if case_sync.says_unknown(refusal):
                return None
            raise
        return case_sync.parse_lookup(answer, number)

    def sectors(self) -> tuple[Sector, ...]:
        """Return the fields of administration (wire §7). Raises AccountRefused, PortalRejected."""
        return catalogue.parse_sectors(self._call_catalogue(catalogue.SECTORS))

    def agencies(self) -> tuple[Agency, ...]:
        """Return the agencies that carry out procedures (wire §7). Raises AccountRefused, PortalRejected."""
        return catalogue.parse_agencies(self._call_catalogue(catalogue.AGENCIES))

    def procedures(self) -> Listing:
        """Return the list of procedures (wire §7). Raises AccountRefused, PortalRejected."""
        return catalogue.parse_listing(self._call_catalogue(catalogue.LISTING))

    def procedure(self, code: str) -> Procedure:
        """Return the procedure `code` with its documents and results (wire §7). Raises AccountRefused, PortalRejected."""
        return catalogue.parse_procedure(self._call_catalogue(catalogue.ONE, {catalogue.CODE_KEY: code}), code)

    def _call_catalogue(self, service: str, extra: Mapping[str, str] | None = None) -> object:
        body = partial(catalogue.build_body, service=service, extra=extra or {})
        return self._call_portal(self.settings.lookups, body, _MOST_CATALOGUE_BYTES)

    def _call_portal(
        self,
        call: Call,
        make_body: Callable[[str, str], Mapping[str, object]],
        max_bytes: int = _MOST_ANSWER_BYTES,
        *,
        own: Mapping[str, str] | None = None,
        until: float = math.inf,
        is_told: bool = False,
    ) -> object:
        """Make a `call` with what `make_body(session, unit)` returns, `own` in its query; what `is_told` may be answered in words."""
        service = self.settings.directory

        def ask(token: Token) -> object:
            body = make_body(token.value, self.settings.unit_code)
            answer = self._post(service, service.call(call), body, {}, max_bytes, until, own, is_told)
            check_success(answer)
            if is_told:
                check_said(answer)
            return answer

        return self._with_token(service, ask)

    def file_request(self, key: int | str, link: str, server: Server | None, claimed_name: str) -> FileRequest:
        """Return the request that fetches `link` through our security server (guideline V.3).

        A `claimed_name` that is only the one in the link is no claim. Raises LinkNotUsable.
        """
        url, headers = compose_request(link, self.settings, server)
        is_named = claimed_name != name_in_link(link)
        return FileRequest(key, url, headers, claimed_name, lane_of(link, server), is_named)

    def download(self, request: FileRequest) -> Download:
        """Fetch one file whole; the caller closes it.

        Raises LinkNotUsable, FileUnavailable, FileTooLarge, FileNotAsClaimed, FileNotStored.
        """
        return self._fetch(request, Exchange(self._seconds_each()))

    def download_all(
        self,
        requests: Iterable[FileRequest],
        *,
        give_up_at: float | None = None,
        grace: float | None = None,
        arrived: Callable[[int, Download], None] = lambda _key, _download: None,
        **options: Any,
    ) -> Iterator[tuple[FileResult, ...]]:
        """Fetch many files, `settings.parallel_downloads` at a time, and yield all that are complete, as they come.

        Of one lane, `settings.parallel_per_server` at a time; others of it wait while later requests start. Whoever shares
        these limits brings the `slots` of all. `requests` is advanced in the caller's thread, as slots are free, and no
        more after `give_up_at` (time.monotonic()); what has started has `grace` seconds more, by default as long as any
        file may take. What needs longer is yielded as TimedOut or OutOfTime, see `ParallelRun`; what waits for its lane is
        not, nor what is not wanted by then. The caller closes its downloads; closing the iterator closes all others.
        `arrived(key, download)` runs in the file's own thread as soon as it is here: whoever looks at it need not wait for
        the others. `options` are `silence_fails`, `is_wanted`, `slots` and `meanwhile` of `ParallelRun`.
        """
        return ParallelRun(
            requests,
            partial(self._result, arrived),
            width=max(1, self.settings.parallel_downloads),
            width_per_lane=max(1, self.settings.parallel_per_server),
            seconds_each=self._seconds_each(),
            give_up_at=give_up_at,
            grace=self._seconds_each() if grace is None else grace,
            before_wait=self._before_call,
            **options,
        ).results()

    def _seconds_each(self) -> float:
        return total_seconds_allowed(self.settings.timeout, self.settings.total_timeout)

    def _result(self, arrived: Callable[[int, Download], None], request: FileRequest, exchange: Exchange) -> FileResult:
        try:
            download = self._fetch(request, exchange)
            return FileResult(request.key, download.seen_by(partial(arrived, request.key)), None)
        except KhoDLError as error:
            return FileResult(request.key, None, error)
        except Exception as error:  # noqa: BLE001 - one file's fault must not end all others; the caller logs it
            return FileResult(request.key, None, Unexpected(error))

    def _fetch(self, request: FileRequest, exchange: Exchange) -> Download:
        if not request.url.startswith(f"{self.settings.base_url}/"):
            raise LinkNotUsable("an address that is not on our security server")
        with named_by(exchange):
            return fetch(self.session, request, self.settings, exchange)

    def _with_token(self, service: Service, ask: Callable[[Token], _Parsed]) -> _Parsed:
        """Return what `ask` makes of a token; a token that is refused is replaced once."""
        with named_by(self.session):
            obtain = partial(self.tokens.obtain, account_key(self.settings, service), partial(self.log_in, service))
            token = obtain()
            try:
                return ask(token)
            except TokenRefused:
                token = obtain(refused=token.value)
            try:
                return ask(token)
            except TokenRefused as refusal:
                raise AccountRefused("the portal refused a fresh token", message=refusal.message) from None

    def _post(
        self,
        service: Service,
        call: Call,
        body: Mapping[str, object],
        headers: Mapping[str, str],
        max_bytes: int,
        until: float = math.inf,
        own: Mapping[str, str] | None = None,
        is_told: bool = False,
    ) -> object:
        url, routing = forward_request(self.settings, service.adapter, call, own)
        headers = {**routing, **headers}
        self._before_call()
        until, timeouts = min(until, self._until), self.settings.timeouts
        # What is told goes out once; what is asked may be asked again.
        options = {"decode": decode_spoken if is_told else decode_json, "may_repeat": not is_told}
        return post(self.session, url, headers, body, timeouts=timeouts, max_bytes=max_bytes, until=until, **options)
