"""Making things out of files in a child process, so that a hostile one takes nothing down but that."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .child import answered, question
from .faults import ScanTooMuch, WorkshopBroken, WorkshopBusy

if TYPE_CHECKING:
    from .copy_mark import CopyMark

# This package alone, by its folder, under a name of its own: as an add-on's part its parents would import Odoo.
_START = """
import importlib.util, sys
folder = sys.argv[1]
spec = importlib.util.spec_from_file_location(
    "kho_dl_sealing", folder + "/__init__.py", submodule_search_locations=[folder]
)
package = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module("kho_dl_sealing.child").run(*sys.argv[2:])
"""
# All that the child gets to know of its surroundings; no passwords among it.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL")
# Where this process finds its libraries and packages: not those of another interpreter.
_OURS = ("LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
# So much is made side by side in this process: others have work for the cores, too.
_AT_ONCE = threading.BoundedSemaphore(min(os.cpu_count() or 1, 4))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one thing may cost: `seconds` of time and of CPU, `memory` in bytes."""

    seconds: int = 60
    memory: int = 1536 * 1024**2


class Picture(NamedTuple):
    """The picture of a page, a JPEG, and how many pages its file has."""

    content: bytes
    page_count: int


def marked_copy(
    scans: Sequence[bytes],
    mark: CopyMark,
    limits: Limits | None = None,
    python: str = "",
    until: float = math.inf,
) -> bytes:
    """Return `scans` as one PDF with `mark` on its first page, see `pages.as_pdf` and `copy_mark.mark_copy`.

    `python` is the path of another interpreter for the child process. Raises UnreadableScan, EncryptedScan, SignedScan,
    ScanTooMuch for what needs more than `limits`, WorkshopBusy for what is not made `until` (time.monotonic()), and WorkshopBroken.
    """
    options = {
        "kind": mark.kind,
        "agency": mark.agency,
        "moment": mark.moment.isoformat(),
        "check_address": mark.check_address,
    }
    return _made(question("copy", scans, **options), limits or Limits(), python, until)


def bound_photos(
    photos: Sequence[bytes], limits: Limits | None = None, python: str = "", until: float = math.inf
) -> bytes:
    """Return `photos` as one PDF, in their order, upright, of a size that can be read; see `photos.photos_as_pdf`.

    Raises as `marked_copy` does, and PhotoKindUnknown; `number` of an error is that of the photo, from 1.
    """
    return _made(question("photos", photos), limits or Limits(), python, until)


def page_picture(
    content: bytes, page: int, word: str, limits: Limits | None = None, python: str = "", until: float = math.inf
) -> Picture:
    """Return the `Picture` of page no. `page`, from 1, of a PDF or an image, with `word` across it.

    Raises as `marked_copy` does, UnreadableScan also for a page that there is not.
    """
    made = _made(question("picture", [content], page=page, word=word), limits or Limits(seconds=20), python, until)
    count, _end, picture = made.partition(b"\n")
    return Picture(picture, int(count))


def _made(asked: bytes, limits: Limits, python: str, until: float) -> bytes:
    """Return what a child of its own makes of the question `asked`."""
    if not _AT_ONCE.acquire(timeout=max(min(limits.seconds, until - time.monotonic()), 0)):
        raise WorkshopBusy("others have work for it")
    try:
        done = _run(asked, limits, python, until)
    finally:
        _AT_ONCE.release()
    if done.returncode < 0:
        raise ScanTooMuch("it was ended for its memory or time")
    if done.returncode:
        raise WorkshopBroken(_kind(done.stderr))
    return answered(done.stdout)


def _run(asked: bytes, limits: Limits, python: str, until: float) -> subprocess.CompletedProcess:
    folder = str(Path(__file__).resolve().parent)
    names = _ENVIRONMENT if python else (*_ENVIRONMENT, *_OURS)
    try:
        return subprocess.run(
            [python or sys.executable, "-B", "-c", _START, folder, str(limits.seconds), str(limits.memory)],
            input=asked,
            capture_output=True,
            timeout=min(limits.seconds, until - time.monotonic()),
            env={name: os.environ[name] for name in names if name in os.environ},
            cwd="/",
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise (WorkshopBusy if time.monotonic() >= until else ScanTooMuch)("it took too long") from None
    except OSError as error:
        raise WorkshopBroken(type(error).__name__) from None


def _kind(said: bytes) -> str:
    """Return the name of the error in the last line that the child `said`; what else stands there may be content."""
    lines = said.decode(errors="replace").strip().splitlines()
    name = lines[-1].partition(":")[0] if lines else ""
    return name if name.replace(".", "").isidentifier() else "unknown"
