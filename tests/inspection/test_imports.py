import ast
import subprocess
import sys
import tempfile
from contextlib import closing

import pytest
from authority import NOW, pdf
from conftest import ROOT, trust_of

from inspection.sandbox import Sandbox

MODULES = sorted((ROOT / "inspection").glob("*.py"))
LIBRARIES = {"asn1crypto", "clamav_client", "cryptography", "pyhanko", "pyhanko_certvalidator", "pypdf"}


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
        if name.partition(".")[0] in ("odoo", "protocol"):
            raise AssertionError("somebody imports " + name)
sys.meta_path.insert(0, Forbidden())
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(f"inspection.{name}")
"""
    names = [path.stem for path in MODULES if not path.stem.startswith("__")]
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), *names], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_the_child_has_no_client_for_http(authority):
    with closing(Sandbox()) as sandbox, tempfile.TemporaryFile() as file:
        file.write(authority.sign(pdf()))
        assert sandbox.inspect(file, trust_of(authority), NOW).signature_state == "valid"
        with open(f"/proc/{sandbox.process_id}/maps") as maps:
            loaded = maps.read()
    assert "cryptography" in loaded
    assert "aiohttp" not in loaded


def test_modules_stay_small():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length >= 300} == {}


def test_nobody_of_ours_reads_a_pdf_with_what_odoo_itself_takes():
    # PyPDF2 is not looked after any more; bytes from outside are for pyHanko and pypdf.
    rooms = [path for path in ROOT.glob("*/") if path.name not in ("tests", "dev") and not path.name.startswith(".")]
    files = [path for room in rooms for path in room.rglob("*.py")]
    assert files
    told = {path: path.read_text("utf-8") for path in files}
    assert [
        path for path, text in told.items() if "PyPDF2" in text or "tools.pdf" in text or "tools import pdf" in text
    ] == []
