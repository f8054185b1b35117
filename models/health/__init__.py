"""Whether all of it works, and who is told where it does not."""

from . import (
    kho_dl_alike,
    kho_dl_alarm,
    kho_dl_alarm_offices,
    kho_dl_health,
    checks,
    kho_dl_health_agency,
    kho_dl_health_failure,
    kho_dl_health_offices,
    kho_dl_health_settings,
    kho_dl_support,
    statistics,
)
