"""Which security server an agency has, and who may ask ours."""

from . import (
    kho_dl_access_right,
    kho_dl_agency_succession,
    kho_dl_directory_refresh,
    kho_dl_security_server,
    kho_dl_succeeded,
    server_resolver,
)
