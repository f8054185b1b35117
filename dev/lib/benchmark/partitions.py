"""What PostgreSQL's partitions by month cost and bring: the journal of files beside a copy of it that is parted so.

`./dev/years --partitions` runs this file in `odoo shell`, on a database that is thrown away.
"""

import re
import statistics
import time

_PLAIN, _PARTED = "kho_dl_retrieval", "parted"
_MAKE = f"""
    CREATE TABLE {_PARTED} (LIKE {_PLAIN}) PARTITION BY RANGE (create_date);
    DO $$
    DECLARE
        month timestamp := (SELECT date_trunc('month', MIN(create_date)) FROM {_PLAIN});
    BEGIN
        WHILE month <= now() LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF {_PARTED} FOR VALUES FROM (%L) TO (%L)',
                           '{_PARTED}_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
            month := month + interval '1 month';
        END LOOP;
    END $$;
    INSERT INTO {_PARTED} SELECT * FROM {_PLAIN};
"""
_LOCAL = "AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_MONTH = "date_trunc('month', %(create_date)s::timestamp)"
# What the add-on asks its journal of files, with the values of one of its rows.
_ASKED = {
    "a file by its number": "id = %(id)s",
    "files of a case": "case_id = %(case_id)s ORDER BY id",
    "files of a document": "case_document_id = %(case_document_id)s ORDER BY id",
    "files of a question": "query_id = %(query_id)s ORDER BY id",
    "files of a case, with the month": f"case_id = %(case_id)s AND create_date >= {_MONTH} "
    f"AND create_date < {_MONTH} + interval '1 month' ORDER BY id",
    "a position of the journal": "company_id = %(company_id)s AND chain_position = %(chain_position)s",
    "the thousand behind a position": "company_id = %(company_id)s AND chain_position > %(chain_position)s "
    "ORDER BY chain_position LIMIT 1000",
    "the newest 80": "company_id = %(company_id)s ORDER BY id DESC LIMIT 80",
    "what waits to be fetched": "company_id = %(company_id)s AND state IN ('pending', 'running') ORDER BY lane, id LIMIT 100",
    "what waits for its seal": "company_id = %(company_id)s AND (chain_position = 0 OR chain_position IS NULL) "
    "AND closed_on IS NOT NULL ORDER BY closed_on NULLS FIRST, id LIMIT 200",
    "80 of a clerk's day": f"user_id = %(user_id)s AND (requested_on {_LOCAL} = (%(requested_on)s::timestamp {_LOCAL} LIMIT 80",
}
_NEW = {"one new file": 1, "a thousand new files": 1000}
_OWN = ("id", "create_date", "chain_position", "link_key")


def compare(env, rounds):
    """Return [(what, milliseconds as it is, milliseconds parted)], and as the last one the megabytes of the indexes."""
    cr = env.cr
    # The copy has no triggers and no foreign keys.
    cr.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    _make_copy(cr)
    cr.execute(
        f"SELECT * FROM {_PLAIN} TABLESAMPLE SYSTEM (1) WHERE chain_position > 0 ORDER BY random() LIMIT %s", [rounds]
    )
    samples = cr.dictfetchall()
    statements = {name: f"SELECT * FROM {{table}} WHERE {condition}" for name, condition in _ASKED.items()}
    statements |= {name: _insert(samples[0], rows) for name, rows in _NEW.items()}
    times = [(name, *_medians(cr, statement, samples)) for name, statement in statements.items()]
    times.append(("vacuum after the rows of four weeks were sealed", *_cleared(cr)))
    cr.execute(
        """
        SELECT COALESCE((SELECT SUM(pg_indexes_size(relid)) FROM pg_partition_tree(name) WHERE isleaf), pg_indexes_size(name)) / 1e6
          FROM unnest(%s::regclass[]) AS name
        """,
        [[_PLAIN, _PARTED]],
    )
    return [*times, ("MB of indexes", *(float(size) for (size,) in cr.fetchall()))]


def _make_copy(cr):
    cr.execute(f"SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{_PLAIN}'::regclass")
    indexes = [definition for (definition,) in cr.fetchall()]
    cr.execute(_MAKE)
    for definition in indexes:
        # With the month in it, as PostgreSQL wants, a unique index keeps nothing apart that lies in two months.
        cr.execute(re.sub(r"CREATE (UNIQUE )?INDEX \S+ ON \S+", f"CREATE INDEX ON {_PARTED}", definition))
    cr.commit()
    _vacuum(cr, f"ANALYZE {_PARTED}")


def _insert(sample, rows):
    copied = ", ".join(name for name in sample if name not in _OWN)
    return f"""
        INSERT INTO {{table}} (id, create_date, link_key, {copied})
        SELECT nextval('{_PLAIN}_id_seq'), now() AT TIME ZONE 'UTC', n::text, {copied}
          FROM {_PLAIN} CROSS JOIN generate_series(1, {rows}) AS n WHERE id = {sample["id"]}
    """


def _medians(cr, statement, samples):
    rows = []
    for values in samples:
        # The second time, when nothing has to come from the disk.
        rows.append(
            [[_milliseconds(cr, statement.format(table=table), values) for _ in "12"][1] for table in (_PLAIN, _PARTED)]
        )
        cr.rollback()
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def _milliseconds(cr, statement, values=None):
    started = time.perf_counter()
    cr.execute(statement, values)
    if cr.description:
        cr.fetchall()
    return 1000 * (time.perf_counter() - started)


def _cleared(cr):
    """Write the rows of some weeks once more in both, as sealing does; return how long it takes to clear away what was."""
    cr.execute(
        "SELECT relid::regclass::text FROM pg_partition_tree(%s) WHERE isleaf ORDER BY 1 DESC LIMIT 2", [_PARTED]
    )
    newest = ", ".join(name for (name,) in cr.fetchall())
    taken = []
    for table, touched in ((_PLAIN, _PLAIN), (_PARTED, newest)):
        cr.execute(
            # What stands in an index, as a seal does, and in no seal.
            f"UPDATE {table} SET lane = lane || '.' WHERE create_date > now() AT TIME ZONE 'UTC' - interval '28 days'"
        )
        cr.commit()
        taken.append(_vacuum(cr, touched))
    return taken


def _vacuum(cr, what):
    cr._cnx.autocommit = True
    taken = _milliseconds(cr, f"VACUUM {what}")
    cr._cnx.autocommit = False
    return taken
