"""A directory of 10,000 agencies that has not changed: what a refresh writes, and what it costs."""

import json

_AGENCIES = 10_000
_MOST = 1.5
_TEXT = (
    "A refresh of an unchanged directory, up to its commit, beside what it cannot do without: reading the answer of "
    "the portal, and reading the table once. Everything in one process of Odoo, taking turns, medians. Written rows "
    "are those whose version in PostgreSQL (`xmin`, `ctid`) is another one afterwards; each refresh leaves its one row "
    "in the log of refreshes. “With the call” counts the HTTP call on both sides; without it the ratio is stricter."
)
_SCRIPT = """
import json, statistics, time
from odoo.addons.kho_dl.protocol.directory import parse_directory

servers = env["kho.dl.security.server"]
fields = ["code", "name", "dstcode", "portal_dstcode", "hand_edited", "active"]

def refresh():
    servers.action_refresh()
    env.cr.commit()

def call():
    with env["kho.dl.gateway"]._client(env.company) as client:
        return client.directory()

def read():
    return servers.with_context(active_test=False).search_fetch([], fields)

def read_in_sql():
    env.cr.execute("SELECT id, " + ", ".join(fields) + " FROM kho_dl_security_server ORDER BY code, id")
    return env.cr.fetchall()

def versions():
    env.cr.execute("SELECT id, xmin::text, ctid::text FROM kho_dl_security_server")
    return set(env.cr.fetchall())

refresh()
rows = [{{"MACOQUAN": s.code, "TENCOQUAN": s.name, "DSTCODE": s.dstcode}} for s in call().servers]
answer = json.dumps({{"result": rows}}, ensure_ascii=False).encode()
works = {{
    "refresh": refresh, "call": call, "parse": lambda: parse_directory(json.loads(answer)),
    "read": read, "read in SQL": read_in_sql,
}}
before, times = versions(), {{name: [] for name in works}}
for _round in range({rounds}):
    for name, work in works.items():
        env.invalidate_all()
        started = time.perf_counter()
        work()
        times[name].append(time.perf_counter() - started)
medians = {{name: statistics.median(seconds) for name, seconds in times.items()}}
print(json.dumps({{"agencies": len(rows), "written": len(before ^ versions()), **medians}}))
"""


def measure(stage, report, quick):
    """Print rows written and the ratio of times."""
    stage.other_side.ask("POST", "agencies/generated", count=_AGENCIES)
    output = stage.odoo.shell(_SCRIPT.format(rounds=3 if quick else 9))
    found = json.loads(output.strip().splitlines()[-1])
    # The call includes its parsing.
    wire = found["call"] - found["parse"]
    floor = found["parse"] + found["read"]
    report.section("Refresh of the directory", _TEXT)
    report.table(
        [
            "agencies",
            "rows written",
            "refresh",
            "call",
            "parsing",
            "reading (ORM)",
            "reading (SQL)",
            "ratio",
            "with the call",
        ],
        [
            [
                str(found["agencies"]),
                report.goal(found["written"], most=0),
                *(f"{found[name] * 1000:.0f} ms" for name in ("refresh", "call", "parse", "read", "read in SQL")),
                report.goal((found["refresh"] - wire) / floor, most=_MOST),
                f"{found['refresh'] / (wire + floor):.2f}",
            ]
        ],
    )
