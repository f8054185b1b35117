"""What the portal is told of cases and papers, in order."""

from . import (
    kho_dl_outbox,
    kho_dl_outbox_lengths,
    kho_dl_case_message,
    kho_dl_outbox_queue,
    kho_dl_outbox_steps,
    kho_dl_outbox_ending,
    kho_dl_outbox_case,
    kho_dl_outbox_links,
    kho_dl_outbox_lifetime,
    res_partner,
)
