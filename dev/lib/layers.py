"""The layers of tests: what needs no Odoo first, then everything that does."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .cache import CHECKOUT, checkout_dir, run_folder
from .chromium import ensure_chromium
from .console import say
from .gates import run_gates
from .measuring import OUT, SOURCES
from .odoo_server import ADDON, Odoo, linked_addons
from .odoo_source import find_odoo
from .postgres import programs_folder, throwaway_postgres
from .processes import call
from .templates import INSTALLED, begin_with, make_scripts, postgres_folder
from .venv import find_older_python, find_python

# Folders of tests that do not import Odoo. The other tests are Odoo's.
PLAIN = ("protocol", "inspection", "sealing", "simulator", "packages", "faults")
NAMES = ("gates", *PLAIN, "odoo")
# In the order in which they begin: what needs no database first runs beside the making of the others'.
LONGEST_FIRST = ("odoo", "gates", "inspection", "faults", "packages", "sealing", "protocol", "simulator")
LANES = 3
# Those of them that also run under the older sets of pins.
OLDER = ("protocol", "inspection", "sealing")
# So long may one test take, its fixtures included, on the slowest machine.
_MOST_SECONDS = 600
# More processes than this share Odoo's tests nowhere: a container tells the cores of its machine, and has fewer.
_MOST_PROCESSES = 4
# Branch coverage in percent that a whole layer must reach: the code measured, and the least allowed.
_COVERAGE = {
    "protocol": (["protocol"], 95),
    "inspection": (["inspection"], 95),
    "sealing": (["sealing"], 95),
    "odoo": (["models", "wizard", "controllers"], 90),
}


@dataclass(frozen=True)
class Target:
    """A file or folder of tests, relative to the checkout, and perhaps a test in it."""

    path: Path
    node: str

    @property
    def layer(self):
        """The name of the layer that it belongs to."""
        folder = self.path.parts[1] if len(self.path.parts) > 1 else ""
        return folder if folder in PLAIN else "odoo"

    def under(self, root):
        """What pytest calls it when the checkout is reached through ``root``."""
        return f"{root / self.path}{'::' if self.node else ''}{self.node}"


@dataclass(frozen=True)
class Result:
    """How one layer went; ``ok`` also tells of what is not a test, such as coverage."""

    passed: int
    failed: int
    ok: bool


def run_layer(name, pins, arguments, targets):
    """Run the layer ``name``, or only its ``targets``; ``arguments`` go to pytest."""
    if name == "gates":
        passed, failed = run_gates(pins)
        return Result(passed, failed, not failed)
    python = find_python(pins)
    with run_folder() as folder:
        if name in OLDER and not arguments and not targets:
            return _run_under_all_pins(name, pins, python, folder)
        if name in PLAIN:
            return _run_plain(name, python, folder, arguments, targets)
        return _run_odoo(pins, python, folder, arguments, targets)


def find_target(word):
    """The :class:`Target` that ``word`` of a command line names (``tests/…`` or ``tests/…::Test::test``), or None."""
    path, _separator, node = word.partition("::")
    found = Path(path).resolve()
    if found.exists() and found.is_relative_to(CHECKOUT / "tests"):
        return Target(found.relative_to(CHECKOUT), node)
    return None


def _run_plain(name, python, folder, arguments, targets):
    tests = CHECKOUT / "tests" / name
    if not tests.is_dir():
        say(f"There is no folder tests/{name} yet.")
        return Result(0, 0, True)
    say(f"→ Tests of {name}, without importing Odoo")
    # The plugin imports Odoo, which is not to be had here: that is the point of this layer.
    chosen = ["-p", "no:odoo", "-c", tests / "pytest.ini", *arguments]
    chosen += [target.under(CHECKOUT) for target in targets] or [tests]
    return _pytest(name, python, folder, chosen, whole=not arguments and not targets, cwd=CHECKOUT, env=os.environ)


def _run_under_all_pins(name, pins, python, folder):
    """Run a whole layer under the newest pins and, meanwhile, under the older sets."""
    older = {each: find_older_python(pins, each) for each in pins["older"]}
    with ThreadPoolExecutor() as pool:
        waiting = {
            each: pool.submit(_run_older, name, each, its_python, folder)
            for each, its_python in older.items()
            if its_python
        }
        results = [_run_plain(name, python, folder, [], [])]
        for each, its_python in older.items():
            if not its_python:
                say(
                    f"→ NOT RUN: {name} under the pins {each}, as there is no Python {pins['older'][each]['python']} here"
                )
                continue
            result, output = waiting[each].result()
            if not result.ok:
                say(output)
            say(f"→ {name} under the pins {each}: {result.passed} passed, {result.failed} failed")
            results.append(result)
    return Result(
        sum(result.passed for result in results),
        sum(result.failed for result in results),
        all(result.ok for result in results),
    )


def _run_older(name, pins_name, python, folder):
    """The :class:`Result` under an older set of pins, and what pytest said."""
    own = folder / f"{name}-{pins_name}"
    own.mkdir()
    tests = CHECKOUT / "tests" / name
    with open(own / "output", "w+") as output:
        # Old libraries are warned of by a newer Python.
        chosen = ["-c", tests / "pytest.ini", "-W", "default", tests]
        options = {"cwd": CHECKOUT, "env": os.environ, "stdout": output, "stderr": output, "kept_as": own.name}
        result = _pytest(name, python, own, chosen, whole=False, **options)
        output.seek(0)
        return result, output.read()


def _run_odoo(pins, python, folder, arguments, targets):
    ensure_chromium()
    source = find_odoo(pins)
    with throwaway_postgres(folder / "postgres", python, postgres_folder(source, python)) as environment:
        odoo = Odoo(source, python, folder, environment, "kho_dl_test")
        begin_with(odoo, INSTALLED)
        if not targets:
            make_scripts(odoo)
        say("→ Tests in Odoo, browser tests included")
        return _pytest_odoo(odoo, arguments, targets)


def _pytest_odoo(odoo, arguments, targets):
    # Odoo knows the add-on by the linked folder's name, so the tests are reached through the link.
    addon = linked_addons() / ADDON
    not_ours = [f"--ignore={addon / 'tests' / name}" for name in PLAIN]
    chosen = [
        f"--odoo-config={odoo.configuration()}",
        f"--odoo-database={odoo.database}",
        "--odoo-http",
        "-p",
        "lib.kept_child",
        *not_ours,
        *arguments,
        *([target.under(addon) for target in targets] or [addon / "tests"]),
    ]
    if len(targets) != 1:
        # Each process has a copy of the database, and takes over tests of another one when it is done with its own.
        chosen = [
            f"--numprocesses={min(os.cpu_count(), _MOST_PROCESSES)}",
            "--dist=worksteal",
            "-p",
            "lib.own_files",
            *chosen,
        ]
    environment = odoo.environment
    environment["PATH"] = os.pathsep.join([str(programs_folder(odoo.python)), environment["PATH"]])
    # Not in the checkout: its folders would be importable a second time, without Odoo.
    options = {"cwd": odoo.folder, "env": environment}
    return _pytest("odoo", odoo.python, odoo.folder, chosen, whole=not arguments and not targets, **options)


def _pytest(name, python, folder, arguments, whole, cwd, env, kept_as=None, **options):
    report = folder / f"{name}.xml"
    kept = checkout_dir() / "pytest" / (kept_as or name)
    settings = {
        "cache_dir": kept / "cache",
        # A test that waits without end shows where, and ends its process; the others go on in a new one where there are several.
        "faulthandler_timeout": _MOST_SECONDS,
        "faulthandler_exit_on_timeout": True,
    }
    command = [python, "-m", "pytest", f"--junitxml={report}", *arguments]
    command += [word for name_and_value in settings.items() for word in ("-o", "{}={}".format(*name_and_value))]
    path = os.pathsep.join([*filter(None, [env.get("PYTHONPATH")]), str(CHECKOUT / "dev")])
    environment = {**env, "HYPOTHESIS_STORAGE_DIRECTORY": str(kept / "hypothesis"), "PYTHONPATH": path}
    if whole and name in _COVERAGE:
        code = _call_measured(name, python, folder, command, environment, cwd=cwd, **options)
    else:
        code = call(command, cwd=cwd, env=environment, **options)
    passed, failed = _counts(report)
    nothing_chosen = code == 5 and not whole
    return Result(passed, failed, code == 0 or nothing_chosen)


def _call_measured(name, python, folder, command, environment, **options):
    """Run pytest, print what no test ran through, and return an exit code that tells of both."""
    sources, least = _COVERAGE[name]
    out = folder / "measured"
    out.mkdir()
    measured = {SOURCES: os.pathsep.join(str(CHECKOUT / source) for source in sources), OUT: str(out)}
    code = call([*command, "-p", "lib.measuring"], env={**environment, **measured}, **options)
    merge = [
        "-m",
        "slipcover",
        "--branch",
        f"--fail-under={least}",
        "--skip-covered",
        f"--out={folder / 'merged.json'}",
    ]
    return code or call([python, *merge, "--merge", *out.iterdir()], cwd=CHECKOUT)


def _counts(report):
    """The numbers of passed and of failed tests; a pytest that fell over before its report counts as one failed."""
    if not report.exists():
        return 0, 1
    # Subtests are cases of the same name; like pytest's own closing line, a test counts once.
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        outcomes.setdefault((case.get("classname"), case.get("name")), set()).update(part.tag for part in case)
    failed = sum(bool(outcome & {"failure", "error"}) for outcome in outcomes.values())
    skipped = sum("skipped" in outcome for outcome in outcomes.values())
    return len(outcomes) - failed - skipped, failed
