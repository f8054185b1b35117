"""The citizen's pages on a cheap phone, beside Odoo's own `/my`: first paint and weight."""

import contextlib
import gzip
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import requests
import websocket

from ..chromium import NAMES
from ..console import Failure
from ..ports import HOST

_MOST = 1.3
# A cheap phone has about a quarter of the speed of the machine that measures.
_SLOWER = 4
_PATIENCE = 60  # seconds
_OWN = "/my"
_PAGES = ("/my/kho-dl/cases", "/my/kho-dl/papers", "/my/kho-dl/data", "/my/kho-dl/apply", "/kho-dl/check")
_TEXT = (
    f"The demo's citizen at 360 × 740 points in Chromium whose processor is slowed down {_SLOWER} times, with an empty "
    "cache each time: milliseconds until the first words are painted, medians of rounds in which the pages take turns, "
    "and beside each page its ratio to Odoo's own `/my` in the same rounds. KB is what the page loads without "
    "pictures, packed as a web server in front of Odoo sends it; of that, the page itself and what the add-on brings "
    "for it. Odoo's scripts for its menus are loaded by its own pages alone."
)
_PAINTED = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)"
_LOADED = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((one) => one.name)"
_PICTURES = re.compile(r"\.(png|jpe?g|gif|svg|webp|ico)(\?|$)|/web/image|/logo")


class Phone:
    """A browser as small and slow as a cheap phone, told what to do by Chrome's own protocol."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)
        self.ask("Page.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
        self.ask("Emulation.setCPUThrottlingRate", rate=_SLOWER)
        self.ask("Network.setCacheDisabled", cacheDisabled=True)

    def ask(self, method, **parameters):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                return answer.get("result", {})

    def open(self, address):
        """Open a page; return the milliseconds until its first words were painted, and what it loaded."""
        self.ask("Page.navigate", url=address)
        deadline = time.monotonic() + _PATIENCE
        while not (self._value("document.readyState") == "complete" and (painted := self._value(_PAINTED))):
            if time.monotonic() > deadline:
                raise Failure(f"{address} was not painted within {_PATIENCE} s.")
            time.sleep(0.05)
        # Scripts that are loaded late, too.
        time.sleep(0.5)
        return painted[0], self._value(_LOADED)

    def _value(self, code):
        answer = self.ask("Runtime.evaluate", expression=code, returnByValue=True)
        return answer.get("result", {}).get("value")


def measure(stage, report, quick):
    """Print the time to the first paint and the weight of each page."""
    base = f"http://{HOST}:{stage.port}"
    stage.odoo.shell('env["res.company"].search([], limit=1).kho_dl_serve_addresses = "127.0.0.1"\nenv.cr.commit()')
    # Odoo's own last: what it loads beforehand would count for the page after it, in the round that tells the weight.
    times, loaded = {page: [] for page in (*_PAGES, _OWN)}, {}
    with _logged_in(stage, base) as citizen, _phone() as phone:
        phone.ask("Network.setCookie", name="session_id", value=citizen.cookies["session_id"], url=base)
        # The first round makes what is made once.
        for turn in range(4 if quick else 16):
            pages = list(times)[turn % len(times) :] + list(times)[: turn % len(times)]
            for page in pages:
                painted, names = phone.open(base + page)
                # Odoo's scripts come late, and in some rounds later than that.
                loaded[page] = max(loaded.get(page, names), names, key=len) if page == _OWN else loaded.get(page, names)
                times[page] += [painted] if turn else []
        rows = [_row(report, page, times, [_weight(citizen, base, name) for name in loaded[page]]) for page in times]
    report.section("The citizen's pages on a cheap phone", _TEXT)
    report.table(["page", "first paint", "÷ /my", "KB", "of that the page's own"], rows)


def _row(report, page, times, weights):
    own, painted = statistics.median(times[_OWN]), statistics.median(times[page])
    ratio = "1" if page == _OWN else report.goal(painted / own, most=_MOST)
    total, ours = sum(weight for weight, _is_ours in weights), sum(weight for weight, is_ours in weights if is_ours)
    return [f"`{page}`", f"{painted:.0f} ms", ratio, f"{total / 1000:.0f}", f"{ours / 1000:.1f}"]


def _weight(citizen, base, name):
    """Return (bytes of what was loaded, packed; whether it is the page or the add-on's)."""
    if _PICTURES.search(name):
        return 0, False
    content = citizen.get(name, timeout=_PATIENCE).content
    path = name.removeprefix(base)
    return len(gzip.compress(content)), not path.startswith("/web/") or "kho_dl." in path


@contextlib.contextmanager
def _logged_in(stage, base):
    with requests.Session() as session:
        parameters = {"db": stage.odoo.database, "login": "citizen", "password": "citizen"}
        answer = session.post(f"{base}/web/session/authenticate", json={"params": parameters}, timeout=_PATIENCE)
        answer.raise_for_status()
        yield session


@contextlib.contextmanager
def _phone():
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        raise Failure("The citizen's pages are measured in Chromium, which is not on PATH.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run"]
        command = [program, *switches, "--disable-dev-shm-usage", f"--user-data-dir={folder}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            page = _first_page(Path(folder) / "DevToolsActivePort")
            socket = websocket.create_connection(page, timeout=_PATIENCE, suppress_origin=True)
            with contextlib.closing(socket):
                yield Phone(socket)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


def _first_page(note):
    deadline = time.monotonic() + _PATIENCE
    while not (note.is_file() and note.read_text().strip()):
        if time.monotonic() > deadline:
            raise Failure("Chromium did not start.")
        time.sleep(0.1)
    pages = requests.get(f"http://127.0.0.1:{note.read_text().split()[0]}/json", timeout=_PATIENCE).json()
    return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
