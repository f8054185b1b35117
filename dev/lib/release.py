"""A release: the version in the manifest, the changelog, the packages with their checksums, and what they are made of."""

import ast
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from .cache import CHECKOUT
from .console import Failure, step
from .packages import build_wheel, build_zip
from .sbom import write_sbom
from .venv import find_python

_VERSION = re.compile(r"19\.0(\.\d+){3}")
_MANIFEST = CHECKOUT / "__manifest__.py"
_CHANGELOG = CHECKOUT / "CHANGELOG.md"
_FRAGMENTS = "readme/newsfragments"
_NEWEST_FIRST = "<!-- newest first -->\n"
_SECTIONS = ("Added", "Changed", "Fixed")


def make_release(folder, pins, version=None):
    """Make the release ``version``, by default that of the manifest; return the paths of what is in ``folder`` then.

    The checkout gets a commit and a tag for it. Where anything fails it is as it was before, and ``folder`` has nothing.
    """
    version = version or read_manifest()["version"]
    _check(version, folder)
    with _undone_on_failure(), tempfile.TemporaryDirectory() as place, step(f"Making the release {version}"):
        _write_version(version)
        _write_changelog(version, pins)
        _git("add", "--all")
        _git("commit", "--quiet", "--allow-empty", f"--message=chore(release): {version}")
        made = _build(Path(place), pins)
        folder.mkdir(parents=True, exist_ok=True)
        for path in made:
            shutil.copy(path, folder)
        # Last: nothing takes it back.
        _git("tag", "--annotate", f"v{version}", f"--message={version}")
    return [folder / path.name for path in made]


def read_manifest():
    """Return the add-on's manifest."""
    return ast.literal_eval(_MANIFEST.read_text(encoding="utf-8"))


def _check(version, folder):
    if not _VERSION.fullmatch(version):
        raise Failure(f"A version looks like 19.0.1.5.0, and not like {version}.")
    if _numbers(version) < _numbers(read_manifest()["version"]):
        raise Failure(f"The manifest is at {read_manifest()['version']} already.")
    if _git("tag", "--list", f"v{version}"):
        raise Failure(f"{version} was released: there is a tag v{version}.")
    if changed := _git("status", "--porcelain"):
        raise Failure(f"A release is made of what is committed. Not committed: {', '.join(changed.split()[1::2])}")
    if folder.exists() and any(folder.iterdir()):
        raise Failure(f"{folder} is not empty.")


def _numbers(version):
    return [int(part) for part in version.split(".")]


@contextlib.contextmanager
def _undone_on_failure():
    before = _git("rev-parse", "HEAD").strip()
    try:
        yield
    except BaseException:
        # All was committed before, so nothing of anybody is lost.
        _git("reset", "--quiet", "--hard", before)
        raise


def _write_version(version):
    text = _MANIFEST.read_text(encoding="utf-8")
    _MANIFEST.write_text(re.sub(r'("version": )"[^"]*"', rf'\1"{version}"', text), encoding="utf-8")


def _write_changelog(version, pins):
    """Move the fragments into the part of this version, behind what it says already."""
    fragments = sorted((CHECKOUT / _FRAGMENTS).glob("*.md"))
    text = _CHANGELOG.read_text(encoding="utf-8")
    title = f"## {version}\n"
    before, _mark, after = text.partition(title if title in text else _NEWEST_FIRST)
    old, separator, older = after.partition("\n## ") if title in text else ("", "", after)
    parts = [_sections(each) for each in (old, _rendered(version, pins) if fragments else "")]
    told = [
        f"### {name}\n\n" + "\n".join(each[name] for each in parts if name in each) + "\n"
        for name in _SECTIONS
        if any(name in each for each in parts)
    ]
    new = "\n".join([title, *told]) if told else f"{title}\nNothing that users notice.\n"
    rest = f"{separator}{older}" if title in text else older
    head = before if title in text else f"{before}{_NEWEST_FIRST}\n"
    _CHANGELOG.write_text(f"{head}{new}{rest}", encoding="utf-8")
    for path in fragments:
        path.unlink()


def _rendered(version, pins):
    command = [find_python(pins, "gates").parent / "towncrier", "build", "--draft", "--version", version]
    return _output(command, "The changelog could not be made")


def _sections(text):
    """Return {name: its entries} of the part of one version."""
    found = re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: entries.strip("\n") for name, entries in found}


def _build(place, pins):
    # The same commit makes the same packages, and the same bill.
    seconds = _git("log", "-1", "--format=%ct").strip()
    os.environ["SOURCE_DATE_EPOCH"] = seconds
    time = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    packages = [build_wheel(place, pins), build_zip(place)]
    manifest = read_manifest()
    bill = place / f"kho_dl-{manifest['version']}.cdx.json"
    write_sbom(bill, manifest, packages, time, pins)
    sums = place / "SHA256SUMS"
    made = [*packages, bill]
    sums.write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made))
    return [*made, sums]


def _git(*arguments):
    return _output(["git", *arguments], f"`git {arguments[0]}` failed")


def _output(command, what):
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Failure(f"{what}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout
