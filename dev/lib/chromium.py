"""The browser that the browser tests drive; Odoo looks for it on PATH under these names."""

import os
import shutil
import subprocess

from .console import Failure, step

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def ensure_chromium():
    """Install Chromium with apt when there is no browser yet and this is root."""
    if any(shutil.which(name) for name in NAMES):
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failure(
            "The browser tests need Chromium, which is not on PATH: run `apt-get install chromium` as root once, "
            "or leave them out with `./dev/test --only protocol`."
        )
    with step("Installing Chromium for the browser tests (apt-get install chromium)"):
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", "chromium")


def _apt_get(*arguments):
    command = ["apt-get", "--quiet", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"`{' '.join(command)}` failed, is the network there? apt says: {reason}")
