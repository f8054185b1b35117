from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.1.0."""
    _fill_in_closing_times(cr)
    _look_at_the_queue_every_minute(cr)
    _mark_closed_rows_as_told(cr)


def _fill_in_closing_times(cr):
    """Fill in when closed questions were closed, as far as they are not sealed yet.

    Questions of earlier versions had no closing time, which the order of seals and the retention go by.
    """
    cr.execute(
        """
        UPDATE kho_dl_query
           SET closed_on = asked_on + make_interval(secs => COALESCE(duration, 0)::float)
         WHERE outcome IS NOT NULL
           AND closed_on IS NULL
           AND COALESCE(chain_position, 0) = 0
        """
    )


def _look_at_the_queue_every_minute(cr):
    """Change the interval of the queue's scheduled action, unless somebody chose another one.

    Files that failed for a moment are tried again within a minute, so the queue is looked at every minute.
    """
    cron = api.Environment(cr, SUPERUSER_ID, {}).ref("kho_dl.ir_cron_process", raise_if_not_found=False)
    if cron and (cron.interval_number, cron.interval_type) == (5, "minutes"):
        cron.interval_number = 1


def _mark_closed_rows_as_told(cr):
    """Mark all closed rows as told.

    Nobody is told now about files that ended before there were notices.
    """
    cr.execute("UPDATE kho_dl_retrieval SET is_told = true WHERE state IN ('done', 'failed')")
