"""A Chromium without a window, driven over its own protocol. Needs `websocket-client`, so Odoo's Python."""

import base64
import contextlib
import json
import shutil
import time
import urllib.request

import websocket

from .chromium import NAMES, ensure_chromium
from .console import Failure
from .ports import HOST, reserved_port, wait_until_open
from .processes import running

_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=vi",
)  # fmt: skip
_PATIENCE = 60  # seconds for whatever is waited for
# The last one that is shown: a dialog lies over what else bears the same name. With `words`, one that says them.
_FIND = """
((selector, words) => [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility() && (!words || element.innerText.includes(words))).pop())
"""
_AT_REST = """
!document.querySelector(".o_loading_indicator, .o_blockUI")
&& ![...document.images].some((image) => !image.complete && image.getBoundingClientRect().top < innerHeight)
"""


@contextlib.contextmanager
def browser(folder):
    """Run a browser whose profile is in ``folder``; yield a function that opens a :class:`Page` of a width and height."""
    ensure_chromium()
    program = next(filter(None, map(shutil.which, NAMES)))
    with reserved_port(9300) as port:
        command = [program, *_OPTIONS, f"--remote-debugging-port={port}", f"--user-data-dir={folder}", "about:blank"]
        log = folder / "chromium.log"
        with open(log, "wb") as output, running(command, stdout=output, stderr=output) as process:
            wait_until_open(port, process, _PATIENCE, f"Chromium (its log: {log})")
            yield lambda width, height, **device: Page(port, width, height, **device)


class Page:
    """A page of the browser, with its own cookies."""

    def __init__(self, port, width, height, mobile=False):
        with urllib.request.urlopen(f"http://{HOST}:{port}/json/version", timeout=_PATIENCE) as answer:
            address = json.load(answer)["webSocketDebuggerUrl"]
        self._socket = websocket.create_connection(address, timeout=_PATIENCE, suppress_origin=True)
        self._last, self._session = 0, None
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def call(self, method, **parameters):
        """Call ``method`` of the protocol and return its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._last:
                break
        if "error" in answer:
            raise Failure(f"The browser refused {method}: {answer['error']['message']}")
        return answer["result"]

    def evaluate(self, code):
        """Return the value of the JavaScript ``code``."""
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise Failure(f"The browser could not run {code}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def open(self, address):
        """Go to ``address`` and wait for it."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")
        self.settle()

    def wait(self, condition):
        """Wait until the JavaScript ``condition`` holds."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            # While a page goes, there is none to ask.
            with contextlib.suppress(Failure):
                if self.evaluate(f"Boolean({condition})"):
                    return
            time.sleep(0.1)
        raise Failure(f"This was waited for in vain: {condition}")

    def settle(self):
        """Wait until nothing is being loaded any more, and drawn."""
        self.wait(_AT_REST)
        time.sleep(0.7)
        self.wait(_AT_REST)

    def has(self, selector, words=""):
        """Whether something that ``selector`` names is shown, with these words in it."""
        return self.evaluate(f"Boolean({_found(selector, words)})")

    def place(self, selector, words=""):
        """Wait for what ``selector`` names, scroll to it and return (x, y) of its middle."""
        self.wait(_found(selector, words))
        x, y = self.evaluate(
            f"(() => {{const element = {_found(selector, words)};"
            "element.scrollIntoView({block: 'nearest'}); const box = element.getBoundingClientRect();"
            "return [box.x + Math.min(box.width / 2, 120), box.y + box.height / 2]})()"
        )
        return x, y

    def click(self, selector, words=""):
        """Press what ``selector`` names with the mouse, and wait for what comes of it."""
        x, y = self.place(selector, words)
        self.move_to(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def move_to(self, x, y):
        """Move the mouse, so that what it was over is left."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def scroll_to(self, selector, words=""):
        """Scroll what ``selector`` names to the top of the window."""
        self.place(selector, words)
        self.evaluate(f"{_found(selector, words)}.scrollIntoView({{block: 'start'}}); scrollBy(0, -20)")

    def type(self, text):
        """Type ``text`` where the focus is."""
        self.call("Input.insertText", text=text)

    def press_enter(self):
        """Press Enter, as a scanner does at its end, and wait for what comes of it."""
        for kind, more in (("keyDown", {"text": "\r"}), ("keyUp", {})):
            self.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, **more)
        self.settle()

    def screenshot(self):
        """Return what is to be seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def print(self, **options):
        """Return the page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", **options)["data"])


def _found(selector, words):
    return f"{_FIND}({json.dumps(selector)}, {json.dumps(words)})"
