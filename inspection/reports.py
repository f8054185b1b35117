"""What an inspection found, as facts that turn into plain JSON. No bytes, and no text of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum


class SignatureState(str, Enum):
    """What a signature is worth, the best first."""

    VALID = "valid"
    UNKNOWN_SIGNER = "unknown_signer"
    EXPIRED = "expired"
    REVOKED = "revoked"
    BROKEN = "broken"


class Change(str, Enum):
    """What happened to a file after it was signed; ALLOWED is another signature, a filled form, revocation data."""

    NO = "no"
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


UNSIGNED = "unsigned"
_FROM_BEST = list(SignatureState)


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature of a PDF.

    `signer` and `issuer` are common names, or organisations. `signed_on` is ISO 8601 in UTC; only when `is_time_proven`
    somebody trusted vouches for it. `is_intact`: the signed bytes and the signature over them are right. `is_timestamp`:
    a time stamp over the whole file, which names no signer. `reason` is technical English without personal data.
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


def overall_state(reports: Iterable[SignatureReport]) -> str:
    """Return the worst state among `reports`, or "unsigned". Time stamps sign for nobody: they count when broken."""
    counted = [each.state for each in reports if not each.is_timestamp or each.state is SignatureState.BROKEN]
    return max(counted, key=_FROM_BEST.index).value if counted else UNSIGNED
