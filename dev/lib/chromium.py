"""The browser that the browser tests drive: Debian's without windows, else what Odoo looks for on PATH."""

import os
import shutil
import subprocess

from .console import Failure, step

# Without a window there is less to draw for: a quarter less work than the whole of Chromium has with the same pages.
HEADLESS = "chromium-headless-shell"
NAMES = (HEADLESS, "google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def ensure_chromium():
    """Install Chromium with apt when there is no browser yet and this is root."""
    if any(shutil.which(name) for name in NAMES):
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failure(
            f"The browser tests need Chromium, which is not on PATH: run `apt-get install {HEADLESS}` as root once, "
            "or leave them out with `./dev/test --only protocol`."
        )
    with step(f"Installing Chromium for the browser tests (apt-get install {HEADLESS})"):
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", HEADLESS)


def _apt_get(*arguments):
    command = ["apt-get", "--quiet", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"`{' '.join(command)}` failed, is the network there? apt says: {reason}")
