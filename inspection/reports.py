"""What an inspection found, as facts that turn into plain JSON. No bytes, and no text of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import Enum


class SignatureState(str, Enum):
    """What a signature is worth, the best first.

    As ETSI EN 319 102-1 has it: the first three passed, UNVERIFIED cannot be told, the last two failed.
    """

    VALID = "valid"
    UNKNOWN_SIGNER = "unknown_signer"
    EXPIRED = "expired"
    UNVERIFIED = "unverified"
    REVOKED = "revoked"
    BROKEN = "broken"


class Change(str, Enum):
    """What happened to a file after it was signed; ALLOWED is another signature or revocation data.

    The signature allows these, too: LAID_OVER, where the picture of a further signature lies on a page where nothing
    waited for one; FILLED, where a form shows something else now, or a note was added.
    """

    NO = "no"
    ALLOWED = "allowed"
    LAID_OVER = "laid_over"
    FILLED = "filled"
    FORBIDDEN = "forbidden"


UNSIGNED = "unsigned"
UNKNOWN = "unknown"
# Where not all of a file could be looked through, among the kinds of its active content.
UNCLEAR = "unclear"
# Why nobody looked at a file that may be looked at another time: this machine's fault, not the file's.
NOT_STARTED = "the inspection could not be started"
NOT_READ = "the file could not be read"
NO_TIME = "no time was left to look at the file"
# Why it cannot be told whether a signature is right, in technical words; who shows them says them in others.
NO_CERTIFICATE = "the certificate of the signer is not in the file"
NOT_KNOWN_KIND = "a kind of signature that is not known here"
NOT_KNOWN_ALGORITHM = "an algorithm that is not known here, or a signature that is written unusually"
WEAK_ALGORITHM = "an algorithm or a key that is too weak today"
NOT_UNDERSTOOD = "the signature cannot be understood"
NOT_A_CLEAR_PDF = "the file holds a signature, but is not a PDF that can be read without doubt"
TWO_READINGS = "readers may differ on what was added after signing"
TOO_MANY = "more signatures than are looked at"
_FROM_BEST = list(SignatureState)


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature of a PDF.

    `signer` and `issuer` are common names, or organisations. `signed_on` is ISO 8601 in UTC; only when `is_time_proven`
    somebody trusted vouches for it. `is_intact`: the signed bytes and the signature over them are right.
    `is_timestamp`: a time stamp over the whole file, which names no signer. `reason` is technical English without
    personal data.
    """

    field_name: str
    state: SignatureState
    reason: str
    signer: str = ""
    issuer: str = ""
    signed_on: str | None = None
    is_time_proven: bool = False
    is_intact: bool = False
    covers_whole_file: bool = False
    changed_afterwards: Change = Change.FORBIDDEN
    is_trusted: bool = False
    is_expired: bool = False
    is_revoked: bool = False
    is_timestamp: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the fields as JSON knows them."""
        return {**asdict(self), "state": self.state.value, "changed_afterwards": self.changed_afterwards.value}

    @classmethod
    def from_json(cls, fields: dict[str, object]) -> SignatureReport:
        """Return the report that `as_json` turned into `fields`. Raises ValueError or TypeError for anything else."""
        state, change = SignatureState(fields["state"]), Change(fields["changed_afterwards"])
        return cls(**{**fields, "state": state, "changed_afterwards": change})


def broken(field_name: str, reason: str, *, is_timestamp: bool = False) -> SignatureReport:
    """Return the report of a signature of which nothing is known, but that it is not right."""
    return SignatureReport(field_name, SignatureState.BROKEN, reason, is_timestamp=is_timestamp)


def unverified(field_name: str, reason: str, *, is_timestamp: bool = False) -> SignatureReport:
    """Return the report of a signature of which cannot be told whether it is right."""
    return SignatureReport(field_name, SignatureState.UNVERIFIED, reason, is_timestamp=is_timestamp)


def overall_state(reports: Iterable[SignatureReport]) -> str:
    """Return the worst state among `reports`, or "unsigned". Time stamps sign for nobody: they count when broken."""
    counted = [each.state for each in reports if not each.is_timestamp or each.state is SignatureState.BROKEN]
    return max(counted, key=_FROM_BEST.index).value if counted else UNSIGNED


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What a PDF is. `is_encrypted`: it wants a password. `has_restrictions`: its writer forbids something.

    `active_content` names kinds, such as "javascript", "launch", "embedded_files", "open_action"; "unclear" where the
    file was too large or too deep to see all of it. `text` is of the first pages, None without a text layer.
    """

    is_readable: bool
    is_encrypted: bool = False
    has_restrictions: bool = False
    active_content: tuple[str, ...] = ()
    page_count: int | None = None
    title: str = ""
    text: str | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, object]:
        """Return the fields as JSON knows them, without the text: it is the person's, and nothing to keep."""
        fields = asdict(self)
        del fields["text"]
        return {**fields, "active_content": list(self.active_content)}

    @classmethod
    def from_json(cls, fields: dict[str, object]) -> PdfFacts:
        """Return the facts that `as_json` turned into `fields`. Raises TypeError or KeyError for anything else."""
        return cls(**{**fields, "active_content": tuple(fields["active_content"])})


@dataclass(frozen=True, slots=True)
class FileReport:
    """What an inspection found in a file. `is_examined` is False when it had to be given up; `reason` says why.

    `pdf` is None for other kinds of file; `text` is there for who inspects, and not part of the JSON.
    """

    is_examined: bool = True
    reason: str = ""
    pdf: PdfFacts | None = None
    signatures: tuple[SignatureReport, ...] = ()

    @property
    def signature_state(self) -> str:
        """The worst state among the signatures, or "unsigned"; "unknown" where nobody could look."""
        return overall_state(self.signatures) if self.is_examined else UNKNOWN

    @property
    def is_worth_another_try(self) -> bool:
        """Whether it was this machine that failed, and not the file that was too much."""
        return not self.is_examined and self.reason in (NOT_STARTED, NOT_READ, NO_TIME)

    @property
    def text(self) -> str | None:
        """The text of the first pages, None where there is none."""
        return self.pdf.text if self.pdf else None

    def with_text(self, text: str | None) -> FileReport:
        """Return the same report with `text` as that of its PDF."""
        return replace(self, pdf=replace(self.pdf, text=text)) if self.pdf else self

    def as_json(self) -> dict[str, object]:
        """Return all but the text as JSON knows it."""
        return {
            "is_examined": self.is_examined,
            "reason": self.reason,
            "pdf": self.pdf.as_json() if self.pdf else None,
            "signatures": [each.as_json() for each in self.signatures],
            "signature_state": self.signature_state,
        }

    @classmethod
    def from_json(cls, fields: dict[str, object]) -> FileReport:
        """Return the report that `as_json` turned into `fields`. Raises TypeError, KeyError or ValueError otherwise."""
        return cls(
            is_examined=fields["is_examined"],
            reason=fields["reason"],
            pdf=PdfFacts.from_json(fields["pdf"]) if fields["pdf"] else None,
            signatures=tuple(map(SignatureReport.from_json, fields["signatures"])),
        )
