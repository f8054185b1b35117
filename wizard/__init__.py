from . import (
    kho_dl_audit_sheet,
    kho_dl_catalogue_import,
    kho_dl_compare_file,
    kho_dl_compare_seal,
    kho_dl_decide_file,
    kho_dl_digitise,
    kho_dl_demand_request,
    kho_dl_indicator_sheet,
    kho_dl_retrieve_wizard,
    kho_dl_retrieve_wizard_line,
    kho_dl_revoke_paper,
    kho_dl_why,
)
