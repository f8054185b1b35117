"""Who a citizen with a login is, and what they are told of what we have about their own verified number."""

from . import (
    kho_dl_citizen,
    kho_dl_citizen_paper,
    kho_dl_citizen_case,
    kho_dl_citizen_data,
    res_partner,
)
