def migrate(cr, version):
    """Give contacts their numbers, and cases that ended without a result the day on which they did."""
    _give_numbers(cr)
    # Nearest to what is known of them: they were closed with their last change.
    cr.execute(
        "UPDATE kho_dl_case SET date_stopped = write_date WHERE state IN ('3', '7', '8') AND date_stopped IS NULL"
    )
    cr.execute(
        """
        UPDATE kho_dl_case SET supplement_on = write_date, supplement_count = 1
         WHERE state = '5' AND date_received IS NOT NULL AND supplement_on IS NULL
        """
    )


def _give_numbers(cr):
    """Give contacts the numbers that cases have for them: the newest of each length, where no two contacts have it."""
    cr.execute(
        r"""
        WITH typed AS (
            SELECT job.owner_id, split_part(company.parent_path, '/', 1)::int AS group_id, job.owner_id_number AS number,
                   max(job.id) AS newest
              FROM kho_dl_case AS job
              JOIN res_company AS company ON company.id = job.company_id
             -- One of 10 digits may be a citizen's that lost its zeros, unless somebody has said that it is none.
             WHERE (job.owner_id_number ~ '^([0-9]{9}|[0-9]{12}|[0-9]{10}-[0-9]{3})$'
                    OR (job.is_number_right AND job.owner_id_number ~ '^[0-9]{10}$'))
               AND job.owner_id_number !~ '^(0+[0-9]|([0-9])\2+)$'
             GROUP BY 1, 2, 3
        ), judged AS (
            SELECT *, count(*) OVER (PARTITION BY group_id, number) AS holders,
                   row_number() OVER (PARTITION BY group_id, owner_id, length(number) ORDER BY newest DESC) AS place
              FROM typed
        )
        INSERT INTO kho_dl_id_number (partner_id, company_id, number, create_uid, create_date, write_uid, write_date)
        SELECT owner_id, group_id, number, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
          FROM judged WHERE holders = 1 AND place = 1
            ON CONFLICT (company_id, number) DO NOTHING
        """
    )
