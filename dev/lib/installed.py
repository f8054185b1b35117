"""What Python packages need in turn, as this interpreter has them: run by the one whose packages are asked about.

`python installed.py NAME…` prints {name: {"name", "version", "licenses", "requires": [name]}} as JSON, with the named ones and all that
they need on this machine.
"""

import json
import sys
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed_by(names):
    """Return what the program prints, for packages that are installed."""
    found, waiting = {}, [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        package = distribution(name)
        requires = sorted(_required(package))
        found[name] = {
            "name": package.metadata["Name"],
            "version": package.version,
            "licenses": _license(package.metadata),
            "requires": requires,
        }
        waiting += requires
    return dict(sorted(found.items()))


def _required(package):
    for line in package.requires or ():
        requirement = Requirement(line)
        if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)


def _license(metadata):
    """Return how CycloneDX tells it: an expression of SPDX where there is one, else the words of who made it."""
    if metadata["License-Expression"]:
        return [{"expression": metadata["License-Expression"]}]
    named = [line for line in metadata.get_all("Classifier") or () if line.startswith("License :: ")]
    said = (metadata["License"] or "").strip()
    # Some have the whole text of their license there.
    words = said if said and "\n" not in said else ", ".join(line.rpartition(" :: ")[2] for line in named)
    return [{"license": {"name": words}}] if words else []


if __name__ == "__main__":
    json.dump(needed_by(sys.argv[1:]), sys.stdout)
