"""Every way in which something cannot be made of files, typed once. No message holds a password or content."""

from __future__ import annotations

import struct
import sys
import zlib

# What Python raises in code that trusts what a file says of itself.
_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    UnboundLocalError,  # an older pypdf, where it meets what it did not foresee
    ArithmeticError,
    AssertionError,
    RuntimeError,  # RecursionError and NotImplementedError, too
    EOFError,
    struct.error,
    zlib.error,
)


def broken() -> tuple[type[Exception], ...]:
    """Return that, and what pypdf raises on broken files; who has no use for it need not wait until it is there."""
    errors = sys.modules.get("pypdf.errors")
    return (errors.PyPdfError, errors.DependencyError, *_BROKEN) if errors else _BROKEN


class SealingError(Exception):
    """Base of all errors of this package; `number` is that of the file at fault, from 1, 0 where it is not known."""

    number = 0


class UnreadableScan(SealingError):
    """A file is no PDF or image that can be read, or it is larger than anybody's paper."""


class EncryptedScan(SealingError):
    """A PDF wants a password."""


class SignedScan(SealingError):
    """A PDF is signed: a mark on it would break the signature, and it needs no certifying."""


class ScanTooMuch(SealingError):
    """A file took more time or memory than one may take, or has more pages or pixels than anybody's."""


class PhotoKindUnknown(SealingError):
    """A photo is of the kind HEIC, for which this machine has no library (`pi-heif`)."""


class WorkshopBusy(SealingError):
    """Others had so much to be made that this did not come to its turn."""


class WorkshopBroken(SealingError):
    """The child process does not work; no fault of the scan. `kind` is the name of what it died of."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the process that makes copies ended: {kind}")
        self.kind = kind


class KeyUnusable(SealingError):
    """The key file is none, or holds no certificate with its key."""


class KeyMissing(KeyUnusable):
    """There is no key file at all."""


class PasswordWrong(KeyUnusable):
    """The password does not open the key file."""


class CertificateOver(SealingError):
    """The certificate is not valid at the moment; `until` (aware datetime) is the end of its validity."""

    def __init__(self, until):
        super().__init__("the certificate is not valid now")
        self.until = until


class CertificateNotForSigning(SealingError):
    """The certificate's key usage allows neither signatures nor commitments."""
