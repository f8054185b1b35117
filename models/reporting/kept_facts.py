"""What counts of a case for the office that received it for another one: what was there as it was handed over.

`kho.dl.handover` keeps it; before that it is what is there now. So nothing that the other office adds or takes off changes
the figures of who did its part. What that one chose itself and what comes after the handover is its work all the same.
"""

import re

from odoo.tools import SQL

from .indicators import CASE_FACTS, FACTS, FETCHED, INDICATORS, RECEIVING

_ASKED_FOR = " ".join(sql for one in INDICATORS if one.office == RECEIVING for sql in (one.counts, str(one.reasons)))
# Those of which an indicator of the receiving office is made.
KEPT = tuple(fact for fact in (*CASE_FACTS, *FACTS) if re.search(rf"\bfact\.{fact.name}\b", _ASKED_FOR))
# The month, too, is that of what was received.
KEPT_NAMES = ("month", "received_on", *(fact.name for fact in KEPT))
FILE = "kho_dl_retrieval"
# SQL: the files that came of those that one office chose in a case of another one.
FILES_CHOSEN = f"SELECT case_id, id, closed_on FROM {FILE} WHERE state = 'done' AND held_by_id <> company_id"
_HAS_COME_SINCE = f"""EXISTS (SELECT FROM ({FILES_CHOSEN} AND case_id = job.id AND held_by_id = job.receiving_company_id)
                                AS file WHERE file.closed_on >= handover.handed_over_on)"""
# Of the row of a case, that of who has handed it over; there is one at the most.
HANDOVER = SQL(
    """
    LEFT JOIN LATERAL (SELECT * FROM kho_dl_handover
                        WHERE case_id = job.id AND job.receiving_company_id <> job.company_id
                        ORDER BY id LIMIT 1) AS handover ON TRUE
    """
)


def kept_columns(values, month_of):
    """Return the SQL of the columns `kept_…`; empty where the office that decides received it. `values` are {fact: SQL}."""
    received = "COALESCE(handover.date_received, job.date_received)"
    kept = {
        "month": month_of(received),
        "received_on": received,
        **{
            fact.name: f"COALESCE(handover.{fact.name}, {values[fact.name]})"
            + (f" OR {_HAS_COME_SINCE}" if fact.name in FETCHED else "")
            for fact in KEPT
        },
    }
    return SQL(
        ", ".join(
            f"CASE WHEN job.receiving_company_id <> job.company_id THEN {kept[name]} END AS kept_{name}"
            for name in KEPT_NAMES
        )
    )


_COLUMNS = ("month", *(fact.name for fact in (*CASE_FACTS, *FACTS)))
# SQL: the facts as offices have them that decide about a case, and as those have them that received it for another one.
AS_DECIDING = SQL(
    """
    SELECT case_id, company_id, procedure_id, TRUE AS is_deciding, receiving_company_id IS NULL AS is_receiving, %s
      FROM kho_dl_indicator_fact
    """,
    SQL(", ".join(_COLUMNS)),
)
AS_RECEIVED = SQL(
    """
    SELECT case_id, receiving_company_id AS company_id, procedure_id, FALSE AS is_deciding, TRUE AS is_receiving, %s
      FROM kho_dl_indicator_fact
     WHERE receiving_company_id IS NOT NULL
    """,
    SQL(", ".join(f"kept_{name} AS {name}" if name in KEPT_NAMES else name for name in _COLUMNS)),
)


def keep(cr, current_facts, handovers=None):
    """Write what is there now into `handovers`, a list of ids, or into all that were made before this was kept."""
    names = [fact.name for fact in KEPT]
    cr.execute(
        SQL(
            """
            UPDATE kho_dl_handover kept SET (%(names)s) = ROW(%(values)s)
              FROM (%(current)s) AS current
             WHERE current.case_id = kept.case_id AND kept.%(first)s IS NULL AND %(which)s
            """,
            names=SQL(", ").join(map(SQL.identifier, names)),
            values=SQL(", ").join(SQL.identifier("current", f"kept_{name}") for name in names),
            current=current_facts,
            first=SQL.identifier(names[0]),
            which=SQL("TRUE") if handovers is None else SQL("kept.id = ANY(%s)", handovers),
        )
    )
