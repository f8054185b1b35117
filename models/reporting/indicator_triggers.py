"""What PostgreSQL does by itself, so that the facts of the indicators are those of the cases at every moment.

See `kept_by_triggers.py`: whatever changes a case, a document, a paper or a message changes the facts with it.

Two transactions that each change what counts of one case do not see each other's change, so neither could count rightly.
So a case that was changed in what counts has its fact written, also when that comes out the same: the second transaction
then fails with a SerializationFailure, and Odoo runs it again on what the first one left. For that every case has a fact,
that of a case that is not received without a month. What does not count, such as the number on a document, neither
locks nor writes a fact.
"""

from odoo.tools import SQL

from ..common import kept_by_triggers
from . import kept_facts
from .indicators import CASE_FACTS, DOCUMENT_FACTS, FACTS, SOURCES

# Of each watched table, the rows of `changed` that count, with what counts of them; the first column is the case.
_WATCHED = {
    "kho_dl_case": f"SELECT id, {', '.join(SOURCES['kho.dl.case'])} FROM changed",
    # Where the document goes with its file, its own trigger counts the case.
    "kho_dl_case_document_attachment_rel": """
        SELECT document.case_id, document.id, changed.attachment_id
          FROM changed JOIN kho_dl_case_document document ON document.id = changed.case_document_id
         WHERE document.source IS NOT NULL
    """,
    kept_facts.FILE: kept_facts.FILES_CHOSEN.replace(kept_facts.FILE, "changed"),
}
for _table in dict.fromkeys(fact.table for fact in FACTS):
    _wheres = [f"({fact.where})" for fact in FACTS if fact.table == _table]
    _WATCHED[_table] = f"""
        SELECT case_id, id, {", ".join(_wheres)} FROM changed WHERE case_id IS NOT NULL AND ({" OR ".join(_wheres)})
    """
_PREFIX = "kho_dl_indicator"
_FACTS = (
    *("company_id", "receiving_company_id", "procedure_id", "month"),
    *(fact.name for fact in (*CASE_FACTS, *FACTS)),
    *(f"kept_{name}" for name in kept_facts.KEPT_NAMES),
)
_NAMES = SQL(", ").join(map(SQL.identifier, _FACTS))


def _month_of(moment):
    return f"date_trunc('month', {moment} AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"


_VALUES = {
    **{fact.name: fact.sql for fact in CASE_FACTS},
    **{
        fact.name: f"filed.{fact.name} IS TRUE"
        if fact in DOCUMENT_FACTS
        else f"EXISTS (SELECT FROM {fact.table} WHERE case_id = job.id AND ({fact.where}))"
        for fact in FACTS
    },
}
# A document keeps its `source` where SQL takes its files away, so both are looked at.
_CURRENT_FACTS = SQL(
    """
    SELECT job.id AS case_id, job.company_id,
           NULLIF(job.receiving_company_id, job.company_id) AS receiving_company_id, job.procedure_id,
           %(month)s AS month, %(facts)s, %(kept)s
      FROM kho_dl_case job
     CROSS JOIN LATERAL (
           SELECT %(of_documents)s
             FROM kho_dl_case_document document
            WHERE document.case_id = job.id AND document.source IS NOT NULL
              AND EXISTS (SELECT FROM kho_dl_case_document_attachment_rel file
                           WHERE file.case_document_id = document.id)) AS filed
      %(handover)s
    """,
    month=SQL(_month_of("job.date_received")),
    of_documents=SQL(", ").join(SQL(f"BOOL_OR({fact.where}) AS {fact.name}") for fact in DOCUMENT_FACTS),
    facts=SQL(", ".join(f"{sql} AS {name}" for name, sql in _VALUES.items())),
    kept=kept_facts.kept_columns(_VALUES, _month_of),
    handover=kept_facts.HANDOVER,
)


def _row(table):
    return SQL("ROW(%s)", SQL(", ").join(SQL.identifier(table, name) for name in _FACTS))


# A fact has the id of its case, so that counting anew uses up no numbers. In the order of ids, so that two who write
# several facts wait for each other and do not lock each other out.
_KEEP = SQL(
    """
    INSERT INTO kho_dl_indicator_fact (id, case_id, %(names)s)
    SELECT case_id, * FROM fresh ORDER BY case_id
        ON CONFLICT (id) DO UPDATE SET (%(names)s) = %(excluded)s
    """,
    names=_NAMES,
    excluded=_row("excluded"),
)

# Joined to the numbers: one case and a million of them are looked up in the same way, by index. PostgreSQL plans it anew at
# each call, which takes longer than counting one case: a plan that is kept would rest on how large the tables once were.
_COUNT_FUNCTION = SQL(
    """
    CREATE OR REPLACE FUNCTION kho_dl_indicator_count(cases integer[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            WITH fresh AS (%s JOIN unnest(cases) AS wanted(id) ON wanted.id = job.id) %s;
        END $$
    """,
    _CURRENT_FACTS,
    _KEEP,
)


def _watching(table):
    """Return the SQL of the trigger function of `table`."""
    changed = _WATCHED[table]
    return SQL(
        """
        CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            cases integer[];
        BEGIN
            IF TG_OP = 'INSERT' THEN
                cases := ARRAY(SELECT DISTINCT was.case_id FROM (%(new)s) AS was(case_id));
            ELSIF TG_OP = 'DELETE' THEN
                cases := ARRAY(SELECT DISTINCT was.case_id FROM (%(old)s) AS was(case_id));
            ELSE
                cases := ARRAY(SELECT DISTINCT was.case_id
                                 FROM ((%(new)s EXCEPT %(old)s) UNION ALL (%(old)s EXCEPT %(new)s)) AS was(case_id));
            END IF;
            IF cases <> '{}' THEN
                PERFORM kho_dl_indicator_count(cases);
            END IF;
            RETURN NULL;
        END $$
        """,
        name=SQL.identifier(kept_by_triggers.name_of_watch(_PREFIX, table)),
        new=SQL(changed.replace("changed", "new_rows")),
        old=SQL(changed.replace("changed", "old_rows")),
    )


def install(cr):
    """Make the functions and triggers; those of an earlier version go. Return whether what counts is another than before."""
    return kept_by_triggers.install(cr, _PREFIX, _COUNT_FUNCTION, {table: _watching(table) for table in _WATCHED})


def remove(cr):
    """Take functions and triggers away, for who removes the add-on."""
    kept_by_triggers.remove(cr, _PREFIX)


def keep(cr, handovers=None):
    """Keep in `handovers`, a list of ids, what is there now of their cases; in all where nobody has, without it."""
    kept_facts.keep(cr, _CURRENT_FACTS, handovers)


def count_some(cr, after, limit):
    """Count up to `limit` cases with ids above `after` anew; return (facts that were wrong, last id).

    Only wrong facts are written, and so locked. The last id is None where no case is left.
    """
    cr.execute("SELECT id FROM kho_dl_case WHERE id > %s ORDER BY id OFFSET %s LIMIT 1", [after, limit - 1])
    [last] = cr.fetchone() or [None]
    return _count_between(cr, after, last), last


def count_all(cr):
    """Count every case anew; return how many facts were not as they should be."""
    return _count_between(cr, 0, None)


def _count_between(cr, after, last):
    # To the end also the facts of cases above the last one: those cases are gone.
    bounds = SQL("BETWEEN %s AND %s", after + 1, last or 2**31 - 1)
    cr.execute(
        SQL(
            """
            DELETE FROM kho_dl_indicator_fact fact
             WHERE fact.id %s AND NOT EXISTS (SELECT FROM kho_dl_case job WHERE job.id = fact.case_id)
            """,
            bounds,
        )
    )
    gone = cr.rowcount
    cr.execute(
        SQL(
            """
            WITH fresh AS (
                SELECT current.*
                  FROM (%(current)s WHERE job.id %(bounds)s) AS current
                  LEFT JOIN kho_dl_indicator_fact kept ON kept.id = current.case_id
                 WHERE kept.id IS NULL OR %(kept_row)s IS DISTINCT FROM %(current_row)s
            ) %(keep)s
            """,
            current=_CURRENT_FACTS,
            bounds=bounds,
            kept_row=_row("kept"),
            current_row=_row("current"),
            keep=_KEEP,
        )
    )
    return gone + cr.rowcount
