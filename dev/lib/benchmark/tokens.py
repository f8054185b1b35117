"""How many logins it takes when many workers meet one token that is over."""

import time
from concurrent.futures import ThreadPoolExecutor

from ..console import Failure

_WORKERS, _QUERIES = 8, 50
_LATENCY = 0.05
_PATIENCE = 240
_TEXT = (
    f"{_WORKERS} processes of Odoo begin at the same moment, each asks the national store one question after the other "
    "through the clerk's form, for a case each, and the one token is over. Every call takes "
    f"{_LATENCY * 1000:.0f} ms. Counted by the simulator; questions include those that it refused for the old token."
)

# Separate processes, so the start is given by files in a folder.
_WORKER = """
import pathlib, time
from odoo.service.model import retrying
folder = pathlib.Path({folder!r})
clerk = env["res.users"].search([("login", "=", "clerk")])
env = env(user=clerk.id)
case = env["kho.dl.case"].search([("owner_id_number", "=", {id_number!r})], limit=1)
values = {{name: case[name].id for name in ("procedure_id", "owner_id")}} | {{"owner_id_number": {id_number!r}}}

def ask():
    # A case of its own each time: an answer stays good for a case, and is not asked for again.
    form = env["kho.dl.retrieve.wizard"].create({{"case_id": env["kho.dl.case"].create(values).id, "consent_given": True}})
    form.action_search()
    assert form.outcome == "found", form.message

for phase in range({phases}):
    (folder / f"ready-{{phase}}-{number}").touch()
    while not (folder / f"go-{{phase}}").exists():
        time.sleep(0.01)
    for _query in range({queries}):
        # As every request of Odoo's is.
        retrying(ask, env)
"""
_END_BY_OUR_CLOCK = """
env.cr.execute("UPDATE kho_dl_token SET expires_at = now() AT TIME ZONE 'UTC' - interval '1 minute'")
env.cr.commit()
"""
_WAYS = {
    "our clock says so": lambda stage: stage.odoo.shell(_END_BY_OUR_CLOCK),
    "the portal has ended it": lambda stage: stage.other_side.ask("POST", "expire"),
}


def measure(stage, report, quick):
    """Print the logins that the simulator counted."""
    queries = _QUERIES // 5 if quick else _QUERIES
    id_number, _addresses = stage.other_side.add_person(5, 0)
    stage.found_papers(id_number)
    stage.other_side.set_latency(_LATENCY)
    folder = stage.odoo.folder / "workers"
    folder.mkdir()
    options = {"folder": str(folder), "id_number": id_number, "phases": len(_WAYS), "queries": queries}
    counts = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        workers = [pool.submit(stage.odoo.shell, _WORKER.format(number=n, **options)) for n in range(_WORKERS)]
        for phase, end_token in enumerate(_WAYS.values()):
            _wait_until_ready(folder, phase, workers)
            counts.append(_counts(stage))
            end_token(stage)
            (folder / f"go-{phase}").touch()
        for worker in workers:
            worker.result()
    counts.append(_counts(stage))
    stage.other_side.set_latency(0)
    report.section("Logins", _TEXT)
    report.table(
        ["why it is over", "workers", "questions each", "questions that came", "logins"],
        [_row(report, why, queries, *pair) for why, *pair in zip(_WAYS, counts[:-1], counts[1:], strict=True)],
    )


def _wait_until_ready(folder, phase, workers):
    deadline = time.monotonic() + _PATIENCE
    while len(list(folder.glob(f"ready-{phase}-*"))) < _WORKERS:
        for worker in workers:
            if worker.done():
                worker.result()  # raises what it died of
        if time.monotonic() > deadline:
            raise Failure(f"After {_PATIENCE} s the {_WORKERS} workers are not ready.")
        time.sleep(0.1)


def _counts(stage):
    """The logins and the questions that reached the portal so far."""
    logins = stage.other_side.ask("GET", "health")["logins"]["papers"]
    return logins, len(stage.other_side.ask("GET", "requests?call=papers"))


def _row(report, why, queries, before, after):
    logins, questions = after[0] - before[0], after[1] - before[1]
    return [why, str(_WORKERS), str(queries), str(questions), report.goal(logins, most=1)]
