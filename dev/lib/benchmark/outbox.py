"""Cases told to the portal, beside a sequential loop; and what a portal that hangs costs the other companies."""

import contextlib
import copy
import socket
import time

import requests

from ..console import Failure

_LATENCIES = (0.02, 0.2)
_SLOW = 0.2
_LEAST_TO_SEQUENTIAL = 6
_COMPANIES = 5
_MOST_TO_ALONE = 1.1
_TEXT = (
    "A case and its first step are two messages, the second after the first. The add-on is timed from the start of its "
    "scheduled action to the last row that is accepted: rows taken and committed, bodies made, calls, answers kept. The "
    "loop sends the same bodies, under other numbers, one after the other on one connection, and keeps nothing. Latency "
    "is the simulator's, on every call."
)
_HANGING = (
    f"{_COMPANIES} companies of one portal, alone and beside a sixth whose security server takes connections and never "
    "answers (its time limit is 30 s): from the first to the last call at the portal of the others."
)
_SCRIPT = """
import time
clerk = env["res.users"].search([("login", "=", "clerk")])
# Nobody else sends meanwhile.
env.ref("kho_dl.ir_cron_send").active = False
procedure = env["kho.dl.procedure"].search([("code", "=", "1.012289")], limit=1)
owner = env["kho.dl.case"].search([("owner_id_number", "=", "000190000011")], limit=1).owner_id
env["res.company"].search([]).kho_dl_sync_enabled = False
home = clerk.company_id


def company_of(number, **values):
    name = f"Bench {{number}}"
    company = env["res.company"].search([("name", "=", name)]) or env["res.company"].create({{"name": name}})
    ours = ("kho_dl_ss_url", "kho_dl_unit_code", "kho_dl_username", "kho_dl_password")
    company.write({{**{{key: home[key] for key in ours}}, "kho_dl_sync_enabled": True, **values}})
    return company


def make_cases(company, count):
    values = {{"owner_id": owner.id, "owner_id_number": "000190000011", "company_id": company.id}}
    mine = procedure if company == home else procedure.search([("code", "=", "1.012289"), ("company_id", "=", company.id)])
    mine = mine or procedure.copy({{"company_id": company.id, "code": "1.012289"}})
    env["kho.dl.case"].with_company(company).create([{{**values, "procedure_id": mine.id}}] * count)
    env.cr.commit()


def send(until_empty=True):
    outbox = env["kho.dl.outbox"]
    opened = [("state", "!=", "accepted"), ("company_id.kho_dl_sync_enabled", "=", True)]
    count, started = outbox.search_count(opened), time.perf_counter()
    outbox._cron_send()
    while until_empty and outbox.search_count(opened):
        assert not outbox.search_count([*opened, ("error", "!=", False)]), outbox.search(opened, limit=1).error
        outbox._cron_send()
    return count, time.perf_counter() - started
"""
_ALONE = """
home.kho_dl_sync_enabled = True
make_cases(home, 8)
send()
make_cases(home, {cases})
print("told:", *send())
env["res.company"].search([]).kho_dl_sync_enabled = False
env.cr.commit()
"""
_BESIDE = """
for number in range({companies}):
    make_cases(company_of(number), {cases})
if {hanging!r}:
    make_cases(company_of("silent", kho_dl_ss_url={hanging!r}), {cases})
send(until_empty=False)
env["res.company"].search([]).kho_dl_sync_enabled = False
env.cr.commit()
"""


def measure(stage, report, quick):
    """Print messages a second, and the seconds of five companies beside one that hangs."""
    cases = 60 if quick else 200
    report.section("Cases told to the portal", _TEXT)
    report.table(
        ["latency", "messages", "add-on", "loop", "faster than loop"],
        [_row(stage, report, latency, cases) for latency in _LATENCIES],
    )
    stage.other_side.set_latency(_SLOW)
    alone = _seconds(stage, "", 10)
    with _silent() as hanging:
        beside = _seconds(stage, hanging, 10)
    stage.other_side.set_latency(0)
    report.section("Beside a portal that hangs", _HANGING)
    ratio = report.goal(beside / alone, most=_MOST_TO_ALONE)
    report.table(
        ["messages", "alone", "beside", "ratio"], [[str(20 * _COMPANIES), f"{alone:.2f} s", f"{beside:.2f} s", ratio]]
    )


def _row(stage, report, latency, cases):
    stage.other_side.set_latency(latency)
    stage.other_side.ask("DELETE", "requests")
    printed = stage.odoo.shell(_SCRIPT.format() + _ALONE.format(cases=cases))
    told = next(line.split()[1:] for line in printed.splitlines() if line.startswith("told:"))
    count, seconds = int(told[0]), float(told[1])
    bodies = [row["body"] for row in stage.other_side.ask("GET", "requests?call=sync")][-count:]
    loop = _send_one_by_one(stage.other_side.url, bodies[: max(20, count // 4)])
    ours = count / seconds
    ratio = ours / loop
    return [
        f"{latency * 1000:.0f} ms",
        str(count),
        f"{ours:.1f}/s",
        f"{loop:.1f}/s",
        report.goal(ratio, least=_LEAST_TO_SEQUENTIAL) if latency >= _SLOW else f"{ratio:.2f}",
    ]


def _send_one_by_one(url, bodies):
    """Send the same under other numbers as anybody's script would; return how many a second went."""
    forward = f"{url}/XrdAdapter/RestService/forward/mapi"
    # Each case before its steps, as the add-on has it.
    bodies = sorted(copy.deepcopy(bodies), key=lambda body: body["service"], reverse=True)
    numbers = {body["data"][0]["MaHoSo"] for body in bodies if "isUpdating" in body}
    bodies = [body for body in bodies if body["data"][0]["MaHoSo"] in numbers]
    with requests.Session() as session:
        login = session.post(f"{forward}/login", json={"username": "h46", "password": "h46-demo"}, timeout=60)
        started = time.perf_counter()
        for body in bodies:
            body["session"] = login.json()["session"]
            body["data"][0]["MaHoSo"] += "-loop"
            answer = session.post(f"{forward}/call", json=body, timeout=60)
            if answer.json().get("error_code"):
                raise Failure(f"The loop was refused: {answer.text}")
        return len(bodies) / (time.perf_counter() - started)


def _seconds(stage, hanging, cases):
    stage.other_side.ask("DELETE", "requests")
    stage.odoo.shell(_SCRIPT.format() + _BESIDE.format(companies=_COMPANIES, cases=cases, hanging=hanging))
    times = [row["time"] for row in stage.other_side.ask("GET", "requests?call=sync")]
    if len(times) < 2 * cases * _COMPANIES:
        raise Failure(f"{len(times)} of {2 * cases * _COMPANIES} messages were sent, so nothing was measured.")
    return max(times) - min(times)


@contextlib.contextmanager
def _silent():
    """Give the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
