"""Our own papers: how they enter, stay as they are, are given to others, and are checked by anybody."""

from . import (
    http_log,
    ir_attachment,
    ir_http,
    kho_dl_case_document_store,
    kho_dl_case_results,
    kho_dl_paper_owner,
    kho_dl_paper,
    kho_dl_paper_validity,
    kho_dl_paper_file,
    kho_dl_paper_guard,
    kho_dl_paper_import,
    kho_dl_paper_store,
    kho_dl_paper_mail,
    kho_dl_paper_publishing,
    kho_dl_serving,
    kho_dl_check,
    object_store,
)
