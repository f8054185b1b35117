"""What is in a release, and what it needs, as CycloneDX has it: https://cyclonedx.org/docs/1.6/json/."""

import hashlib
import json
import re
import subprocess
import uuid
from pathlib import Path

from .cache import CHECKOUT
from .venv import find_python

# Brought along by us, as it is.
_FONT = {
    "type": "file",
    "bom-ref": "font",
    "name": "LiberationSerif-Regular.ttf",
    "licenses": [{"license": {"id": "OFL-1.1"}}],
}
_FONT_FILE = "sealing/fonts/LiberationSerif-Regular.ttf"


def write_sbom(path, manifest, packages, time, pins):
    """Write the bill of materials of the `packages` (paths) of the version in `manifest`, made at `time` (ISO, UTC).

    Versions are those that all tests run with; which others will do, the manifest says.
    """
    needed = _needed(manifest["external_dependencies"]["python"], pins)
    own, version = f"pkg:pypi/odoo-addon-kho-dl@{manifest['version']}", manifest["version"]
    odoo = {
        "type": "framework",
        "bom-ref": "odoo",
        "name": "odoo",
        "version": pins["odoo"]["version"].partition("+")[0],
        "licenses": [{"license": {"id": "LGPL-3.0-only"}}],
    }
    font = {**_FONT, "hashes": [_hash(CHECKOUT / _FONT_FILE)]}
    wanted = [_ref(needed, _name(line)) for line in manifest["external_dependencies"]["python"]]
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # The same release has the same number, whoever builds it.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + time)}",
        "version": 1,
        "metadata": {
            "timestamp": time,
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "odoo-addon-kho_dl",
                "version": version,
                "description": manifest["summary"],
                "licenses": [{"license": {"id": "LGPL-3.0-only"}}],
                "purl": own,
                "externalReferences": [
                    {"type": "distribution", "url": package.name, "hashes": [_hash(package)]} for package in packages
                ],
            },
        },
        "components": [odoo, font, *(_component(needed, name) for name in needed)],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(["odoo", "font", *wanted])},
            *(
                {"ref": _ref(needed, name), "dependsOn": [_ref(needed, each) for each in needed[name]["requires"]]}
                for name in needed
            ),
        ],
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _needed(requirements, pins):
    program = Path(__file__).with_name("installed.py")
    command = [find_python(pins), program, *map(_name, requirements)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout)


def _name(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def _ref(needed, name):
    return f"pkg:pypi/{name}@{needed[name]['version']}"


def _component(needed, name):
    package, ref = needed[name], _ref(needed, name)
    told = {"name": package["name"], "version": package["version"], "licenses": package["licenses"], "purl": ref}
    return {"type": "library", "bom-ref": ref, **told}


def _hash(path):
    return {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}
