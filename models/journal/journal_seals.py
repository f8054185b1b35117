"""What a seal of the journal is made of, from the rows as they stand in the database.

Without records: a journal is walked some ten times as fast as through the ORM, and what was hashed is what is kept.
A row is {column: value}, with all that `columns_of` its journal names.
"""

import hashlib
import json
from datetime import date

from odoo.tools import SQL

_SEAL_COLUMNS = (
    "id", "create_date", "closed_on", "chain_position", "chain_hash", "chain_previous", "payload_digest", "payload_salt",
    "payload_emptied_on",
)  # fmt: skip

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def columns_of(journal):
    """Return the columns that seals of `journal` are about."""
    return list(dict.fromkeys((*_SEAL_COLUMNS, *journal._chain_fields, *journal._payload_fields)))


def read_rows(journal, domain, order="id", limit=None):
    """Return the rows of `journal` in `domain` as the database has them, as a list of dictionaries."""
    names = columns_of(journal)
    journal.env.flush_all()
    query = journal._search(domain, order=order, limit=limit)
    found = journal.env.execute_query(query.select(*(SQL.identifier(journal._table, name) for name in names)))
    return [dict(zip(names, values, strict=True)) for values in found]


def sealed_facts(journal, row):
    """Return all that the seal of `row` covers."""
    return {
        "model": journal._name,
        "id": row["id"],
        "position": row["chain_position"],
        "previous": row["chain_previous"] or "",
        "payload": row["payload_digest"] or "",
        "facts": _facts(row, journal._chain_fields),
    }


def payload_facts(journal, row, salt):
    """Return what the digest of the personal data of `row` is made of."""
    return {"salt": salt, "payload": _facts(row, journal._payload_fields)}


def seal_of(journal, row):
    """Return the seal of `row`, 64 hexadecimal digits."""
    return _sha256(sealed_facts(journal, row))


def digest_of(journal, row, salt):
    """Return the digest of the personal data of `row`, 64 hexadecimal digits."""
    return _sha256(payload_facts(journal, row, salt))


def is_payload_sound(journal, row):
    """Whether the personal data of `row` is as it was sealed, or all gone."""
    if row["payload_emptied_on"]:
        return not row["payload_salt"] and not any(row[name] for name in journal._payload_fields)
    return bool(row["payload_salt"]) and row["payload_digest"] == digest_of(journal, row, row["payload_salt"])


def _facts(row, names):
    return {name: _plain(row[name]) for name in names if row[name]}


def _plain(value):
    return value.isoformat() if isinstance(value, date) else value


def _sha256(facts):
    return hashlib.sha256(_encode(facts).encode()).hexdigest()
