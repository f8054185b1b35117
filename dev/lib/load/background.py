"""How much faster two scheduled workers are than one, with files that many cases want at once and no clerk waits for."""

import time

from ..console import Failure, say
from .prepare import RESULTS

# A far side so slow (s) that neither worker nor machine is full: what is compared is who waits for it.
_LATENCY = 1.5
_CASES = 40
_LEAST_RATIO = 1.8
_PATIENCE = 300
_SCRIPT = """
# What is compared are files.
env["res.company"].search([]).write({{"kho_dl_sync_enabled": False}})
clerk = env["res.users"].search([("login", "=", {clerk.login!r})])
as_clerk = env(user=clerk.id, context={{"allowed_company_ids": [{clerk.office}]}})
for number in {numbers!r}:
    case = as_clerk["kho.dl.case"].create(
        {{"procedure_id": {clerk.procedure}, "owner_id": {clerk.owner}, "owner_id_number": number}}
    )
    form = as_clerk["kho.dl.retrieve.wizard"].create({{"case_id": case.id, "consent_given": True}})
    form.action_search()
    form.line_ids.write({{"selected": True}})
    # In no time: all is left to the background.
    form.lookup_id._attach(form.line_ids.candidate_id, 0)
    env.cr.commit()
"""
_WAITING = "SELECT COUNT(*) FILTER (WHERE state = 'pending'), COUNT(*) FROM kho_dl_retrieval WHERE state IN ('pending', 'running')"


def measure_background(place, report):
    """Let one scheduled worker and then two fetch as many files, and print how much faster two are."""
    files, one = _files_a_second(place, 1)
    others, two = _files_a_second(place, 2)
    report.section("In the background", _TEXT)
    report.table(
        ["scheduled workers", "files", "files a second", "÷ one"],
        [
            ["1", str(files), f"{one:.1f}", "–"],
            ["2", str(others), f"{two:.1f}", report.goal(two / one, least=_LEAST_RATIO)],
        ],
    )


def _files_a_second(place, workers):
    """Return how many files `workers` scheduled workers had to fetch, and how many a second they did."""
    say(f"→ {workers} in the background …")
    place.other_side.set_latency(0)
    people = [place.other_side.add_person(place.size.files, place.size.file_size, RESULTS) for _case in range(_CASES)]
    place.odoo.shell(_SCRIPT.format(clerk=place.clerks[0], numbers=[number for number, _addresses in people]))
    place.other_side.set_latency(_LATENCY)
    [(_pending, files)] = place.query(_WAITING)
    with place.nodes(1, 1, scheduled=workers):
        place.wake_scheduled()
        began = _moment(place, lambda pending, _open: pending < files)
        ended = _moment(place, lambda _pending, still_open: not still_open)
    return files, files / (ended - began)


def _moment(place, is_reached):
    deadline = time.monotonic() + _PATIENCE
    while not is_reached(*place.query(_WAITING)[0]):
        if time.monotonic() > deadline:
            raise Failure(f"For {_PATIENCE} s the background did not do what it had to.")
        time.sleep(0.2)
    return time.monotonic()


_TEXT = (
    f"{_CASES} cases want all their files at once, and nobody waits for them; the far side takes {_LATENCY * 1000:.0f} ms to answer, so "
    "that no core is full. One scheduled worker brings them, then two bring "
    "as many others, by Odoo's own scheduled actions."
)
