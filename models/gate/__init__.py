"""What a file must pass before it is on a case, and what was found in it."""

from . import (
    kho_dl_file_findings,
    kho_dl_file_check,
    kho_dl_file_kind,
    kho_dl_trust_certificate,
)
