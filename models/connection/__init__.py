"""How this company reaches the national portal and others: settings, accounts, who does not answer, and which database may speak."""

from . import (
    kho_dl_breaker,
    kho_dl_breaker_read,
    kho_dl_database,
    kho_dl_gateway,
    kho_dl_missing_right,
    kho_dl_reachability,
    kho_dl_reachability_line,
    kho_dl_token,
    res_company,
    res_company_calls,
    res_company_serving,
    res_company_branches,
    res_company_secrets,
    res_config_settings,
    res_config_settings_branches,
    res_company_limits,
)
