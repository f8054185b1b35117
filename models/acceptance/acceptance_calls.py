"""The calls of an acceptance run: no record is looked at here, so that no transaction is open while others think."""

import logging
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from ...protocol.errors import (
    FileUnavailable,
    KhoDLError,
    OutOfTime,
    SecurityServerFault,
    ServerUnknown,
    Trouble,
    Unexpected,
)
from ...protocol.links import is_composed
from ...protocol.papers import Question
from ...protocol.recording import Recorder, strike_out
from ...protocol.tokens import MemoryTokenStore, account_key
from ..common.unforeseen import log_unforeseen
from ..gate import file_gate
from ..gate.gate_errors import FileQuestioned
from .acceptance_case import CaseCalls
from .acceptance_faults import NothingToTry, WrongContent

_logger = logging.getLogger(__name__)

PASSED, FAILED, NOT_TRIED = "passed", "failed", "not_tried"
_FILES = ("file", "own_file")
# Why a security server does not take its own agency to itself.
_NO_WAY_BACK = (Trouble.ACCESS_DENIED, Trouble.UNKNOWN_MEMBER, Trouble.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an administrator chose, and who stands for the office in the test case."""

    question: Question = field(repr=False)
    case_number: str
    procedure_name: str
    owner_kind: str
    identity_kind: str
    officer_title: str
    officer_name: str
    office: str
    unit_code: str
    # To the file of ours, and what it holds.
    own_link: str = field(repr=False)
    own_content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step: `found` are counts and names for its words, `sent` and `answered` what may be kept of its calls."""

    state: str
    found: dict
    error: KhoDLError | None
    sent: str
    answered: str
    seconds: float


class RunTokens(MemoryTokenStore):
    """Tokens of one run: the first step logs in for all that follow. `values` are all that there were."""

    def __init__(self, note_refusal):
        super().__init__()
        self.note_refusal = note_refusal
        self.values = set()

    def obtain(self, account_key, login, *, refused=None):
        token = super().obtain(account_key, login, refused=refused)
        self.values.add(token.value)
        return token


class AcceptanceCalls(CaseCalls):
    """Makes the calls of one step after the other, and tells what may be kept of them.

    `client` has `RunTokens` and is the caller's to close; `log_in` is `kho.dl.gateway._log_in`, `servers` a
    `ServerResolver`. Nothing is waited for beyond `until` (time.monotonic()).
    """

    def __init__(self, client, log_in, gate, servers, plan, until):
        self._client, self._log_in_to, self._gate, self._servers = client, log_in, gate, servers
        self._plan, self._until = plan, until
        self._recorder = client.session.recorder = Recorder()
        self._answer = None
        # What the last step showed, where that depends on what there was; else "".
        self.shows = ""

    def make(self, kind):
        """Return the `Outcome` of the step `kind`; nothing that it meets is raised."""
        began, found, state, error, self.shows = time.monotonic(), {}, PASSED, None, ""
        try:
            found = getattr(self, f"_{kind}")() or {}
        except NothingToTry as problem:
            state, error = NOT_TRIED, problem
        except KhoDLError as problem:
            state, error = FAILED, problem
        except Exception as problem:  # noqa: BLE001 - one step's fault must not end the others
            log_unforeseen(_logger, "a step of an acceptance run failed", problem)
            state, error = FAILED, Unexpected(problem)
        seconds = time.monotonic() - began
        sent, answered = self._kept(is_body_shown=kind not in _FILES or _is_no_file(error))
        return Outcome(state, found, error, sent, answered, seconds)

    def _kept(self, is_body_shown):
        exchanges, secrets = self._recorder.take(), self._secrets()
        sent = [exchange.sent_words(secrets) for exchange in exchanges]
        answered = [exchange.answer_words(secrets, with_body=is_body_shown) for exchange in exchanges]
        return "\n\n".join(sent), "\n\n".join(filter(None, answered))

    def strike_out(self, words):
        """Return `words` without what nobody may read: the portal may quote what it was sent."""
        return strike_out(words, self._secrets())

    def _secrets(self):
        settings, question = self._client.settings, self._plan.question
        passwords = {settings.directory.account.password, settings.papers.account.password}
        return {*self._client.tokens.values, *passwords, question.owner_id_number, question.officer_id_number}

    # -- the steps, by their names -------------------------------------------------------------------

    def _login_directory(self):
        self._log_in(self._client.settings.directory)

    def _login_papers(self):
        self._log_in(self._client.settings.papers)

    def _log_in(self, service):
        login = partial(self._log_in_to, self._client, service)
        self._client.tokens.obtain(account_key(self._client.settings, service), login)

    def _directory(self):
        directory = self._client.directory()
        return {"count": len(directory.servers), "skipped": directory.skipped}

    def _papers(self):
        self._answer = self._client.papers(self._plan.question)
        papers = self._answer.papers
        return {
            "count": len(papers),
            "files": sum(len(paper.files) for paper in papers),
            "skipped": self._answer.skipped,
        }

    def _file(self):
        # Asked anew where the run goes on after a break.
        answer = self._answer or self._client.papers(self._plan.question)
        paper, link, request = self._first_file(answer)
        self.shows = "V.3-5" if is_composed(link) else "V.3-4"
        with self._fetch(request) as download:
            found = {"mimetype": download.mimetype, "size": download.size, "sha256": download.sha256}
            asked = file_gate.Question("", self._plan.question.owner_id_number, (paper.name,))
            try:
                self._gate.admit(download, asked)
            except FileQuestioned as doubt:
                # The file came as it was sent; what is in it is the test person's matter.
                found["objections"] = doubt.findings.objections
            return found

    def _own_file(self):
        plan = self._plan
        if not plan.own_link:
            raise NothingToTry("no address of ours")
        try:
            server = self._servers.resolve(plan.unit_code, plan.own_link)
            request = self._client.file_request(0, plan.own_link, server, "")
            with self._fetch(request) as download:
                if download.file.read() != plan.own_content:
                    raise WrongContent("another file than ours")
        except (ServerUnknown, SecurityServerFault) as problem:
            if isinstance(problem, SecurityServerFault) and problem.trouble not in _NO_WAY_BACK:
                raise
            # Many security servers let nobody call themselves: then only another agency can try it.
            raise NothingToTry("no way to ourselves", problem) from None

    def _fetch(self, request):
        """Return the `Download` of `request`; the caller closes it. Raises why there is none."""
        with closing(self._client.download_all([request], give_up_at=self._until, grace=0)) as batches:
            result = next((result for batch in batches for result in batch), None)
        if result is None:
            raise OutOfTime(0)
        if result.error:
            raise result.error
        return result.download

    def _first_file(self, answer):
        """Return (paper, link, request) of the first file whose server is known. Raises NothingToTry, and why none can be fetched."""
        problem = NothingToTry("no file")
        for paper in answer.papers:
            for file in paper.files:
                try:
                    server = self._servers.resolve(paper.agency_code, file.link)
                    return paper, file.link, self._client.file_request(0, file.link, server, file.name)
                except KhoDLError as error:
                    problem = error
        raise problem

    def _agencies(self):
        return {"count": len(self._client.agencies())}

    def _sectors(self):
        return {"count": len(self._client.sectors())}

    def _procedures(self):
        listing = self._client.procedures()
        return {"count": len(listing.whole) + len(listing.codes), "skipped": listing.skipped}

    def _procedure(self):
        procedure = self._client.procedure(self._plan.question.procedure_code)
        return {"name": procedure.name, "count": len(procedure.documents or ())}


def _is_no_file(error):
    """Return whether what came says why there is no file. What looks like an error page may be somebody's, of another kind."""
    return isinstance(error, FileUnavailable | SecurityServerFault | WrongContent | NothingToTry)
