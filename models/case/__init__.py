"""Cases, what they ask for, and whose they are."""

from . import (
    kho_dl_case,
    kho_dl_case_dates,
    kho_dl_case_steps,
    kho_dl_case_document,
    kho_dl_case_draft,
    kho_dl_case_part,
    kho_dl_case_fee,
    kho_dl_case_supplement,
    kho_dl_case_document_badges,
    kho_dl_case_document_files,
    kho_dl_case_id_number,
    kho_dl_case_account,
    kho_dl_case_mixin,
    kho_dl_case_officer,
    kho_dl_case_owner,
    kho_dl_case_variant,
    res_partner,
    kho_dl_id_number,
    res_partner_id_number,
    res_partner_organisation,
)
