"""The zip that shows what the journal knows, in a form that can be checked without this add-on."""

import io
import json
import zipfile
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime

from odoo.fields import Domain
from odoo.tools import file_open

from ..journal.journal_seals import payload_facts, read_rows, sealed_facts
from .proof_story import proof_story

_REQUEST = (
    "asked_on", "user_id", "case_id", "procedure_id", "procedure_code", "owner_id", "owner_id_number", "officer_id",
    "officer_name", "officer_id_number", "channel", "codes", "asked", "consent_given", "consent_user_id", "consent_on",
)  # fmt: skip
_ANSWER = ("closed_on", "outcome", "paper_count", "error_kind", "message", "duration", "answer")
# So many rows before and after each row of a pack are checked with it; fewer where a pack has many.
_AROUND, _MOST_CHECKED = 500, 20_000
# How the names of the fields begin that hold what the gate found, and why a clerk overruled it.
_REPORTS = ("signature", "gate", "scan", "identity")


def proof_pack(queries, retrievals, decisions, steps=(), withdrawals=()):
    """Return the bytes of the zip over these rows of the journal, read as the user of their environment."""
    # Who asks about a file alone asks for no steps of its case, nor for consents that were withdrawn.
    steps = steps or decisions.env["kho.dl.case.decision"]
    withdrawals = withdrawals or decisions.env["kho.dl.withdrawal"]
    journals = (queries, retrievals, decisions, steps, withdrawals)
    for rows in journals:
        rows.check_access("read")
    verified = _verified([row for rows in journals for row in rows])
    told = {
        "request.json": (queries, _REQUEST),
        "answer.json": (queries, _ANSWER),
        "files.json": (retrievals, _file_fields(retrievals)),
        "decisions.json": (decisions, [*decisions._chain_fields, *decisions._payload_fields]),
        "steps.json": (steps, [*steps._chain_fields, *steps._payload_fields]),
        "withdrawals.json": (withdrawals, [*withdrawals._chain_fields, *withdrawals._payload_fields]),
    }
    parts = {name: rows.read(fields) for name, (rows, fields) in told.items()}
    parts["chain.json"] = {
        "verified": verified,
        "rows": [row for rows in journals for row in _all_sealed(rows)],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in parts.items():
            pack.writestr(name, json.dumps(content, ensure_ascii=False, indent=2, default=_plain))
        pack.writestr("words.txt", "\n".join(f"{name}\n{_words_of(*what)}" for name, what in told.items()))
        pack.writestr("checked.txt", "".join(f"{name}\n{_lines(found['words'])}\n" for name, found in verified.items()))
        pack.writestr("story.html", proof_story(journals, verified))
        with file_open("kho_dl/data/proof_readme.txt", "rb") as readme:
            pack.writestr("README.txt", readme.read())
        for row in decisions.filtered("attachment_id"):
            # By number: the name came from outside, and stands in decisions.json.
            pack.writestr(f"taken_off/{row.id}", row.attachment_id.with_context(bin_size=False).raw or b"")
    return buffer.getvalue()


def _words_of(rows, fields):
    """Return what each of `fields` is called on the screen, and what its codes mean: whoever reads the pack has no screen."""
    lines = []
    for name, shown in rows.fields_get(fields, ["string", "selection"]).items():
        codes = ", ".join(f"{code} = {words}" for code, words in shown.get("selection", ()))
        lines.append(f"  {name}: {shown['string']}{f' ({codes})' if codes else ''}\n")
    return "".join(lines)


def _file_fields(retrievals):
    reports = [name for name in retrievals._fields if name.startswith(_REPORTS)]
    return list(dict.fromkeys([*retrievals._chain_fields, *retrievals._payload_fields, "case_id", *reports]))


def _verified(rows):
    """Return {company: what a check of the journal around its rows found}; `words` say from where to where.

    Whoever may read `rows` learns this much of the journal in which they stand, also where it is another office's.
    """
    positions = defaultdict(list)
    for row in rows:
        # A row that waits for its seal has no place yet.
        # sudo: as above.
        positions[row.company_id.sudo()] += [row.chain_position] if row.chain_position else []
    return {
        company.name: _verified_around(company, sorted(positions[company]))
        for company in sorted(positions, key=lambda company: company.id)
    }


def _verified_around(company, positions):
    # sudo: as above, `company` is read so.
    chains = company.env["kho.dl.journal.chain"]
    head = chains.search([("company_id", "=", company.id)])
    verdicts = [(first, chains._verify_between(company, first, last)) for first, last in _stretches(positions)]
    faults = [verdict.fault for _first, verdict in verdicts if verdict.fault]
    return {
        "fault": faults[0] if faults else "",
        "words": [*(chains._words_between(first, verdict) for first, verdict in verdicts), head.outcome],
        "stretches": [{"from": first, "to": verdict.position, **asdict(verdict)} for first, verdict in verdicts],
        "head": {"position": head.position, "seal": head.hash},
        "whole_journal": {
            "checked_to": head.checked_position,
            "checked_on": head.checked_on,
            "from_the_beginning_on": head.round_ended_on,
            "fault": head.fault or "",
        },
    }


def _lines(words):
    return "".join(f"- {line}\n" for line in words if line)


def _stretches(positions):
    """Return [(first, last)] that hold `positions` (ascending) and what is around each, each row once."""
    around = max(1, min(_AROUND, _MOST_CHECKED // (2 * len(positions) or 1)))
    stretches = []
    for position in positions:
        first, last = max(position - around, 1), position + around
        if stretches and first <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], last)
        else:
            stretches.append((first, last))
    return stretches


def _all_sealed(rows):
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
