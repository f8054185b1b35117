"""The gate between a file that arrived and a case: what is in it, and does that need a clerk's word."""

import math
import os
import time
from dataclasses import dataclass, field

from ...inspection.identity import OwnerMatch, compare_owner
from ...inspection.naming import others_named
from ...inspection.reports import UNCLEAR, Change, FileReport, SignatureState
from ...inspection.sandbox import PDF, get_ready, inspect_file
from ...protocol.compound import ENCRYPTED
from ...protocol.content import HEAD_BYTES, TAIL_BYTES
from ...protocol.envelopes import is_enclosed
from ...protocol.office import active_content
from ...protocol.zips import is_encrypted_zip
from .gate_errors import FileInfected, FileQuestioned, InspectionUnavailable

# The marks of a file that nobody must overlook, beside the kinds of active content (`inspection/pdf.py`).
UNREADABLE, UNEXAMINED, OUTER_SIGNATURE = "unreadable", "unexamined", "outer_signature"
_AFTER_SIGNING = {Change.FILLED: "filled_after_signing", Change.LAID_OVER: "laid_over_after_signing"}
# Unreadable, and it does not end as a PDF does.
INCOMPLETE = "incomplete"
_PDF_END = b"%%EOF"
# So long (s) are the PDFs within one file looked into, all of them together, the last one included.
_SECONDS_WITHIN = 30
CLEAN, INFECTED = "clean", "infected"
# States of a signature with which a file is attached only when a clerk says why.
_DOUBTFUL = {SignatureState.BROKEN.value, SignatureState.REVOKED.value}


@dataclass(frozen=True, slots=True)
class Question:
    """What is known about a file before it is looked at: whose it should be, and what its metadata says of it.

    `accepted_sha256` is the content that a clerk wants attached all the same, `accepted_objections` what they were
    told about it then.
    """

    owner_name: str = field(repr=False)
    owner_number: str = field(repr=False)
    texts: tuple[str, ...] = field(default=(), repr=False)
    accepted_sha256: str = ""
    accepted_objections: frozenset = frozenset()

    def accepts(self, sha256, objections):
        """Whether a clerk has seen all of `objections` to the content with `sha256`, and wants it nevertheless."""
        return sha256 == self.accepted_sha256 and self.accepted_objections.issuperset(objections)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look at one file brought; `report` is None where only PDFs have something to tell."""

    report: FileReport | None
    marks: tuple[str, ...]
    owner: OwnerMatch
    is_scanned: bool = False
    # Whom the paper names beside the applicant: for who looks at it, and for no log.
    named: tuple[str, ...] = field(default=(), repr=False)

    @property
    def signature_state(self):
        """The worst state of a signature, as `FileReport` tells; None for what is no PDF."""
        return self.report.signature_state if self.report else None

    @property
    def active_content(self):
        """The kinds of active content, () when there is none; "unclear" where nobody can say."""
        return self.report.pdf.active_content if self.report and self.report.pdf else ()

    @property
    def objections(self):
        """The names of what needs a clerk's reason, () when nothing does."""
        return objections_to(self.signature_state, self.marks, self.owner.value)

    def as_values(self):
        """Return the values of `kho.dl.file.findings`."""
        return {
            "signature_state": self.signature_state or False,
            "gate_marks": ",".join(self.marks) or False,
            "identity_state": self.owner.value,
            "scan_state": CLEAN if self.is_scanned else False,
            "gate_report": self.report.as_json() if self.report else False,
        }

    def names_as_values(self):
        """Return the value of the field `paper_names` of what keeps it: nothing of the journal does."""
        return {"paper_names": ", ".join(self.named) or False}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that may be attached: the protocol's `download`, and the `findings` of the gate."""

    download: object
    findings: Findings


class FileGate:
    """Looks at files for one company: with whom it trusts, at the time `at`, and its virus scanner if it has one.

    `python` is the path of the interpreter that looks into files, Odoo's own where it is empty. Nothing is looked into
    beyond `until` (time.monotonic()): what is not seen through by then is marked so.

    It knows no records, so that no transaction needs to be open while a file is looked at.
    """

    def __init__(self, trust, at, scanner=None, python="", until=math.inf):
        self._trust = trust
        self._at = at
        self._scanner = scanner
        self._python = python
        self._until = until

    def get_ready(self):
        """Wake what looks into files, while they are on their way: that takes as long as a far system does."""
        get_ready(self._python)

    def admit(self, download, question):
        """Return the `Findings` in `download` if it may be attached.

        Raises FileQuestioned when a clerk has to say why, InspectionUnavailable when nobody could look, and what
        `VirusScanner.scan` raises.
        """
        if self._scanner:
            self._scanner.scan(download.file)
        findings = self.look(download.file, download.mimetype, question, is_scanned=bool(self._scanner))
        if findings.report and findings.report.is_worth_another_try:
            raise InspectionUnavailable(findings.report.reason)
        # A reason is given for what was seen: for another content it says nothing.
        if findings.objections and not question.accepts(download.sha256, findings.objections):
            raise FileQuestioned(findings)
        return findings

    def look(self, file, mimetype, question, is_scanned=False):
        """Return the `Findings` in `file`, a binary stream whose content is known to be of `mimetype`."""
        report = self._report(file, self._until) if mimetype == PDF else None
        texts = (*question.texts, *((report.pdf.title, report.text) if report and report.pdf else ()))
        whose = (question.owner_name, question.owner_number, texts)
        marks = _marks(file, report) if report else _marks_of_other(file, self._look_within())
        return Findings(report, tuple(marks), compare_owner(*whose), is_scanned, others_named(*whose))

    def _report(self, file, until):
        return inspect_file(file, PDF, self._trust, self._at, self._python, until)

    def _look_within(self):
        """Return what looks into a PDF that lies in another file, and returns its marks."""
        until = min(self._until, time.monotonic() + _SECONDS_WITHIN)

        def look(file):
            pdf = self._report(file, until).pdf
            if not pdf or not pdf.is_readable:
                return [UNCLEAR]
            return [*pdf.active_content, *([ENCRYPTED] if pdf.is_encrypted else [])]

        return look


def objections_to(signature_state, marks, identity_state):
    """Return the names of what needs a clerk's reason in a file with these findings, () when nothing does."""
    doubts = [f"signature_{signature_state}"] if signature_state in _DOUBTFUL else []
    # Who wants a broken signature overlooked makes the file too much for whoever looks.
    doubts += [mark for mark in (UNEXAMINED, INCOMPLETE) if mark in marks]
    return (*doubts, *(["identity_mismatch"] if identity_state == OwnerMatch.MISMATCH.value else []))


def refused_values(error):
    """Return the values of `kho.dl.file.findings` that an error of the gate leaves on the row of a refused file."""
    if isinstance(error, FileQuestioned):
        return error.findings.as_values()
    return {"scan_state": INFECTED} if isinstance(error, FileInfected) else {}


def _ends(file):
    """Return the first and the last bytes of `file`, as many as tell its kind."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
    return head, file.read(TAIL_BYTES)


def _marks_of_other(file, look_within):
    kinds = active_content(file, look_within)
    is_encrypted = ENCRYPTED in kinds or is_encrypted_zip(*_ends(file))
    return [*([ENCRYPTED] if is_encrypted else []), *(kind for kind in kinds if kind != ENCRYPTED)]


def _marks(file, report):
    outer = [OUTER_SIGNATURE] if is_enclosed(file) else []
    if not report.is_examined:
        return [UNEXAMINED, *outer]
    if not report.pdf.is_readable:
        return [UNREADABLE, *([] if _PDF_END in _ends(file)[1] else [INCOMPLETE]), *outer]
    changes = {signature.changed_afterwards for signature in report.signatures}
    return [
        *([ENCRYPTED] if report.pdf.is_encrypted else []),
        # Other readers do not open it, or find pages where ours sees none.
        *([UNREADABLE] if report.pdf.page_count == 0 else []),
        *outer,
        *(mark for change, mark in _AFTER_SIGNING.items() if change in changes),
        *report.pdf.active_content,
    ]
