"""The page for people: who has which papers, what is wrong on purpose, and how to make it so."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote, urlencode

from .catalogue import Procedure
from .effects import EFFECTS
from .far_side import FarSide
from .fault_words import FAULT_WORDS
from .faults import CALLS
from .papers import Paper, PaperFile, Place
from .tokens import PASSWORD, UNIT_CODE, USERNAME
from .world import World


def overview(simulator: FarSide, url: str) -> str:
    """Return the page about `simulator`, which is reached by `url`, as HTML."""
    world = simulator.world
    people = (_person(world, id_number, name) for id_number, name in list(world.people.items()))
    return _template().substitute(
        url=escape(url),
        username=escape(USERNAME),
        password=escape(PASSWORD),
        unit_code=escape(UNIT_CODE),
        people="".join(people),
        procedures="".join(_procedure(world, code, procedure) for code, procedure in world.procedures.items()),
        standing="".join(map(_standing, simulator.faults.standing())) or _both("li", "Không có", "none"),
        calls=", ".join(f"<code>{call}</code>" for call in CALLS),
        faults="".join(map(_fault, EFFECTS)),
    )


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("overview.html").read_text(encoding="utf-8"))


def _person(world: World, id_number: str, name: str) -> str:
    head = f'<tr class="person"><th colspan="5">{_text(name)} – <code>{_text(id_number)}</code></th></tr>\n'
    rows = "".join(_paper(world, paper) for paper in world.papers_of(id_number))
    return head + (rows or f'<tr><td colspan="5">{_both("span", "Không có giấy tờ", "no papers")}</td></tr>\n')


def _paper(world: World, paper: Paper) -> str:
    files = "<br>".join(_link(world, file) for file in paper.files or ())
    cells = (
        f"<code>{_text(paper.code)}</code>",
        _text(paper.name),
        _text(str(paper.number)),
        f"{_text(paper.agency)} <small>{_text(_agency_name(world, paper.agency))}</small>",
        files or _both("span", "Không có tệp", "no file"),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _agency_name(world: World, code: str) -> str:
    """Return the name of the agency whose code is `code` or ends with it, as the short codes of papers do."""
    return next((a.name for a in world.agencies if a.code == code or a.code.endswith(f".{code}")), "")


def _link(world: World, file: PaperFile) -> str:
    """Return a link to a file by way of the security server, or only its name where nobody serves it."""
    place = Place.of_link(file.link)
    dstcode = world.dstcode_of(place.providerurl)
    text = _text(file.name or file.link)
    if dstcode is None:
        return f"{text} ({_both('span', 'không có máy chủ', 'no server')})"
    query = urlencode([*place.query, ("dstcode", dstcode), ("providerurl", place.providerurl)])
    href = f"/VXPAdapter/RestService/forward/{quote(place.path)}?{query}"
    return f'<a href="{escape(href)}">{text}</a>'


def _procedure(world: World, code: str, procedure: Procedure) -> str:
    results = "".join(
        f"<li><code>{escape(result)}</code> {escape(world.results[result].name)}</li>"
        for result in procedure.result_codes
    )
    return f"<p><code>{escape(code)}</code> {escape(procedure.name)}</p><ul>{results}</ul>\n"


def _standing(order: dict[str, object]) -> str:
    return f"<li><code>{_text(json.dumps(order, ensure_ascii=False))}</code></li>"


def _fault(name: str) -> str:
    parameters = json.dumps(dict(EFFECTS[name].defaults), ensure_ascii=False)[1:-1]
    return f"<tr><td><code>{name}</code></td>{_both('td', *FAULT_WORDS[name])}<td>{escape(parameters)}</td></tr>\n"


def _both(tag: str, vietnamese: str, english: str) -> str:
    return f'<{tag}>{escape(vietnamese)} <span lang="en">/ {escape(english)}</span></{tag}>'


def _text(text: str) -> str:
    """Return `text` for HTML; what nobody would see, or would turn the line around, is written as an escape."""
    visible = (char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return escape("".join(visible))
