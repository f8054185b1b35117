"""An acceptance run: every call against the configured server, step by step, for the two sides to sign."""

from . import (
    kho_dl_acceptance,
    kho_dl_acceptance_step,
    kho_dl_acceptance_probe,
    kho_dl_acceptance_run,
)
