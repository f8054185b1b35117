"""Tables in Markdown, as they go into the page of the docs, and goals met or missed."""

import platform
from pathlib import Path

from ..console import say
from .stage import MIB


class Report:
    """Prints each section at once, and keeps the text."""

    def __init__(self):
        self._lines = []
        self.missed = 0

    def section(self, title, text):
        """Begin a section with a heading and a paragraph."""
        self._print("", f"## {title}", "", text)

    def table(self, head, rows):
        """Print a table; every cell is text already."""
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = [head, ["-" * width for width in widths], *rows]
        self._print("", *(_line(cells, widths) for cells in lines))

    def goal(self, value, most=None, least=None):
        """Return the cell of a ratio that has a goal: the ratio, the goal, and whether it is met."""
        met = value <= most if least is None else value >= least
        self.missed += not met
        wanted = f"≤ {most}" if least is None else f"≥ {least}"
        return f"{value:.3g} ({wanted}: {'ok' if met else 'missed'})"

    def text(self):
        """Return all that was printed."""
        return "\n".join(self._lines).strip() + "\n"

    def _print(self, *lines):
        for line in lines:
            say(line)
        self._lines += lines


def _line(cells, widths):
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


def machine(odoo):
    """Return rows (what, value) about this machine and its software."""
    cpu = _field("/proc/cpuinfo", "model name") or platform.machine()
    memory = int((_field("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) * 1024
    versions = odoo.shell(_VERSIONS).strip().splitlines()[-1].split(" ")
    return [
        ["processor", f"{_cores()} × {cpu}"],
        ["memory", f"{memory / MIB / 1024:.0f} GiB"],
        ["kernel", f"{platform.system()} {platform.release()}"],
        ["Python", versions[0]],
        ["PostgreSQL", versions[1]],
        ["Odoo", versions[2]],
    ]


_VERSIONS = """
import platform
from odoo.release import version
env.cr.execute("SHOW server_version")
print(platform.python_version(), env.cr.fetchone()[0].split()[0], version.split()[0])
"""


def _cores():
    return len([line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("processor")])


def _field(path, name):
    lines = (line.partition(":") for line in Path(path).read_text().splitlines())
    return next((value.strip() for key, _colon, value in lines if key.strip() == name), None)
