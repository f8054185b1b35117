"""Which security server an agency's papers are fetched from (wire §3)."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .directory import Server
from .errors import ServerUnknown
from .links import composed_dstcode, provider_host

# No chain of mergers is longer; a circle ends here.
_MOST_SUCCESSORS = 10
# More than a directory has codes: each file of an answer is looked for among all of them.
_FORMS_KEPT = 8192
_SHORT = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{2,3}){0,3}")
_ISSUER = re.compile(r"KQ\.([A-Z][0-9]{2})\.|([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})-")
_NATIONAL = re.compile(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}")


def issuing_agency(result_code: str) -> str:
    """Return the code of the agency that a result's code names: G15 in KQ.G15.000007, 000.00.00.G02 in 000.00.00.G02-KQ0685.

    "" where it names none.
    """
    match = _ISSUER.match(result_code.strip().upper())
    return next(filter(None, match.groups())) if match else ""


@functools.lru_cache(_FORMS_KEPT)
def national_forms(code: str) -> tuple[str, ...]:
    """Return the 2016 form of `code` and of each of its parents, nearest first; () for what is no such code.

    The 2020 form reads from the top down, the 2016 form from the bottom up, zero-padded to four groups:
    "H22.10.05" -> ("000.05.10.H22", "000.00.10.H22", "000.00.00.H22").
    """
    code = code.strip().upper()
    if _NATIONAL.fullmatch(code):
        agency, *units = reversed(code.split("."))
    elif _SHORT.fullmatch(code):
        agency, *units = code.split(".")
    else:
        return ()
    levels = [int(unit) for unit in units] + [0] * (3 - len(units))
    if max(levels[:2]) > 99:
        return ()
    forms: dict[str, None] = {}
    for depth in range(3, -1, -1):
        second, third, fourth = levels[:depth] + [0] * (3 - depth)
        forms[f"{fourth:03}.{third:02}.{second:02}.{agency}"] = None
    return tuple(forms)


def canonical(code: str) -> str:
    """Return the one form of `code`: the national one, or upper case for what is no such code."""
    return (*national_forms(code), code.strip().upper())[0]


def is_within(agency_code: str, code: str) -> bool:
    """Tell whether `agency_code` is the agency `code`, in whichever form, or an office of it."""
    return canonical(code) in (canonical(agency_code), *national_forms(agency_code))


def resolve(
    agency_code: str, link: str, servers: Iterable[Server], successions: Mapping[str, Sequence[str]] | None = None
) -> Server | None:
    """Return the server through which the file at `link`, owned by `agency_code`, is fetched.

    A composed link names its dstcode: then the server of it, or None where the directory does not know it (none
    is needed). Else by the exact code; its national form and those of its parents; their `successors`; the host of the far
    system. Raises ServerUnknown, with all candidates where there are several: an agency is never guessed.
    """
    known = tuple(servers)
    dstcode = composed_dstcode(link)
    if dstcode:
        return next((server for server in known if server.dstcode.casefold() == dstcode.casefold()), None)
    host = provider_host(link)
    candidates = next(filter(None, _owners_or_successors(agency_code, known, successions or {})), [])
    by_host = _distinct(server for server in candidates or known if host and host in server.hosts)
    if len(candidates) != 1:
        candidates = by_host or candidates
    if len(candidates) != 1:
        raise ServerUnknown(agency_code, candidates)
    return candidates[0]


def _owners_or_successors(
    agency_code: str, known: Sequence[Server], successions: Mapping[str, Sequence[str]]
) -> Iterator[list[Server]]:
    """Yield the servers that a code, or its successors, name; an office that was moved goes before its agency."""
    forms = national_forms(agency_code)
    moved = [codes for old, codes in successions.items() if canonical(old) == canonical(agency_code)]
    own = list(_owners(agency_code, known))
    # By the code itself, in either form.
    yield from own[: 2 if forms else 1]
    if moved:
        yield _of_all(itertools.chain.from_iterable(moved), known, successions)
    yield from own
    yield _of_all(successors(agency_code, successions), known, {})


def _of_all(codes: Iterable[str], known: Sequence[Server], successions: Mapping[str, Sequence[str]]) -> list[Server]:
    """Return the servers of all these agencies: which of them has a paper only its host can tell."""
    found = []
    for code in codes:
        names = (code, *successors(code, successions))
        found += next(filter(None, (server for name in names for server in _owners(name, known))), [])
    return _distinct(found)


def successors(agency_code: str, successions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the codes of the agencies that have the papers of `agency_code` now, the nearest first.

    `successions` are {closed code: codes of its successors}, in whichever form; an office goes with its agency, and a
    successor may have been succeeded itself.
    """
    followed: dict[str, tuple[str, ...]] = {}
    for old, new in successions.items():
        followed[canonical(old)] = (*followed.get(canonical(old), ()), *new)
    found: dict[str, None] = {}
    waiting = [agency_code]
    while waiting and len(found) < _MOST_SUCCESSORS:
        code = waiting.pop(0)
        forms = (code.strip().upper(), *national_forms(code))
        nearest = next((followed[form] for form in forms if form in followed), ())
        news = [new for new in nearest if new not in found and canonical(new) != canonical(agency_code)]
        found.update(dict.fromkeys(news))
        waiting += news
    return tuple(found)


def _owners(agency_code: str, known: Sequence[Server]) -> Iterator[list[Server]]:
    """Yield the servers that a code names, the surest way first; each may be several, or none."""
    code = agency_code.strip().upper()
    yield _distinct(server for server in known if code and server.code.strip().upper() == code)
    # The directory itself may list a server under a short code.
    listed = [(server, national_forms(server.code)[:1]) for server in known]
    for form in national_forms(code):
        yield _distinct(server for server, forms in listed if forms == (form,))


def _distinct(servers: Iterable[Server]) -> list[Server]:
    """Return `servers` without those that lead to the same place as an earlier one."""
    by_dstcode: dict[str, Server] = {}
    for server in servers:
        by_dstcode.setdefault(server.dstcode.casefold(), server)
    return list(by_dstcode.values())
