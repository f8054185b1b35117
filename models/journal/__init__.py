"""What was asked, given and decided, sealed row by row, and how the chain of seals is checked."""

from . import (
    kho_dl_journal,
    kho_dl_journal_retention,
    kho_dl_journal_chain,
    kho_dl_journal_check,
    kho_dl_journal_round,
    kho_dl_file_decision,
    kho_dl_case_decision,
    kho_dl_journal_head,
)
