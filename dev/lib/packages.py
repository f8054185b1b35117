"""The add-on as a wheel for pip, and as a zip for an add-ons folder."""

import ast
import contextlib
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from .cache import CHECKOUT
from .console import Failure
from .odoo_server import ADDON
from .venv import find_python

# What a deployment does not need; the simulator stays, for training.
_LEFT_OUT = ("dev", "docs", "examples", "tests", ".ci")
_BUILD_FILES = ("pyproject.toml",)
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)


def build_wheel(folder, pins):
    """Build the wheel ``odoo-addon-kho_dl`` into ``folder`` and return its path; it installs into ``odoo.addons``."""
    with _copied(_BUILD_FILES) as addon:
        command = [find_python(pins, "gates"), "-m", "build", "--no-isolation", "--wheel", f"--outdir={folder}", addon]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=addon, timeout=300)
        if done.returncode:
            raise Failure(f"The wheel could not be built. It says: {(done.stderr or done.stdout).strip()[-500:]}")
    return next(folder.glob(f"odoo_addon_{ADDON}-{_version()}-*.whl"))


def build_zip(folder):
    """Build the zip into ``folder`` and return its path; unpacked into an add-ons folder it is the add-on."""
    path = folder / f"{ADDON}-{_version()}.zip"
    with _copied() as addon, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(file for file in addon.rglob("*") if file.is_file()):
            # The same content makes the same zip.
            entry = zipfile.ZipInfo(f"{ADDON}/{file.relative_to(addon).as_posix()}", _FIRST_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, file.read_bytes())
    return path


@contextlib.contextmanager
def _copied(more=()):
    """Yield a folder of the add-on's name with the files of the checkout that belong into a package."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        addon = Path(folder) / ADDON
        for name in filter(None, listed.split("\0")):
            source = Path(name)
            is_hidden = source.parts[0].startswith(".")
            is_configuration = len(source.parts) == 1 and source.suffix == ".toml" and name not in more
            if source.parts[0] in _LEFT_OUT or is_hidden or is_configuration:
                continue
            (addon / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / source, addon / source)
        yield addon


def _version():
    return ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())["version"]
