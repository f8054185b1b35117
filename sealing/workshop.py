"""Making the pages of a certified copy in a child process, so that a hostile scan takes nothing down but that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .child import answered, question
from .copy_mark import CopyMark
from .faults import ScanTooMuch, WorkshopBroken

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


@dataclass(frozen=True, slots=True)
class Limits:
    """What one copy may cost: `seconds` of time and of CPU, `memory` in bytes."""

    seconds: int = 60
    memory: int = 1536 * 1024**2


def marked_copy(scans: Sequence[bytes], mark: CopyMark, limits: Limits | None = None, python: str = "") -> bytes:
    """Return `scans` as one PDF with `mark` on its first page, see `pages.as_pdf` and `copy_mark.mark_copy`.

    `python` is the path of another interpreter for the child process. Raises UnreadableScan, EncryptedScan, SignedScan,
    ScanTooMuch for what needs more than `limits`, and WorkshopBroken.
    """
    limits = limits or Limits()
    folder = str(Path(__file__).resolve().parent)
    names = _ENVIRONMENT if python else (*_ENVIRONMENT, *_OURS)
    try:
        done = subprocess.run(
            [python or sys.executable, "-B", "-c", _START, folder, str(limits.seconds), str(limits.memory)],
            input=question(scans, mark),
            capture_output=True,
            timeout=limits.seconds,
            env={name: os.environ[name] for name in names if name in os.environ},
            cwd="/",
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ScanTooMuch("it took too long") from None
    except OSError as error:
        raise WorkshopBroken(type(error).__name__) from None
    if done.returncode < 0:
        raise ScanTooMuch("it was ended for its memory or time")
    if done.returncode:
        raise WorkshopBroken(_kind(done.stderr))
    return answered(done.stdout)


def _kind(said: bytes) -> str:
    """Return the name of the error in the last line that the child `said`; what else stands there may be content."""
    lines = said.decode(errors="replace").strip().splitlines()
    name = lines[-1].partition(":")[0] if lines else ""
    return name if name.replace(".", "").isidentifier() else "unknown"
