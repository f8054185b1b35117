"""What a clerk or a citizen asks, is offered and chooses, and the proof of it."""

from . import (
    kho_dl_lookup,
    kho_dl_lookup_lifetime,
    kho_dl_lookup_document,
    kho_dl_lookup_candidate,
    kho_dl_lookup_remarks,
    kho_dl_lookup_asker,
    kho_dl_lookup_question,
    kho_dl_withdrawal,
    kho_dl_preview,
    kho_dl_preview_fetch,
    kho_dl_look,
    kho_dl_look_case,
    kho_dl_lookup_validity,
    proof_actions,
)
