"""What became of the work: nothing lost, nothing twice, and every byte as the far side gives it."""

import contextlib
import hashlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg2
import requests

from ..console import say

_WORK_LEFT = """
SELECT (SELECT COUNT(*) FROM kho_dl_retrieval WHERE state IN ('pending', 'running')),
       (SELECT COUNT(*) FROM kho_dl_outbox WHERE state IN ('pending', 'running'))
"""
# As if the time had passed that is waited after a failure. Each alone, and never behind a worker that waits for the next.
_MAKE_DUE = (
    "DELETE FROM kho_dl_breaker",
    "UPDATE kho_dl_retrieval SET next_try_on = NULL WHERE state = 'pending' AND next_try_on IS NOT NULL",
    "UPDATE kho_dl_outbox SET next_try_on = NULL WHERE state = 'pending' AND next_try_on IS NOT NULL",
)
# And as if the minute had passed after which Odoo looks for work that nobody announced.
_LOOK_NOW = """
UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC'
 WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = 'kho_dl' AND name IN ('ir_cron_process', 'ir_cron_send'))
"""
_FETCHED = """
SELECT row.case_id, row.link, row.state, row.error, row.sha256, file.store_fname, file.db_datas
  FROM kho_dl_retrieval AS row
  LEFT JOIN ir_attachment AS file ON file.id = row.attachment_id
"""
_ON_CASES = """
SELECT document.case_id, file.checksum
  FROM kho_dl_case_document_attachment_rel AS rel
  JOIN kho_dl_case_document AS document ON document.id = rel.case_document_id
  JOIN ir_attachment AS file ON file.id = rel.attachment_id
"""
_TELLING = """
SELECT EXTRACT(EPOCH FROM write_date - create_date) FROM kho_dl_outbox WHERE state = 'accepted' AND create_date >= %s
"""


@dataclass(frozen=True)
class Outcome:
    """Counts of files and messages, and how many of them are not as they should be."""

    files: int
    given_up: int
    waiting: int
    wrong: int
    doubled: int
    lost: int
    messages: int
    messages_open: int
    told_twice: int


def wait_for_background(place, seconds, hurry=False):
    """Wait until nothing is on its way any more, or `seconds` are over; return (files, messages) that still are.

    With `hurry`, Odoo's scheduled actions are not waited for: where nobody asks how long the background took.
    """
    deadline = time.monotonic() + seconds
    statements = (*_MAKE_DUE, *([_LOOK_NOW] if hurry else []))
    while True:
        [left] = place.query(_WORK_LEFT)
        if not any(left) or time.monotonic() > deadline:
            return left
        for statement in statements:
            # Who holds a row is at work on it.
            with contextlib.suppress(psycopg2.OperationalError):
                place.query(f"SET LOCAL lock_timeout = '2s'; {statement}")
        if hurry:
            place.wake_scheduled()
        time.sleep(2)


def compare(place, patience, hurry=False):
    """Return the `Outcome` of all work so far, once the background is through with it."""
    say("→ Waiting for the background, then comparing every byte …")
    files_left, messages_left = wait_for_background(place, patience, hurry)
    place.other_side.set_latency(0)
    rows = place.query(_FETCHED)
    done = [row for row in rows if row[2] == "done"]
    with ThreadPoolExecutor(8) as pool, requests.Session() as session:
        wrong = sum(pool.map(lambda row: not _is_right(place, session, row), done))
    links = Counter((case, link) for case, link, *_rest in done)
    on_cases = Counter(place.query(_ON_CASES))
    given_up = [row for row in rows if row[2] == "failed" and row[3]]
    [(messages,)] = place.query("SELECT COUNT(*) FROM kho_dl_outbox")
    return Outcome(
        files=len(done),
        given_up=len(given_up),
        waiting=files_left,
        wrong=wrong,
        doubled=sum(number - 1 for counted in (links, on_cases) for number in counted.values()),
        # A row that is done and whose file is on no case; or one that ended without a reason.
        lost=max(0, len(done) - sum(on_cases.values())) + len(rows) - len(done) - len(given_up) - files_left,
        messages=messages,
        messages_open=messages_left,
        told_twice=_told_twice(place),
    )


def seconds_of_telling(place, since):
    """Return how long (s) each message to the portal took from its making to its acceptance, of those made after `since`."""
    return [float(seconds) for (seconds,) in place.query(_TELLING, since)]


def _is_right(place, session, row):
    _case, link, _state, _error, sha256, stored_as, in_table = row
    content = (place.filestore / stored_as).read_bytes() if stored_as else bytes(in_table or b"")
    given = session.get(place.other_side.address_of(link), timeout=60)
    given.raise_for_status()
    return content == given.content and sha256 == hashlib.sha256(content).hexdigest()


def _told_twice(place):
    """Return how many steps of cases the portal has taken more than once: each case goes through each state once."""
    cases = place.other_side.ask("GET", "cases")
    steps = [Counter(step["TrangThai"] for step in case["TienDo"]) for case in cases]
    return sum(number - 1 for counted in steps for number in counted.values())
