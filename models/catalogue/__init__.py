"""How procedures follow the national catalogue, by its service or by a table."""

from . import (
    kho_dl_catalogue_change,
    kho_dl_catalogue_sync,
    kho_dl_catalogue_ending,
    kho_dl_catalogue_reading,
    kho_dl_catalogue_export,
    kho_dl_catalogue_merge,
    kho_dl_catalogue_documents,
)
