"""One Chromium for all browser tests of a process.

Each test has a page of its own in it, and begins without what others left: cookies, what scripts keep, whatever works behind
a page. Scripts and styles, the same for all, are fetched and compiled once, where a new Chromium does so in each test.
"""

import os
import shutil
import time

import requests

from odoo.tests import common

_KEPT = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"
_PATIENCE = 60  # seconds on a busy machine
_FOR_A_PAGE = 180
# Odoo ends the processes that a class of tests has started: this one is started by another that is over at once. It ends as
# nobody writes into the pipe any more, however the tests end.
_START = """
pipe=$1 folder=$2; shift 2
( "$@" & browser=$!; read -r nothing < "$pipe"; kill $browser; wait $browser; rm -rf "$folder" ) &
"""
# What is running: with a touch screen, and without.
_running = {}


class _Running:
    """A Chromium as Odoo looks at the process that it has started, which a test does not end."""

    pid = None

    def __init__(self, port, pipe):
        self.port = port
        self.pipe = pipe

    def ask(self, method, what):
        return requests.request(method, f"http://{common.HOST}:{self.port}/json/{what}", timeout=_PATIENCE)

    def poll(self):
        """Return None while it runs."""
        try:
            self.ask("GET", "version")
        except requests.ConnectionError:
            return 1
        return None

    def terminate(self):
        pass

    def wait(self, seconds):
        pass


class KeptBrowser(common.ChromeBrowser):
    """A page in the Chromium that is kept; it looks to Odoo like a browser of its own."""

    def __init__(self, case, *args, **options):
        super().__init__(case, *args, **options)
        origin = case.base_url()
        self._websocket_request("Network.clearBrowserCookies", timeout=_PATIENCE)
        self._websocket_request(
            "Storage.clearDataForOrigin", params={"origin": origin, "storageTypes": _KEPT}, timeout=_PATIENCE
        )

    @property
    def executable(self):
        """The Chromium that has no windows to draw, a quarter less work for the same pages, else the one that Odoo finds."""
        return shutil.which("chromium-headless-shell") or super().executable

    def _wait_ready(self, ready_code=None, timeout=_FOR_A_PAGE):
        """Wait as Odoo does, which asks without a pause and keeps both sides busy with that."""
        code = f"try {{ {ready_code or 'document.readyState === `complete`'} }} catch {{}}"
        params = {"expression": code, "awaitPromise": True}
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            answer = self._websocket_request("Runtime.evaluate", params=params, timeout=left)
            if answer["result"] == {"type": "boolean", "value": True}:
                return True
            time.sleep(0.03)
        self.take_screenshot(prefix="sc_failed_ready_")
        return False

    def _spawn_chrome(self, cmd):
        kind = "--touch-events" in cmd
        if kind not in _running or _running[kind].poll():
            _running[kind] = self._start(cmd)
            # Not Odoo's to remove.
            self.user_data_dir = os.path.join(self.user_data_dir, "of_one_test")
        return _running[kind], _running[kind].port

    def _start(self, cmd):
        name = os.path.join(self.user_data_dir, "pipe")
        os.mkfifo(name)
        pipe = os.open(name, os.O_RDWR)
        # Its first page, which is no test's, is told from those of tests.
        cmd = ["sh", "-c", _START, "sh", name, self.user_data_dir, *cmd[:-1], "data:,"]
        starter, port = super()._spawn_chrome(cmd)
        starter.wait()
        return _Running(port, pipe)

    def _open_websocket(self):
        self._page = self.chrome.ask("PUT", "new?about:blank").json()["id"]
        return super()._open_websocket()

    def _websocket_request(self, method, **options):
        # Odoo's last request.
        return self._close_page() if method == "Browser.close" else super()._websocket_request(method, **options)

    def _close_page(self):
        """Close the page, and return when neither it nor a worker of it is there."""
        self.chrome.ask("GET", f"close/{self._page}")
        for _turn in range(_PATIENCE * 20):
            # The others are Chromium's own.
            if all(one["url"].startswith(("data:", "chrome:")) for one in self.chrome.ask("GET", "list").json()):
                return
            time.sleep(0.05)
        raise TimeoutError("A page stays open")
