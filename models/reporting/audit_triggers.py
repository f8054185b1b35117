"""What PostgreSQL does by itself, so that the totals of a clerk's day are those of the journal at every moment.

See `kept_by_triggers.py`. A question or a file that is new, or changed in what counts, has the day of its clerk counted
anew, by index: some hundred rows at most. The total is written also when it comes out the same: two transactions
that change one clerk's day do not see each other, so the second must fail, and is run again on what the first one left.
"""

from odoo.tools import SQL

from ..common import kept_by_triggers
from ..common.kho_dl_held import office_of
from .kho_dl_audit_query import DAY_ASKED, DAY_SELECTED

# Outside these hours, and on Saturday and Sunday, nobody need ask anything.
OFFICE_HOURS = (7, 18)
_PREFIX = "kho_dl_audit"
# Of each watched table, the rows of `changed` that count, with what counts of them.
_WATCHED = {
    "kho_dl_query": f"""
        SELECT {office_of()} AS company_id, user_id, {DAY_ASKED} AS day, id, asked_on, case_id, person_of_day, was_case_closed, was_own_number
          FROM changed
    """,
    # What an administrator tried again, no clerk selected on that day.
    "kho_dl_retrieval": f"""
        SELECT {office_of()} AS company_id, user_id, {DAY_SELECTED} AS day, id FROM changed WHERE retried_by_id IS NULL
    """,
}
_COUNTS = (
    "question_count",
    "person_count",
    "case_count",
    "off_hours_count",
    "closed_case_count",
    "own_count",
    "file_count",
)
_NAMES = SQL(", ").join(map(SQL.identifier, _COUNTS))
_SAME_KEY = SQL(
    "(%s) = (%s)", SQL("kept.company_id, kept.user_id, kept.day"), SQL("fresh.company_id, fresh.user_id, fresh.day")
)

_FILES = SQL(
    """
    SELECT COUNT(*)::integer AS file_count
      FROM kho_dl_retrieval retrieval
     WHERE retrieval.user_id = wanted.user_id AND %(office)s = wanted.company_id
       AND %(day)s = wanted.day AND retrieval.retried_by_id IS NULL
    """,
    office=SQL(office_of("retrieval.")),
    day=SQL(DAY_SELECTED),
)
# Of the days `wanted` (company_id, user_id, day).
_CURRENT = SQL(
    """
    SELECT wanted.company_id, wanted.user_id, wanted.day, asked.*, selected.*
      FROM wanted
     CROSS JOIN LATERAL (
           SELECT COUNT(*)::integer AS question_count,
                  COUNT(DISTINCT person_of_day)::integer AS person_count,
                  COUNT(DISTINCT case_id)::integer AS case_count,
                  COUNT(*) FILTER (WHERE EXTRACT(ISODOW FROM moment) > 5
                                      OR moment::time < MAKE_TIME(%(opens)s, 0, 0)
                                      OR moment::time >= MAKE_TIME(%(closes)s, 0, 0))::integer AS off_hours_count,
                  COUNT(*) FILTER (WHERE was_case_closed)::integer AS closed_case_count,
                  COUNT(*) FILTER (WHERE was_own_number)::integer AS own_count
             FROM (SELECT *, asked_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh' AS moment
                     FROM kho_dl_query) AS query
            WHERE query.user_id = wanted.user_id AND %(office_asked)s = wanted.company_id
              AND %(day_asked)s = wanted.day) AS asked
     CROSS JOIN LATERAL (%(files)s) AS selected
    """,
    opens=OFFICE_HOURS[0],
    closes=OFFICE_HOURS[1],
    day_asked=SQL(DAY_ASKED),
    office_asked=SQL(office_of("query.")),
    files=_FILES,
)


def _row(table):
    return SQL("ROW(%s)", SQL(", ").join(SQL.identifier(table, name) for name in _COUNTS))


# What is there is changed in its place: an insert that turns out to be an update would use up a number each time.
_KEEP = SQL(
    """
    , gone AS (
        DELETE FROM kho_dl_audit_total kept USING fresh
         WHERE %(same_key)s AND fresh.question_count = 0 AND fresh.file_count = 0
    ), changed AS (
        UPDATE kho_dl_audit_total kept SET (%(names)s) = %(fresh)s
          FROM fresh
         WHERE %(same_key)s AND (fresh.question_count > 0 OR fresh.file_count > 0)
     RETURNING kept.company_id, kept.user_id, kept.day
    )
    INSERT INTO kho_dl_audit_total (company_id, user_id, day, %(names)s)
    SELECT company_id, user_id, day, %(names)s
      FROM fresh
     WHERE (question_count > 0 OR file_count > 0)
       AND (company_id, user_id, day) NOT IN (SELECT company_id, user_id, day FROM changed)
     ORDER BY company_id, user_id, day
        ON CONFLICT (user_id, company_id, day) DO UPDATE SET (%(names)s) = %(excluded)s
    """,
    same_key=_SAME_KEY,
    names=_NAMES,
    fresh=_row("fresh"),
    excluded=_row("excluded"),
)

_COUNT_FUNCTION = SQL(
    """
    CREATE OR REPLACE FUNCTION kho_dl_audit_count(companies integer[], users integer[], days date[])
        RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            WITH wanted AS (SELECT * FROM unnest(companies, users, days) AS key(company_id, user_id, day)),
                 fresh AS MATERIALIZED (%(current)s)
            %(keep)s;
        END $$;

    -- Of a day on which the clerk asked, as ever, the questions are as they were: they are many more rows to look at.
    CREATE OR REPLACE FUNCTION kho_dl_audit_count_files(companies integer[], users integer[], days date[])
        RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            WITH wanted AS (SELECT * FROM unnest(companies, users, days) AS key(company_id, user_id, day)),
                 fresh AS (SELECT wanted.*, selected.* FROM wanted CROSS JOIN LATERAL (%(files)s) AS selected),
                 counted AS (
                     UPDATE kho_dl_audit_total kept SET file_count = fresh.file_count
                       FROM fresh
                      WHERE %(same_key)s AND kept.question_count > 0
                  RETURNING kept.company_id, kept.user_id, kept.day
                 )
            SELECT array_agg(company_id), array_agg(user_id), array_agg(day)
              INTO companies, users, days
              FROM (SELECT * FROM wanted EXCEPT SELECT * FROM counted) AS left_over;
            IF companies IS NOT NULL THEN
                PERFORM kho_dl_audit_count(companies, users, days);
            END IF;
        END $$
    """,
    current=_CURRENT,
    keep=_KEEP,
    files=_FILES,
    same_key=_SAME_KEY,
)
_COUNTING = {"kho_dl_query": "kho_dl_audit_count", "kho_dl_retrieval": "kho_dl_audit_count_files"}


def _watching(table):
    """Return the SQL of the trigger function of `table`."""
    changed = _WATCHED[table]
    return SQL(
        """
        CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            companies integer[];
            users integer[];
            days date[];
        BEGIN
            IF TG_OP = 'INSERT' THEN
                SELECT %(keys)s INTO companies, users, days FROM (%(distinct)s (%(new)s) AS was) AS key;
            ELSIF TG_OP = 'DELETE' THEN
                SELECT %(keys)s INTO companies, users, days FROM (%(distinct)s (%(old)s) AS was) AS key;
            ELSE
                SELECT %(keys)s INTO companies, users, days
                  FROM (%(distinct)s ((%(new)s EXCEPT %(old)s) UNION ALL (%(old)s EXCEPT %(new)s)) AS was) AS key;
            END IF;
            IF companies IS NOT NULL THEN
                PERFORM %(count)s(companies, users, days);
            END IF;
            RETURN NULL;
        END $$
        """,
        name=SQL.identifier(kept_by_triggers.name_of_watch(_PREFIX, table)),
        count=SQL.identifier(_COUNTING[table]),
        keys=SQL("array_agg(company_id), array_agg(user_id), array_agg(day)"),
        distinct=SQL("SELECT DISTINCT company_id, user_id, day FROM"),
        new=SQL(_renamed(changed, "new_rows")),
        old=SQL(_renamed(changed, "old_rows")),
    )


def _renamed(changed, rows):
    return changed.replace("FROM changed", f"FROM {rows}")


def install(cr):
    """Make the functions and triggers; those of an earlier version go."""
    kept_by_triggers.install(cr, _PREFIX, _COUNT_FUNCTION, {table: _watching(table) for table in _WATCHED})


def remove(cr):
    """Take functions and triggers away, for who removes the add-on."""
    kept_by_triggers.remove(cr, _PREFIX)


def is_outdated(day):
    """Return the SQL of whether counts of `day` are older than `company` keeps them."""
    return SQL(
        """
        (COALESCE(company.kho_dl_count_days, 0) > 0
         AND %s < (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - COALESCE(company.kho_dl_count_days, 0))
        """,
        day,
    )


def first_day(cr):
    """Return the first day of which anything is known; None where there is none."""
    cr.execute(
        SQL(
            """
            SELECT LEAST((SELECT MIN(%s) FROM kho_dl_query), (SELECT MIN(%s) FROM kho_dl_retrieval),
                         (SELECT MIN(day) FROM kho_dl_audit_total))
            """,
            SQL(DAY_ASKED),
            SQL(DAY_SELECTED),
        )
    )
    return cr.fetchone()[0]


def count_between(cr, first, last):
    """Count the days from `first` to `last` (dates, both included, or None) anew; write only totals that are wrong."""
    bounds = SQL("BETWEEN %s::date AND %s::date", first or "-infinity", last or "infinity")
    cr.execute(
        SQL(
            """
            WITH known AS (
                SELECT %(office)s AS company_id, user_id, %(day_asked)s AS day FROM kho_dl_query WHERE %(day_asked)s %(bounds)s
                 UNION
                SELECT %(office)s, user_id, %(day_selected)s FROM kho_dl_retrieval WHERE %(day_selected)s %(bounds)s
                 UNION
                SELECT company_id, user_id, day FROM kho_dl_audit_total WHERE day %(bounds)s
            ), wanted AS (
                SELECT known.* FROM known JOIN res_company company ON company.id = known.company_id WHERE NOT %(is_outdated)s
            ), fresh AS MATERIALIZED (
                SELECT current.*
                  FROM (%(current)s) AS current
                  LEFT JOIN kho_dl_audit_total kept USING (company_id, user_id, day)
                 WHERE kept.id IS NULL OR %(kept_row)s IS DISTINCT FROM %(current_row)s
            ) %(keep)s
            """,
            office=SQL(office_of()),
            day_asked=SQL(DAY_ASKED),
            day_selected=SQL(DAY_SELECTED),
            bounds=bounds,
            is_outdated=is_outdated(SQL("known.day")),
            current=_CURRENT,
            kept_row=_row("kept"),
            current_row=_row("current"),
            keep=_KEEP,
        )
    )
