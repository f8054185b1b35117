"""Getting an attached file out of Odoo, beside getting it from the far side."""

import time

import requests

from ..ports import HOST
from .contenders import fetch
from .rounds import median_times
from .stage import MIB

_SIZES = (MIB // 10, MIB, 50 * MIB)
_TEXT = (
    "Odoo's own attachment serving (`/web/content`, logged in as the clerk) of a file that the add-on has attached, "
    "beside the same file from the simulator without any latency: what a clerk waits who opens a file again that is "
    "on the case already. A fact, not a goal."
)


class Served:
    """Fetches always the same address with a session that stays open."""

    def __init__(self, name, session, address):
        self.name, self._session, self._address = name, session, address

    def prepare(self):
        """Return what fetches the file, and returns the moment of its end."""
        return self._fetch

    def _fetch(self):
        fetch(self._session, self._address)
        return time.perf_counter()


def measure(stage, report, quick):
    """Print the times of both."""
    rows = [_row(stage, size, 3 if quick else 15) for size in _SIZES[: 2 if quick else 3]]
    report.section("Opening an attached file", _TEXT)
    report.table(["size", "from Odoo", "from the far side", "Odoo ÷ far side"], rows)


def _row(stage, size, rounds):
    id_number, [address] = stage.other_side.add_person(1, size)
    case, form_id = stage.found_papers(id_number)
    stage.attach(case, form_id, 1)
    [row] = stage.api("kho.dl.retrieval", "search_read", domain=[("case_id", "=", case)], fields=["attachment_id"])
    own = f"http://{HOST}:{stage.port}/web/content/{row['attachment_id'][0]}"
    with _logged_in(stage) as clerk, requests.Session() as anybody:
        contenders = [Served("odoo", clerk, own), Served("far side", anybody, address)]
        times = median_times(contenders, tuple, rounds, seconds_each=10)
    odoo, far = times["odoo"][0], times["far side"][0]
    return [f"{size / MIB:.3g} MiB", f"{odoo * 1000:.1f} ms", f"{far * 1000:.1f} ms", f"{odoo / far:.2f}"]


def _logged_in(stage):
    """A session of the demo's clerk."""
    session = requests.Session()
    parameters = {"db": stage.odoo.database, "login": "clerk", "password": "clerk"}
    answer = session.post(
        f"http://{HOST}:{stage.port}/web/session/authenticate", json={"params": parameters}, timeout=60
    )
    answer.raise_for_status()
    return session
