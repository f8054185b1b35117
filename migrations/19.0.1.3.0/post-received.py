def migrate(cr, version):
    """A case that began as a received one had no date of it, and so would count in no month's indicators."""
    cr.execute(
        """
        UPDATE kho_dl_case SET date_received = COALESCE(date_submitted, create_date)
         WHERE date_received IS NULL AND state IN ('2', '4', '9', '10')
        """
    )
