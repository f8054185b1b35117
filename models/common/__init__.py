"""What every other room builds on: access, queues, transactions, time, text, tables."""

from . import (
    kho_dl_guarded,
    kho_dl_cached,
    cron_budget,
    kho_dl_engine,
    kho_dl_recorded,
    kho_dl_placed,
    kho_dl_held,
    kho_dl_kept,
    kho_dl_search_name,
    kho_dl_coded,
    kho_dl_owner_number,
    kho_dl_queue,
    kho_dl_rate,
    kho_dl_traced,
    ir_http,
    mail_message,
    mail_thread,
    res_company,
    res_users,
    sql_log,
)
