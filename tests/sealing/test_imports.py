import ast
import subprocess
import sys

import pytest
from conftest import ROOT

MODULES = sorted((ROOT / "sealing").glob("*.py"))
LIBRARIES = {"PIL", "asn1crypto", "cryptography", "pyhanko", "pyhanko_certvalidator", "pypdf", "reportlab"}
# In the child process alone.
LIBRARIES |= {"pi_heif", "pypdfium2"}


def _imported(path):
    """Yield the top-level names that a module imports; relative ones are left out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_the_standard_library_and_its_libraries(path):
    assert set(_imported(path)) <= {*sys.stdlib_module_names, *LIBRARIES}


def test_everything_imports_where_odoo_and_protocol_cannot_be():
    script = """
import importlib, sys
class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("odoo", "protocol", "inspection"):
            raise AssertionError("somebody imports " + name)
sys.meta_path.insert(0, Forbidden())
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(f"sealing.{name}")
"""
    names = [path.stem for path in MODULES if not path.stem.startswith("__")]
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), *names], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_modules_stay_small():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length >= 300} == {}
