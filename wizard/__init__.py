from . import (
    kho_dl_catalogue_import,
    kho_dl_compare_file,
    kho_dl_digitise,
    kho_dl_demand_request,
    kho_dl_retrieve_wizard,
    kho_dl_retrieve_wizard_document,
    kho_dl_retrieve_wizard_follow,
    kho_dl_retrieve_wizard_line,
    kho_dl_retrieve_wizard_remarks,
    kho_dl_revoke_paper,
    kho_dl_why,
)
