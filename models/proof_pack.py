"""The zip that shows what the journal knows, in a form that can be checked without this add-on."""

import io
import json
import zipfile
from dataclasses import asdict
from datetime import datetime

from odoo.fields import Domain
from odoo.tools import file_open

from .journal_seals import payload_facts, read_rows, sealed_facts

_REQUEST = (
    "asked_on", "user_id", "case_id", "procedure_id", "procedure_code", "owner_id", "owner_id_number", "officer_id",
    "officer_name", "officer_id_number", "channel", "codes", "asked", "consent_given", "consent_user_id", "consent_on",
)  # fmt: skip
_ANSWER = ("closed_on", "outcome", "paper_count", "error_kind", "message", "duration", "answer")
# How the names of the fields begin that hold what the gate found, and why a clerk overruled it.
_REPORTS = ("signature", "gate", "scan", "identity")


def proof_pack(queries, retrievals):
    """Return the bytes of the zip over these rows of the journal, read as the user of their environment."""
    rows = [*queries, *retrievals]
    parts = {
        "request.json": queries.read(_REQUEST),
        "answer.json": queries.read(_ANSWER),
        "files.json": retrievals.read(_file_fields(retrievals)),
        "chain.json": {"verified": _verified(rows), "rows": _all_sealed(queries) + _all_sealed(retrievals)},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in parts.items():
            pack.writestr(name, json.dumps(content, ensure_ascii=False, indent=2, default=_plain))
        with file_open("kho_dl/data/proof_readme.txt", "rb") as readme:
            pack.writestr("README.txt", readme.read())
    return buffer.getvalue()


def _file_fields(retrievals):
    reports = [name for name in retrievals._fields if name.startswith(_REPORTS)]
    return list(dict.fromkeys([*retrievals._chain_fields, *retrievals._payload_fields, "case_id", *reports]))


def _verified(rows):
    companies = {row.company_id for row in rows}
    return {
        company.name: asdict(company.env["kho.dl.journal.chain"]._verify(company))
        for company in sorted(companies, key=lambda company: company.id)
    }


def _all_sealed(rows):
    rows.check_access("read")
    # sudo: the salt is no secret beside the data that it protects, which this user reads in the same pack.
    journal = rows.sudo().browse()
    return [_sealed(journal, row) for row in read_rows(journal, Domain("id", "in", rows.ids))]


def _sealed(journal, row):
    salt = row["payload_salt"]
    return {
        "model": journal._name,
        "id": row["id"],
        "position": row["chain_position"],
        "seal": row["chain_hash"],
        "sealed": sealed_facts(journal, row) if row["chain_position"] else None,
        "personal_data": payload_facts(journal, row, salt) if salt else None,
        "personal_data_removed_on": row["payload_emptied_on"],
    }


def _plain(value):
    return value.isoformat() if isinstance(value, datetime) else str(value)
