"""What of the tests a change can touch: by the room that it is in, and by who imports it."""

import re
import subprocess
from pathlib import Path

from .cache import CHECKOUT

# What is no Odoo's, and the layers that look at it.
_LAYERS = {
    "protocol": ["protocol"],
    "inspection": ["inspection"],
    "sealing": ["sealing"],
    "simulator": ["simulator", "protocol"],
    "hooks.py": ["packages"],
    "migrations": ["packages"],
    "docs": ["packages"],
    "examples": ["packages"],
    "README.md": ["packages"],
    "README.vi.md": ["packages"],
}
# Beginnings of names of tests that look at what is outside of rooms; and at a room that has no tests of its own.
_TESTS = {
    "protocol": ["retrieval"],
    "sealing": ["store_digitise"],
    "wizard": ["lookup", "tours"],
    "controllers": ["store_serving", "health_monitoring", "lookup_proof", "reporting_demand", "catalogue_sheet"],
    "static": ["lookup_counter", "mapping_keyboard", "tours"],
    "views": ["tours"],
    "security": ["sweep"],
    "data": ["connection_neutralize"],
    "migrations": ["migrations"],
}
_TESTS_OF_ROOM = {"procedure": ["catalogue", "mapping"]}
# Of what is no model's own, and of every string.
_ALWAYS = ("test_translations.py", "test_readme.py", "test_runner.py")
_MODEL = re.compile(r"\bkho\.dl(?:\.[a-z]+)+\b|(?<=model_)kho_dl(?:_[a-z]+)+\b")
_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)


def touched_by_changes(base):
    """Return (layers to run whole, files of Odoo's tests) for what differs from the commit ``base``, or is not committed."""
    paths = _changed(base)
    layers = {layer for path in paths for layer in _LAYERS.get(path.parts[0], ())}
    layers |= {path.parts[1] for path in paths if path.parts[0] == "tests" and len(path.parts) > 2}
    rooms = {room for path in paths for room in _rooms_of(path, base)}
    begins = [begin for room in rooms for begin in _TESTS_OF_ROOM.get(room, [room])]
    begins += [begin for path in paths for begin in _TESTS.get(path.parts[0], ())]
    names = tuple(f"test_{begin}" for begin in begins)
    tests = [
        test
        for test in sorted((CHECKOUT / "tests").glob("test_*.py"))
        if test.relative_to(CHECKOUT) in paths or test.name in _ALWAYS or test.name.startswith(names)
    ]
    return sorted(layers), tests


def _changed(base):
    listed = _git("diff", "--name-only", "--no-renames", base, "--")
    new = _git("ls-files", "--others", "--exclude-standard")
    return {Path(line) for line in (listed + new).splitlines()}


def _git(*words):
    return subprocess.run(["git", *words], cwd=CHECKOUT, check=True, capture_output=True, text=True, timeout=60).stdout


def _rooms_of(path, base):
    """Yield the rooms of ``models/`` whose tests look at ``path``."""
    if path.parts[0] == "models" and len(path.parts) == 3:
        yield path.parts[1]
    if path.suffix == ".py" and path.parts[0] != "tests":
        yield from _importers(path)
    elif path.parts[0] in ("views", "data", "security", "wizard", "demo") and (CHECKOUT / path).exists():
        # A table of rights names all models: only those of its changed lines.
        is_table = path.suffix == ".csv"
        text = _git("diff", "--unified=0", base, "--", path) if is_table else (CHECKOUT / path).read_text()
        homes = _homes()
        yield from {homes[name] for found in _MODEL.findall(text) if (name := found.replace(".", "_")) in homes}


def _importers(path):
    """Yield the rooms whose modules import the module ``path``."""
    wanted = path.with_suffix("").parts
    for file in (CHECKOUT / "models").rglob("*.py"):
        here = file.relative_to(CHECKOUT).with_suffix("").parts
        for dots, module, names in _IMPORT.findall(file.read_text()):
            package = (*here[: -len(dots)], *filter(None, module.split(".")))
            if package == wanted or (package == wanted[:-1] and re.search(rf"\b{wanted[-1]}\b", names)):
                yield here[1]


def _homes():
    """Return {name of a model, with underscores: its room}."""
    return {
        name.replace(".", "_"): file.parent.name
        for file in (CHECKOUT / "models").rglob("*.py")
        for name in re.findall(r'^    _name = "([\w.]+)"', file.read_text(), re.MULTILINE)
    }
