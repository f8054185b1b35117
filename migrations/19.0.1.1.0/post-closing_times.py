"""Questions of earlier versions had no closing time, which the order of seals and the retention go by."""


def migrate(cr, version):
    """Fill in when closed questions were closed, as far as they are not sealed yet."""
    cr.execute(
        """
        UPDATE kho_dl_query
           SET closed_on = asked_on + make_interval(secs => COALESCE(duration, 0)::float)
         WHERE outcome IS NOT NULL
           AND closed_on IS NULL
           AND COALESCE(chain_position, 0) = 0
        """
    )
