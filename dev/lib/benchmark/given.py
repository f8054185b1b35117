"""Papers of our own store given to other agencies, beside Odoo's own serving of the same attachment."""

import json
import statistics
import threading
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from ..ports import HOST
from .contenders import fetch
from .stage import MIB

_SIZES = (MIB // 10, MIB, 10 * MIB)
_LEAST = 0.95
_CALLERS = 64
# By default one caller may have 600 files a minute, and what is counted takes time; here nobody is stopped.
_CALLS_OF_ONE = 500
# Noise of the allocator (MiB); a leak of 10 KiB a call would be more within half a minute.
_MOST_GROWTH = 16
_TEXT = (
    "The same attachment from our address for other agencies (token, security server's address, rate limit, row of the "
    "journal) and from Odoo's own `/web/content` with an access token: calls a second of one caller, one after the "
    f"other, each contender with a session of its own; after {_CALLS_OF_ONE} another agency calls, for 600 a minute is "
    "the limit by default. They take turns in blocks, and who begins changes; medians of the blocks. Throughput is "
    "ours ÷ Odoo's, the median of the turns."
)
_CROWD = (
    f"{_CALLERS} agencies at once, all the time: calls answered, errors, and the resident "
    "memory of Odoo's process before, halfway and after. Growth counts from halfway, when every thread has run."
)
_SCRIPT = """
import json
company = env.ref("kho_dl.user_clerk").company_id
company.write({{
    "kho_dl_own_providerurl": "https://dvc.example.gov.vn",
    "kho_dl_serve_addresses": "127.0.0.1",
    "kho_dl_serve_per_minute": 100000,
}})
code = env["kho.dl.result.code"].search([], limit=1)
places = {{}}
for size in {sizes}:
    content = b"%PDF-1.4 " + bytes(size - 14) + b"%%EOF"
    paper = env["kho.dl.paper"].create({{
        "result_code_id": code.id, "owner_id_number": "000200000001", "number": str(size), "date_issued": "2026-01-01",
        "company_id": company.id, "attachment_ids": [(0, 0, {{"name": "paper.pdf", "raw": content}})],
    }})
    paper.action_enter()
    file = paper.file_ids
    # A file of the store has no link of Odoo's own: its like beside it, of the same bytes on the disk, has.
    like = env["ir.attachment"].create({{"name": "paper.pdf", "raw": content}})
    [token] = like.generate_access_token()
    places[size] = [
        file._address().removeprefix("https://dvc.example.gov.vn"),
        f"/web/content/{{like.id}}?access_token={{token}}",
    ]
env.cr.commit()
print(json.dumps(places))
"""


def measure(stage, report, quick):
    """Print throughput beside Odoo's own, and what a crowd of callers does to the process."""
    output = stage.odoo.shell(_SCRIPT.format(sizes=_SIZES))
    places = json.loads(output.strip().splitlines()[-1])
    report.section("Papers given to others", _TEXT)
    report.table(
        ["size", "ours", "Odoo's", "throughput"],
        [_row(stage, report, int(size), *pair, rounds=10 if quick else 40) for size, pair in places.items()],
    )
    crowd = _Crowd(f"http://{HOST}:{stage.port}{places[str(_SIZES[0])][0]}")
    _print_crowd(stage, report, crowd, seconds=10 if quick else 60)


def _row(stage, report, size, ours, odoos, rounds):
    calls = max(12, min(30, 60 * MIB // size))
    blocks = [_Block(size, f"http://{HOST}:{stage.port}{place}", calls) for place in (ours, odoos)]
    for block in blocks:
        block.run()
    for turn in range(rounds):
        for block in blocks if turn % 2 else reversed(blocks):
            block.rates.append(block.run())
    mine, theirs = (block.rates for block in blocks)
    ratio = statistics.median(one / other for one, other in zip(mine, theirs, strict=True))
    rates = [f"{statistics.median(found):.0f}/s" for found in (mine, theirs)]
    return [f"{size / MIB:.3g} MiB", *rates, report.goal(ratio, least=_LEAST)]


class _Block:
    """So many calls of one address, one after the other; keeps the cookies that it gets, as a browser would."""

    def __init__(self, name, address, calls):
        self._name, self._address, self._calls, self._session = name, address, calls, requests.Session()
        self._numbers = count()
        self.rates = []

    def run(self):
        """Return how many calls a second there were."""
        started = time.perf_counter()
        for _call in range(self._calls):
            agency = f"{self._name}-{next(self._numbers) // _CALLS_OF_ONE}"
            fetch(self._session, self._address, headers=_as_agency(agency))
        return self._calls / (time.perf_counter() - started)


def _as_agency(name):
    return {"X-Road-Client": f"VN/GOV/{name}/bench"}


@dataclass
class _Crowd:
    """Many callers of one address; counts what they got."""

    address: str
    answered: int = 0
    errors: int = 0

    def call(self, seconds):
        """Let _CALLERS threads call for so long."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._keep_calling, args=(number, until)) for number in range(_CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _keep_calling(self, number, until):
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(pool_maxsize=1))
            while time.monotonic() < until:
                try:
                    fetch(session, self.address, headers=_as_agency(f"crowd{number}"))
                    self.answered += 1
                except requests.RequestException:
                    self.errors += 1


def _print_crowd(stage, report, crowd, seconds):
    before = _resident(stage.server_pid)
    crowd.call(seconds / 2)
    halfway = _resident(stage.server_pid)
    crowd.call(seconds / 2)
    after = _resident(stage.server_pid)
    report.section("Many callers at once", _CROWD)
    report.table(
        ["seconds", "answered", "errors", "before", "halfway", "growth after that in MiB"],
        [
            [
                str(seconds),
                str(crowd.answered),
                report.goal(crowd.errors, most=0),
                f"{before:.0f} MiB",
                f"{halfway:.0f} MiB",
                report.goal(after - halfway, most=_MOST_GROWTH),
            ]
        ],
    )


def _resident(pid):
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(int(words[1]) for words in lines if words[0] == "VmRSS:") / 1024
