import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lib.odoo_server import Odoo
from lib.packages import build_wheel, build_zip
from lib.templates import PLAIN, begin_with
from lib.venv import find_python

# What a package is worth nothing without: models, screens, scripts, words, the font of certified copies, training.
NEEDED = [
    "__manifest__.py",
    "models/case/kho_dl_case.py",
    "protocol/client.py",
    "inspection/worker.py",
    "sealing/fonts/LiberationSerif-Regular.ttf",
    "static/src/mapping/mapping.xml",
    "i18n/vi.po",
    "i18n_extra/vi.po",
    "migrations/19.0.1.1.0/post-migration.py",
    "simulator/__main__.py",
    "LICENSE",
]
CHECK = """
module = env["ir.module.module"].search([("name", "=", "kho_dl")])
print("key:", module.state, module.latest_version)
print("key:", env["kho.dl.abbreviation"].search_count([]) > 0, env.ref("kho_dl.menu_kho_dl_root").name)
from odoo.addons.kho_dl.sealing.workshop import marked_copy
from odoo.addons import kho_dl
print("path:", kho_dl.__path__[0])
"""


@pytest.fixture(scope="session")
def unpacked(folder, pins):
    """Each package as a deployment has it: the folder with the add-on in it, by the kind of package."""
    wheel, packed = build_wheel(folder, pins), build_zip(folder)
    site, addons = folder / "site", folder / "addons"
    pip = [find_python(pins, "gates"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, f"--target={site}", wheel], check=True, timeout=300)
    with zipfile.ZipFile(packed) as zipped:
        zipped.extractall(addons)
    return {"wheel": site / "odoo/addons", "zip": addons}


@pytest.mark.parametrize("kind", ["wheel", "zip"])
def test_a_package_holds_what_a_deployment_needs_and_no_more(unpacked, kind):
    addon = unpacked[kind] / "kho_dl"
    assert [name for name in NEEDED if not (addon / name).is_file()] == []
    left_out = {"dev", "docs", "examples", "tests", "pyproject.toml"}
    assert sorted(left_out.intersection(path.name for path in addon.iterdir())) == []


def test_odoo_finds_every_test():
    """Its own runner knows of the modules alone that the package of the tests imports."""
    folder = Path(__file__).resolve().parents[1]
    imported = re.findall(r"^    (test_\w+),$", (folder / "__init__.py").read_text(), re.MULTILINE)
    assert sorted(imported) == sorted(path.stem for path in folder.glob("test_*.py"))


def assert_installed(odoo, addon):
    """The add-on in the folder `addon` is installed in the database of `odoo`, and has what it comes with."""
    printed = odoo.shell(CHECK)
    assert "key: installed 19.0" in printed
    assert "key: True Kho DL" in printed
    assert f"path: {addon}" in printed
    assert " ERROR " not in odoo.log.read_text()


def test_odoo_installs_the_zip(unpacked, source, folder, environment, database):
    """The wheel is installed where pip brings it, in test_release.py."""
    run = folder / "run_zip"
    run.mkdir()
    odoo = Odoo(source, Path(sys.executable), run, environment, database, addons=unpacked["zip"])
    begin_with(odoo, PLAIN)
    odoo.install()
    assert_installed(odoo, unpacked["zip"] / "kho_dl")
