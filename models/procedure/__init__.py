"""Procedures, what they ask for and what they issue: the records that cases, mapping and the catalogue share."""

from . import (
    kho_dl_catalogued,
    kho_dl_sector,
    kho_dl_agency,
    kho_dl_result_code,
    kho_dl_procedure,
    kho_dl_procedure_document,
    kho_dl_procedure_variant,
)
