def migrate(cr, version):
    """A case that began past a step has the dates of it now: those of before get what this version would have given.

    What somebody said stays; no step is later than the next one that is said; of the rest it is known that it was
    over when the case was made.
    """
    cr.execute(
        """
        UPDATE kho_dl_case
           SET date_received = COALESCE(
                   date_received, LEAST(date_submitted, date_finished, date_returned), create_date
               ),
               date_finished = CASE WHEN state IN ('9', '10') THEN COALESCE(
                   date_finished, date_returned, GREATEST(create_date, date_received, date_submitted)
               ) ELSE date_finished END,
               date_returned = CASE WHEN state = '10' THEN COALESCE(
                   date_returned, GREATEST(create_date, date_finished, date_received, date_submitted)
               ) ELSE date_returned END
         WHERE state IN ('2', '4', '9', '10')
           AND (date_received IS NULL
                OR (state IN ('9', '10') AND date_finished IS NULL)
                OR (state = '10' AND date_returned IS NULL))
        """
    )
