"""Who a citizen with a login is, and what they are told of what we have about their own verified number."""

from . import (
    kho_dl_citizen,
    kho_dl_citizen_paper,
    kho_dl_citizen_case,
    kho_dl_citizen_data,
    kho_dl_citizen_procedure,
    kho_dl_citizen_draft,
    kho_dl_citizen_ways,
    kho_dl_citizen_lookup,
    kho_dl_citizen_submit,
    kho_dl_citizen_receipt,
    kho_dl_citizen_mail,
    res_partner,
)
