"""What the libraries raise when a file was made to hurt them."""

from __future__ import annotations

import struct
import zlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko_certvalidator.errors import PathError, ValidationError
from pypdf.errors import DependencyError, PyPdfError

# Their own errors, then the ones that Python raises in code that trusts what a file says of itself. OSError is not
# among them: a disk that fails is not the file's fault.
HOSTILE = (
    PdfError,
    PyPdfError,
    DependencyError,
    PathError,
    ValidationError,
    InvalidSignature,
    UnsupportedAlgorithm,
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
