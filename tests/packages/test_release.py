"""A release is one command, and pip brings the wheel into an Odoo that is there already."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
import tomllib
from conftest import rows
from documents import ROOT
from lib.odoo_server import Odoo
from lib.odoo_source import addons_folders
from lib.packages import build_wheel
from lib.templates import PLAIN, begin_with
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_packages import assert_installed

_PERSON = {f"GIT_{who}_{what}": "nobody@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_FRAGMENT = "readme/newsfragments/something.feature.md"


def _git(checkout, *arguments):
    options = {"cwd": checkout, "env": {**os.environ, **_PERSON}, "capture_output": True, "text": True}
    return subprocess.run(["git", *arguments], check=True, timeout=120, **options).stdout


def _release(checkout, *arguments):
    command = [sys.executable, checkout / "dev/release", *arguments]
    options = {"env": {**os.environ, **_PERSON}, "capture_output": True, "text": True, "timeout": 600}
    return subprocess.run(command, check=False, **options)


@pytest.fixture
def checkout(tmp_path):
    """A clone of what is committed here, with one thing to tell in the changelog."""
    made = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-tags", ROOT, made], check=True, timeout=120)
    (made / _FRAGMENT).parent.mkdir(exist_ok=True)
    (made / _FRAGMENT).write_text("Something new that people notice.\n")
    _git(made, "add", "--all")
    _git(made, "commit", "--quiet", "--message=feat: something")
    return made


# Proves K.3-6.
def test_a_release_is_one_command(checkout, tmp_path):
    folder = tmp_path / "release"
    done = _release(checkout, folder, "--version", "19.0.7.0.0")
    assert not done.returncode, done.stderr
    bill, wheel, packed = (
        "kho_dl-19.0.7.0.0.cdx.json",
        "odoo_addon_kho_dl-19.0.7.0.0-py3-none-any.whl",
        "kho_dl-19.0.7.0.0.zip",
    )
    assert {path.name for path in folder.iterdir()} == {bill, wheel, packed, "SHA256SUMS"}
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], check=True, cwd=folder, stdout=subprocess.DEVNULL
    )
    # Version and changelog are in the packages and in the commit, which has the tag.
    with zipfile.ZipFile(folder / packed) as zipped:
        assert '"version": "19.0.7.0.0"' in zipped.read("kho_dl/__manifest__.py").decode()
        changelog = zipped.read("kho_dl/CHANGELOG.md").decode()
    newest = changelog.partition("## 19.0.7.0.0\n\n### Added\n")[2].partition("\n## ")[0]
    assert "- Something new that people notice." in newest
    assert not (checkout / _FRAGMENT).exists()
    assert _git(checkout, "status", "--porcelain") == ""
    assert _git(checkout, "describe", "--exact-match").strip() == "v19.0.7.0.0"


# Proves K.3-6.
def test_the_bill_of_materials_names_what_is_needed(checkout, tmp_path):
    folder = tmp_path / "release"
    assert not _release(checkout, folder).returncode
    [path] = folder.glob("*.cdx.json")
    bill = json.loads(path.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    refs = [component["bom-ref"] for component in bill["components"]]
    assert len(refs) == len(set(refs))
    names = {component["name"].lower() for component in bill["components"]}
    assert names >= {"odoo", "pyhanko", "pypdf", "cryptography", "lxml", "liberationserif-regular.ttf"}
    known = {*refs, bill["metadata"]["component"]["bom-ref"]}
    for entry in bill["dependencies"]:
        assert {entry["ref"], *entry["dependsOn"]} <= known
    for package in bill["metadata"]["component"]["externalReferences"]:
        [told] = package["hashes"]
        assert told["content"] == hashlib.sha256((folder / package["url"]).read_bytes()).hexdigest()


def test_a_part_of_the_changelog_that_is_there_already_grows(checkout, tmp_path):
    version = re.search(r'"version": "([^"]+)"', (checkout / "__manifest__.py").read_text())[1]
    changelog = checkout / "CHANGELOG.md"
    before = changelog.read_text()
    title = f"## {version}\n"
    if title not in before:
        changelog.write_text(
            before.replace("newest first -->\n", f"newest first -->\n\n{title}\n### Added\n\n- Old.\n", 1)
        )
        _git(checkout, "commit", "--quiet", "--all", "--message=docs: changelog")
    assert not _release(checkout, tmp_path / "release").returncode
    after = changelog.read_text()
    assert after.count(title) == 1
    assert "- Something new that people notice." in after.partition(title)[2].partition("\n## ")[0]
    assert set(before.splitlines()) <= set(after.splitlines())


# Proves K.3-6.
@pytest.mark.parametrize("what", ["changed", "unknown", "older", "odd"])
def test_it_refuses_what_is_not_committed_and_leaves_all_as_it_was(what, checkout, tmp_path):
    if what == "changed":
        (checkout / "README.md").write_text("changed")
    if what == "unknown":
        (checkout / "unknown.py").write_text("")
    version = {"older": ["--version", "19.0.0.0.1"], "odd": ["--version", "1.0"]}.get(what, [])
    before = _git(checkout, "rev-parse", "HEAD"), _git(checkout, "status", "--porcelain")
    assert _release(checkout, tmp_path / "release", *version).returncode == 1
    assert (_git(checkout, "rev-parse", "HEAD"), _git(checkout, "status", "--porcelain")) == before
    assert not (tmp_path / "release").exists()


def test_what_fails_half_way_is_undone(checkout, tmp_path):
    fonts = checkout / "sealing/fonts"
    _git(checkout, "mv", fonts / "LiberationSerif-Regular.ttf", fonts / "Other.ttf")
    _git(checkout, "commit", "--quiet", "--message=fix: another font")
    before = _git(checkout, "rev-parse", "HEAD")
    assert _release(checkout, tmp_path / "release").returncode
    assert (_git(checkout, "rev-parse", "HEAD"), _git(checkout, "status", "--porcelain")) == (before, "")
    assert _git(checkout, "tag") == ""


# Proves K.3-6.
def test_what_the_wheel_requires_fits_the_pins_of_odoo(folder, pins):
    wheel = build_wheel(folder, pins)
    with zipfile.ZipFile(wheel) as packed:
        [path] = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        required = PathDistribution(zipfile.Path(packed, path.rpartition("/")[0] + "/")).requires
    wanted = {canonicalize_name(each.name): each.specifier for each in map(Requirement, required)}
    assert {"odoo", "pyhanko", "cryptography"} <= set(wanted)
    for older in tomllib.loads((ROOT / "dev/pins.toml").read_text())["older"].values():
        pinned = dict(line.split(";")[0].strip().split("==") for line in older["requirements"])
        pinned = {canonicalize_name(name): version for name, version in pinned.items()}
        for name, specifier in wanted.items():
            assert name not in pinned or pinned[name] in specifier, name


# Proves K.3-6.
def test_pip_brings_the_wheel_into_an_odoo_that_runs(folder, source, pins, environment, database):
    place = folder / "by_pip"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, timeout=120)
    python = place / "bin/python"
    [site] = place.glob("lib/python3*/site-packages")
    # Odoo and what it needs are there, as a system's packages have them.
    theirs = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "odoo.pth").write_text(f"{source}\n{theirs}\n")
    # Of PostgreSQL's client we have the package with the library in it, which has a name of its own.
    (site / "psycopg2-2.9.dist-info").mkdir()
    (site / "psycopg2-2.9.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: psycopg2\nVersion: 2.9\n")
    odoo = Odoo(source, python, place, environment, database, addons=addons_folders(source)[0])
    begin_with(replace(odoo, python=Path(sys.executable)), PLAIN)
    wheel = build_wheel(folder, pins)
    pip = [sys.executable, "-m", "pip", f"--python={python}", "install", "--no-index", wheel]
    done = subprocess.run(pip, check=True, capture_output=True, text=True, timeout=300)
    [installed] = re.findall("^Successfully installed (.*)", done.stdout, re.MULTILINE)
    # Not one package of that Odoo changes.
    assert installed.replace("-", "_") == "_".join(wheel.name.split("-")[:2])
    odoo.install("--load-language=vi_VN")
    assert rows(environment, database, "SELECT state FROM ir_module_module WHERE name = 'kho_dl'") == [("installed",)]
    assert_installed(odoo, site / "odoo/addons/kho_dl")
