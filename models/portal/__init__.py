"""Who a citizen with a login is, for which businesses they may act, and what they are told of what we have about them."""

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
    kho_dl_mandate,
    kho_dl_citizen_business,
    res_partner,
    auth_oauth_provider,
    res_users,
    kho_dl_sign_in,
)
