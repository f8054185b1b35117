"""What the guideline and the wire ask for, and which tests prove it: written into docs/conformance.md."""

import re

import tomllib

from .cache import CHECKOUT

REQUIREMENTS, TABLE = CHECKOUT / "docs/requirements.toml", CHECKOUT / "docs/conformance.md"
# A comment above a test: "# Proves V.2-1, W.4-2." or "# Proves V.2-1 in every profile."
_PROVES = re.compile(r"^\s*# Proves (?P<ids>[\w.,\s-]+?)(?P<all> in every profile)?\.$")
_TEST = re.compile(r"^\s*def (?P<name>test_\w+)\(")
_HEAD = """# Conformance

What the guideline (sections II to V) and the wire ask of a case system, and the tests that prove it. Written by `./dev/conformance`
from docs/requirements.toml and from what the tests say of themselves; a gate fails where a requirement has neither a test nor a
reason. Profiles are the ways in which portals speak (docs/simulator.md): “every” are `printed`, `field_2024` and `client_2026`.
"""


def conformance():
    """Return (the text of docs/conformance.md, what is wrong, in lines)."""
    chapters = tomllib.loads(REQUIREMENTS.read_text(encoding="utf-8"))["chapter"]
    proofs = dict(_proofs())
    known = {one["id"]: one for chapter in chapters for one in chapter["requirement"]}
    wrong = [
        f"no such requirement: {name}, named by {', '.join(tests)}"
        for name, tests in proofs.items()
        if name not in known
    ]
    wrong += [
        f"{name} has neither a test nor a reason"
        for name, one in known.items()
        if not proofs.get(name) and not one.get("not_proven")
    ]
    parts = [_HEAD]
    for chapter in chapters:
        parts.append(
            f"\n## {chapter['title']}\n\n| id | requirement | proven by | profiles |\n| --- | --- | --- | --- |\n"
        )
        parts += [_row(one, proofs.get(one["id"], {})) for one in chapter["requirement"]]
    return "".join(parts), wrong


def _row(one, tests):
    proven = "<br>".join(f"`{test}`" for test in sorted(tests)) or "not proven: " + one.get("not_proven", "?")
    if tests and one.get("not_proven"):
        proven += "<br>in part: " + one["not_proven"]
    profiles = "every" if any(tests.values()) else "printed" if tests else ""
    return f"| {one['id']} | {one['text']} | {proven} | {profiles} |\n"


def _proofs():
    """Yield (id, {test: whether in every profile})."""
    found = {}
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        said = None
        for line in path.read_text(encoding="utf-8").splitlines():
            said = _PROVES.match(line) or said
            if said and (test := _TEST.match(line)):
                name = f"{path.relative_to(CHECKOUT / 'tests').as_posix()}::{test['name']}"
                for requirement in re.split(r",\s*", said["ids"].strip()):
                    found.setdefault(requirement, {})[name] = bool(said["all"])
                said = None
    yield from found.items()
