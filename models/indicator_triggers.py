"""What PostgreSQL does by itself, so that the facts of the indicators are those of the cases at every moment.

A trigger and no hook of the ORM: whatever changes a case, a document, a paper or a message, in whichever way, changes the
facts in the same transaction. It fires once a statement, however many rows that touches.
"""

from odoo.tools import SQL

# Tables whose rows say something about a case, and the column with the case.
_WATCHED = (
    ("kho_dl_case", "id", ("INSERT", "UPDATE")),
    ("kho_dl_case_document", "case_id", ("INSERT", "UPDATE", "DELETE")),
    ("kho_dl_paper", "case_id", ("INSERT", "UPDATE", "DELETE")),
    ("kho_dl_outbox", "case_id", ("INSERT", "UPDATE", "DELETE")),
)
_TRANSITIONS = {
    "INSERT": SQL("NEW TABLE AS new_rows"),
    "UPDATE": SQL("OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    "DELETE": SQL("OLD TABLE AS old_rows"),
}
_FACTS = ("company_id", "procedure_id", "month", "has_result", "has_file", "has_reuse", "has_national", "is_told")

# A paper in the store has its files (`kho.dl.paper.action_enter`), also when it was replaced or revoked later: the case did
# end with an electronic result. A document has a `source` as long as it has files.
_CURRENT_FACTS = SQL(
    """
    SELECT job.id AS case_id, job.company_id, job.procedure_id,
           date_trunc('month', job.date_received AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
           EXISTS (SELECT FROM kho_dl_paper paper
                    WHERE paper.case_id = job.id AND paper.state <> 'draft') AS has_result,
           EXISTS (SELECT FROM kho_dl_case_document document
                    WHERE document.case_id = job.id AND document.source IS NOT NULL) AS has_file,
           EXISTS (SELECT FROM kho_dl_case_document document
                    WHERE document.case_id = job.id AND document.source IN ('local', 'national')) AS has_reuse,
           EXISTS (SELECT FROM kho_dl_case_document document
                    WHERE document.case_id = job.id AND document.source = 'national') AS has_national,
           EXISTS (SELECT FROM kho_dl_paper paper
                     JOIN kho_dl_outbox message ON message.case_id = paper.case_id
                      AND message.kind = 'case' AND message.state = 'accepted'
                      AND message.closed_on >= paper.entered_on
                    WHERE paper.case_id = job.id AND paper.state <> 'draft') AS is_told
      FROM kho_dl_case job
     WHERE job.date_received IS NOT NULL
    """
)


def _columns(table):
    return SQL(", ").join(SQL.identifier(table, name) for name in _FACTS)


# A fact has the id of its case, so that counting anew uses up no numbers. What stays the same is not written: two
# colleagues at work on one case are not in each other's way.
_KEEP = SQL(
    """
    INSERT INTO kho_dl_indicator_fact (id, case_id, %(names)s)
    SELECT case_id, * FROM facts
        ON CONFLICT (id) DO UPDATE SET (%(names)s) = ROW(%(fresh)s)
     WHERE ROW(%(kept)s) IS DISTINCT FROM ROW(%(fresh)s)
    """,
    names=SQL(", ").join(map(SQL.identifier, _FACTS)),
    fresh=_columns("excluded"),
    kept=_columns("kho_dl_indicator_fact"),
)

_COUNT_FUNCTION = SQL(
    """
    CREATE OR REPLACE FUNCTION kho_dl_indicator_count(cases integer[]) RETURNS void LANGUAGE sql AS $$
        DELETE FROM kho_dl_indicator_fact fact
         USING kho_dl_case job
         WHERE job.id = fact.case_id AND job.id = ANY (cases) AND job.date_received IS NULL;
        WITH facts AS (%s AND job.id = ANY (cases)) %s;
    $$
    """,
    _CURRENT_FACTS,
    _KEEP,
)

_TRIGGER_FUNCTION = SQL(
    """
    CREATE OR REPLACE FUNCTION kho_dl_indicator_watch() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        held_in text := quote_ident(TG_ARGV[0]);
        cases integer[];
    BEGIN
        IF TG_OP = 'INSERT' THEN
            EXECUTE 'SELECT array_agg(DISTINCT ' || held_in || ') FROM new_rows' INTO cases;
        ELSIF TG_OP = 'DELETE' THEN
            EXECUTE 'SELECT array_agg(DISTINCT ' || held_in || ') FROM old_rows' INTO cases;
        ELSE
            EXECUTE 'SELECT array_agg(id) FROM (SELECT ' || held_in || ' AS id FROM old_rows UNION SELECT '
                    || held_in || ' FROM new_rows) AS touched' INTO cases;
        END IF;
        IF cases IS NOT NULL THEN
            PERFORM kho_dl_indicator_count(cases);
        END IF;
        RETURN NULL;
    END $$
    """
)


def install(cr):
    """Make the functions and triggers; those of an earlier version are replaced."""
    cr.execute(_COUNT_FUNCTION)
    cr.execute(_TRIGGER_FUNCTION)
    for table, column, events in _WATCHED:
        for event in events:
            cr.execute(
                SQL(
                    """
                    CREATE OR REPLACE TRIGGER %(name)s AFTER %(event)s ON %(table)s REFERENCING %(transition)s
                        FOR EACH STATEMENT EXECUTE FUNCTION kho_dl_indicator_watch(%(column)s)
                    """,
                    name=SQL.identifier(f"kho_dl_indicator_{event.lower()}"),
                    event=SQL(event),
                    table=SQL.identifier(table),
                    transition=_TRANSITIONS[event],
                    column=column,
                )
            )


def remove(cr):
    """Take functions and triggers away, for who removes the add-on."""
    cr.execute("DROP FUNCTION IF EXISTS kho_dl_indicator_watch() CASCADE")
    cr.execute("DROP FUNCTION IF EXISTS kho_dl_indicator_count(integer[])")


def count_all(cr):
    """Count every case anew; return how many facts were not as they should be."""
    cr.execute(
        """
        DELETE FROM kho_dl_indicator_fact fact
         USING kho_dl_case job
         WHERE job.id = fact.case_id AND job.date_received IS NULL
        """
    )
    wrong = cr.rowcount
    cr.execute(SQL("WITH facts AS (%s) %s", _CURRENT_FACTS, _KEEP))
    return wrong + cr.rowcount
