"""The documents say what is so: links lead somewhere, commands are there, the twin says the same."""

import functools
import re
import subprocess
import sys

import pytest
from documents import NAMES, ROOT, blocks, prose, read

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"`(?:[A-Z_]+=\S+ )*\./dev/(\w+)([^`]*)`")
_READER_PAGES = ["clerk.vi.md", "administrator.md", "operations.md", "auditor.md", "integrator.md"]
_MOST_WORDS = 600
_MOST_BYTES = 2_000_000
# What a block may be: each of these has a test that runs it, and one without a language is a drawing.
_LANGUAGES = {"sh", "python", "xml", "ini", "nginx", "sql", ""}


def _anchors(name):
    titles = re.findall(r"^#+ (.*)$", read(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_links_and_pictures_lead_somewhere(name):
    for target in _LINK.findall(prose(name)):
        path, _separator, anchor = target.partition("#")
        if "://" in target:
            continue
        found = (ROOT / name).parent / path if path else ROOT / name
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(str(found.resolve().relative_to(ROOT))), target


def test_every_document_is_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        targets = {target.partition("#")[0] for target in _LINK.findall(read(name)) if "://" not in target}
        paths = [((ROOT / name).parent / target).resolve() for target in targets if target.endswith(".md")]
        waiting += {str(path.relative_to(ROOT)) for path in paths} - reached
    assert set(NAMES) <= reached


# Proves J.6-1.
def test_the_readme_is_read_in_two_minutes_and_leads_each_reader_on():
    assert len(prose("README.md").split()) <= _MOST_WORDS
    assert {f"docs/{name}" for name in _READER_PAGES} <= set(_LINK.findall(read("README.md")))
    picture = ROOT / re.search(r"!\[[^]]*\]\(([^)]+)\)", read("README.md"))[1]
    content = picture.read_bytes()
    # An animated WebP says so in its head.
    assert (content[:4], content[8:12], b"ANIM" in content[:64]) == (b"RIFF", b"WEBP", True)
    assert len(content) < _MOST_BYTES


# Proves J.6-1.
def test_the_vietnamese_twin_says_the_same():
    one, other = ({name: read(name) for name in ("README.md", "README.vi.md")}).values()
    for what in (r"^#+ ", r"^\d\. ", r"^- ", r"^\|"):
        found = [len(re.findall(what, text, re.MULTILINE)) for text in (one, other)]
        assert found[0] == found[1], what
    links = [[link for link in _LINK.findall(text) if not link.startswith("README")] for text in (one, other)]
    assert links[0] == links[1]
    commands = [
        [re.sub("<[^>]*>", "<>", block.text) for block in blocks(name)] for name in ("README.md", "README.vi.md")
    ]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("name", NAMES)
def test_each_block_is_of_a_kind_that_is_run(name):
    for block in blocks(name):
        assert block.language in _LANGUAGES, block.text
        if not block.language:
            assert not re.search(r"^(\./|\$|odoo|curl|pip|python)", block.text, re.MULTILINE), block.text


@functools.cache
def _help(program):
    command = [sys.executable, ROOT / "dev" / program, "--help"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("name", NAMES)
def test_commands_of_ours_have_the_options_that_are_named(name):
    fenced = [line for block in blocks(name) for line in re.findall(r"^\./dev/(\w+)(.*)$", block.text, re.MULTILINE)]
    for program, arguments in [*_COMMAND.findall(prose(name)), *fenced]:
        assert (ROOT / "dev" / program).is_file(), program
        if program == "gate":
            continue
        for option in re.findall(r"--[a-z-]+", arguments):
            assert option in _help(program), f"./dev/{program}{arguments}"
