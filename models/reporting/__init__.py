"""What is counted and told: indicators, demand, who asked for what and about whom."""

from . import (
    kho_dl_by_level,
    kho_dl_demand,
    kho_dl_audit_query,
    kho_dl_audit_total,
    kho_dl_audit_day,
    res_company_indicators,
    kho_dl_indicator_fact,
    kho_dl_indicator,
    kho_dl_indicator_case,
    kho_dl_unmet_need,
    count_lifetime,
    kho_dl_disclosure,
)
