"""Every way in which a certified copy cannot be made, typed once. No message holds a password or content."""

from __future__ import annotations

import struct
import zlib

from pypdf.errors import DependencyError, PyPdfError

# What pypdf raises on broken files, and Python in code that trusts what a file says of itself.
BROKEN = (
    PyPdfError,
    DependencyError,
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


class SealingError(Exception):
    """Base of all errors of this package."""


class UnreadableScan(SealingError):
    """A file is no PDF or image that can be read, or it is larger than anybody's paper."""


class EncryptedScan(SealingError):
    """A PDF wants a password."""


class SignedScan(SealingError):
    """A PDF is signed: a mark on it would break the signature, and it needs no certifying."""


class ScanTooMuch(SealingError):
    """A scan took more time or memory than one copy may take."""


class WorkshopBroken(SealingError):
    """The process that makes copies does not work; no fault of the scan. `kind` is the name of what it died of."""

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
