import ast
import subprocess
import sys

import pytest
from conftest import ROOT

MODULES = sorted((ROOT / "protocol").glob("*.py"))
ALLOWED = {*sys.stdlib_module_names, "requests"}


def _imported(path):
    """Yield the top-level names that a module imports; relative ones are left out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_the_standard_library_and_requests(path):
    assert set(_imported(path)) <= ALLOWED
    assert "odoo" not in path.read_text("utf-8").lower().replace("nothing of odoo", "")


def test_everything_imports_where_odoo_cannot_be():
    script = """
import importlib, sys
class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "odoo":
            raise AssertionError("somebody imports odoo")
sys.meta_path.insert(0, Forbidden())
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(f"protocol.{name}")
assert not any(name.partition(".")[0] == "odoo" for name in sys.modules)
"""
    names = [path.stem for path in MODULES if path.stem != "__init__"]
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), *names], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_modules_stay_small():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length >= 300} == {}
