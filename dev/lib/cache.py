"""The user's cache folder: what is expensive to make, outside the checkout, shared by all checkouts.

Outside, because Odoo walks every add-ons folder whole and follows links: an unpacked Odoo or a venv inside the
checkout would make its term export crawl or loop.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path

from .console import say

CHECKOUT = Path(__file__).resolve().parents[2]
_MARK = ".complete"


def cache_dir():
    """The root of everything that the commands keep."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kho_dl"
    root.mkdir(parents=True, exist_ok=True)
    return root


def checkout_dir():
    """What belongs to this checkout alone, such as its demo databases."""
    folder = cache_dir() / "checkouts" / digest(str(CHECKOUT))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def digest(value):
    """A short name for a JSON value: another value gives another folder."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def built(folder, build):
    """Return ``folder``, made by ``build(folder)`` unless it was completed before.

    A venv cannot be moved once made, so the folder is built in its final place, under a lock, and counts only once
    it bears a mark: what an interrupted run left behind is thrown away, and a second run waits for the first.
    """
    if (folder / _MARK).exists():
        return folder
    with locked(folder):
        if not (folder / _MARK).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            build(folder)
            (folder / _MARK).touch()
    return folder


@contextlib.contextmanager
def locked(folder):
    """Hold the lock of ``folder``, waiting for it if another run has it."""
    with _lock_file(folder) as handle:
        if not _take(handle):
            say(f"→ Another run is making {folder}: waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_if_free(folder):
    """Yield whether the lock of ``folder`` could be had at once, and hold it if so."""
    with _lock_file(folder) as handle:
        yield _take(handle)


@contextlib.contextmanager
def run_folder():
    """Yield a new folder for one run; it goes with the run, or with the next one if this one is killed."""
    runs = cache_dir() / "runs"
    for leftover in runs.glob("*/"):
        with locked_if_free(leftover) as abandoned:
            if abandoned:
                _forget(leftover)
    folder = runs / f"{os.getpid()}-{os.urandom(3).hex()}"
    with locked(folder):
        folder.mkdir()
        try:
            yield folder
        finally:
            _forget(folder)


def _take(handle):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget(folder):
    shutil.rmtree(folder, ignore_errors=True)
    _lock_path(folder).unlink(missing_ok=True)


def _lock_path(folder):
    return folder.with_name(f"{folder.name}.lock")


def _lock_file(folder):
    folder.parent.mkdir(parents=True, exist_ok=True)
    return open(_lock_path(folder), "w")
