"""Where Odoo 19 Community comes from: a folder that is already there, or Debian's package, unpacked."""

import os
from pathlib import Path

from .apt import Apt
from .cache import built, cache_dir, digest
from .console import Failure, say, step

# Debian leaves this file out for its licence. The page asks for it all the same, and a console error fails browser
# tests.
_LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def find_odoo(pins):
    """The folder that holds the Python package ``odoo``: from ``ODOO_SRC``, or unpacked into the cache."""
    given = os.environ.get("ODOO_SRC")
    if given:
        return _given(Path(given).expanduser().absolute())
    root = built(cache_dir() / f"odoo-{digest(pins['odoo'])}", lambda folder: _unpack(folder, pins["odoo"]))
    return root / "usr/lib/python3/dist-packages"


def addons_folders(source):
    """Odoo's own add-ons folders under ``source``; a git checkout has a second one."""
    return [folder for folder in (source / "odoo/addons", source / "addons") if folder.is_dir()]


def _given(source):
    if not (source / "odoo/addons").is_dir():
        raise Failure(f"ODOO_SRC={source} does not hold Odoo: it must be the folder with the package `odoo` in it.")
    return source


def _unpack(root, pins):
    with step(f"Unpacking Odoo 19 (Debian package {pins['package']}, 123 MB) into {root}"):
        with Apt(root / "apt", pins["suite"]) as apt:
            apt.unpack([f"{pins['package']}={_version(apt, pins)}"], root)
        with Apt(root / "apt") as apt:
            apt.unpack(pins["static_packages"], root)
        stub = root / "usr/lib/python3/dist-packages/odoo/addons" / _LEFT_OUT
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("/* Not in Debian: background blur in video calls is not available. */\n")


def _version(apt, pins):
    offered = apt.versions(pins["package"])
    if pins["version"] in offered:
        return pins["version"]
    newest = next((version for version in offered if version.startswith("19.0")), None)
    if not newest:
        raise Failure(f"The mirror's {pins['suite']} has no Odoo 19.0 any more: set ODOO_SRC to an Odoo 19.")
    say(f"  The pinned Odoo {pins['version']} has left the mirror; taking its newest 19.0, {newest}.")
    return newest
