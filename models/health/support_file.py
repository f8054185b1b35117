"""What the journal knows of one exchange, as it may be handed to others: nothing of people, of files or of our account.

Only what is listed here leaves; whatever somebody outside may have written in it is looked through all the same.
"""

import json
import re
from datetime import datetime

from odoo.release import version

from ...protocol.filenames import mimetype_of
from ...protocol.links import is_composed
from ...protocol.recording import STRUCK_OUT, strike_out, strike_people

_TRACED = ("trace_id", "far_id", "error_kind", "lacks_right", "closed_on")
_QUESTION = (
    *_TRACED, "asked_on", "procedure_code", "channel", "consent_given", "outcome", "paper_count", "error_code", "message",
    "duration", "chain_position",
)  # fmt: skip
_QUEUED = (*_TRACED, "state", "tries", "interruptions", "next_try_on", "error")
_FILE = (
    *_QUEUED, "requested_on", "started_on", "agency_code", "lane", "size", "error_code", "side", "place", "is_previewed",
    "signature_state", "gate_marks", "identity_state", "scan_state", "chain_position",
)  # fmt: skip
_MESSAGE = (
    *_QUEUED, "create_date", "kind", "step_state", "step_on", "is_update", "is_uncertain", "waiting_since", "portal_code",
    "portal_message", "has_links", "cut_fields",
)  # fmt: skip
# What these say is ours, and looks like what is struck out.
_IDS = ("trace_id", "far_id")
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S+")


def support_file(trace_id, queries, retrievals, messages, addon_version):
    """Return the bytes of the file over these rows, read as the user of their environment."""
    secrets, people = _secrets_of(queries, retrievals, messages)
    numbers = [one for one in people if "".join(one.split()).isdecimal()]

    def struck(value):
        if isinstance(value, datetime):
            return value.isoformat(sep=" ", timespec="seconds")
        if not isinstance(value, str):
            return value
        return strike_out(strike_people(_ADDRESS.sub(STRUCK_OUT, value), people), secrets)

    def facts(row, names):
        # An id is what it is, but somebody outside may have made it of a person's number.
        return {
            name: strike_people(row[name], numbers) if name in _IDS else struck(row[name])
            for name in names
            if row[name]
        }

    content = {
        "trace_id": trace_id,
        "versions": {"odoo": version, "kho_dl": addon_version},
        "questions": [
            {**facts(row, _QUESTION), "asked": _asked(row, struck), "answer": _answer(row, struck)} for row in queries
        ],
        "files": [
            # As the directory has it, with the tax code of who runs it: nobody's secret.
            {**facts(row, _FILE), "type": mimetype_of(row.file_name or ""), "dstcode": row.server_id.dstcode or ""}
            for row in retrievals
        ],
        "messages": [facts(row, _MESSAGE) for row in messages],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _asked(query, struck):
    return [
        {
            "codes": [struck(code) for code in asked.get("codes", ())],
            "has_number": bool(asked.get("number")),
            "outcome": asked.get("outcome"),
        }
        for asked in (query.asked or {}).values()
    ]


def _answer(query, struck):
    return [
        {
            "result_code": struck(paper["result_code"]),
            "agency_code": struck(paper["agency_code"]),
            "has_number": bool(paper["number"]),
            "files": [
                {"type": mimetype_of(file["name"]), "is_composed": is_composed(file["link"])} for file in paper["files"]
            ],
        }
        for paper in query.answer or ()
    ]


def _secrets_of(queries, retrievals, messages):
    """Return (what opens or leads to something, names and numbers of people) that must not be in any text of these rows."""
    # sudo: what is read here is read to be left out.
    queries, retrievals, messages = queries.sudo(), retrievals.sudo(), messages.sudo()
    cases = queries.case_id | retrievals.case_id | messages.case_id
    users = queries.user_id | queries.officer_id | queries.consent_user_id | retrievals.user_id | messages.step_user_id
    users |= cases.officer_id
    contacts = queries.owner_id | cases.owner_id | users.partner_id
    companies = queries.company_id | retrievals.company_id | messages.company_id
    # Whoever received a case for another office asked with the own account.
    companies |= queries.held_by_id | retrievals.held_by_id
    papers = [paper for query in queries for paper in query.answer or ()]
    files = [file for paper in papers for file in paper["files"]]
    numbers = [asked.get("number") for query in queries for asked in (query.asked or {}).values()]
    secrets = [
        *(file[key] for file in files for key in ("name", "link")),
        *(row[name] for row in retrievals for name in ("link", "link_key", "file_name", "provider_host")),
        *(row[name] for row in companies for name in ("kho_dl_username", "kho_dl_papers_username")),
        # Where they come from outside the database, too.
        *(row._kho_dl_secret(name) for row in companies for name in ("kho_dl_password", "kho_dl_papers_password")),
    ]
    people = [
        *(row[name] for row in contacts for name in ("name", "email", "phone", "street")),
        *(row[name] for row in cases for name in ("name", "owner_id_number")),
        *(row[name] for row in queries for name in ("owner_id_number", "officer_id_number", "officer_name")),
        *(row[name] for row in retrievals for name in ("paper_name", "paper_number")),
        *(user.login for user in users),
        *(paper[key] for paper in papers for key in ("name", "number")),
        *numbers,
    ]
    return sorted(set(filter(None, secrets))), sorted(set(filter(None, people)), key=len, reverse=True)
