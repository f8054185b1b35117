"""Which national result a document of a procedure is."""

from . import (
    kho_dl_abbreviation,
    kho_dl_mapping,
    kho_dl_mapping_candidate,
    kho_dl_mapping_coverage,
    kho_dl_mapping_decision,
    kho_dl_mapping_desk,
    kho_dl_mapping_proposal,
)
