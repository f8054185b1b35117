"""Files that failed for a moment are tried again within a minute, so the queue is looked at every minute."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Change the interval of the queue's scheduled action, unless somebody chose another one."""
    cron = api.Environment(cr, SUPERUSER_ID, {}).ref("kho_dl.ir_cron_process", raise_if_not_found=False)
    if cron and (cron.interval_number, cron.interval_type) == (5, "minutes"):
        cron.interval_number = 1
