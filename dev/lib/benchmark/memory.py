"""How much more memory Odoo's process needs while ten large files come in."""

from pathlib import Path

from .contenders import AddOn
from .stage import MIB

_FILES, _SIZE = 10, 50 * MIB
_MOST = _SIZE + 64 * MIB
# What the kernel wants in clear_refs to begin a new peak.
_RESET_PEAK = "5"


def measure(stage, report, quick):
    """Print how far the process's resident memory rose above what it had when idle."""
    rows = []
    for number in range(1 if quick else 3):
        work = AddOn(stage).prepare(*stage.other_side.add_person(_FILES, _SIZE))
        idle = _memory(stage.server_pid, "VmRSS")
        Path(f"/proc/{stage.server_pid}/clear_refs").write_text(_RESET_PEAK)
        work()
        peak = _memory(stage.server_pid, "VmHWM")
        rows.append([str(number + 1), _mib(idle), _mib(peak), report.goal((peak - idle) / MIB, most=_MOST // MIB)])
    report.section("Memory", _TEXT)
    report.table(["time", "idle", "peak", "growth in MiB"], rows)


_TEXT = (
    f"Resident memory of Odoo's server process (VmRSS before, VmHWM after) while {_FILES} files of {_SIZE // MIB} MiB "
    "are attached to one case, several times in the same process. The child process that looks into PDFs has limits of "
    "its own and is not counted."
)


def _memory(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _mib(size):
    return f"{size / MIB:.0f} MiB"
