from . import kho_dl_case
