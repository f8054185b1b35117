"""Whether far security servers can be reached: TCP connections that say nothing (guideline V.4, last paragraph)."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import partial

# The ports on which security servers talk to each other.
PORTS = (5500, 5577)
# Connections that are tried at once, whoever asks for however many.
MOST_AT_ONCE = 20
# A dead host is dead after this long (s), however patient the settings are.
LONGEST_TIMEOUT = 20.0

_SHORTEST = 0.001
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}


class Reach(str, Enum):
    """How an attempt to connect ended."""

    OPEN = "open"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNKNOWN_NAME = "unknown_name"
    NO_ROUTE = "no_route"
    FAILED = "failed"


@dataclass(frozen=True)
class Attempt:
    """One attempt to connect to `port` of `host`, which took `seconds`."""

    host: str
    port: int
    reach: Reach
    seconds: float


def literal_host(text: str) -> str:
    """Return `text`, an IP address or the name of a host, in lower case.

    Raises ValueError for everything else: addresses of web pages, ports, ranges, numbers in disguise.
    """
    host = text.strip().lower().removesuffix(".")
    if _NAME.fullmatch(host):
        return host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or "%" in host:
        raise ValueError("neither an IP address nor the name of a host")
    return str(address)


def try_all(
    hosts: Iterable[str], *, timeout: float, ports: Sequence[int] = PORTS, width: int = MOST_AT_ONCE
) -> tuple[Attempt, ...]:
    """Connect to each of `ports` of each of `hosts`, `width` at a time at most, and hang up at once.

    Returns the attempts in the order of `hosts`, then `ports`. Each has `timeout` seconds, LONGEST_TIMEOUT at most;
    looking a name up comes on top. Raises ValueError, before anything is tried, for what `literal_host` refuses.
    """
    targets = [(host, port) for host in dict.fromkeys(map(literal_host, hosts)) for port in ports]
    seconds = min(timeout, LONGEST_TIMEOUT)
    with ThreadPoolExecutor(max(1, min(width, MOST_AT_ONCE)), thread_name_prefix="kho_dl_reach") as pool:
        return tuple(pool.map(partial(_try_one, seconds=seconds), targets))


def _try_one(target: tuple[str, int], seconds: float) -> Attempt:
    started = time.monotonic()
    reach = _connect(*target, seconds)
    return Attempt(*target, reach, time.monotonic() - started)


def _connect(host: str, port: int, seconds: float) -> Reach:
    """Try the addresses of `host` one after the other within `seconds`; return the first success or last failure."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return Reach.UNKNOWN_NAME
    ends_at = time.monotonic() + seconds
    reach = Reach.UNKNOWN_NAME
    for family, kind, protocol, _name, address in addresses:
        try:
            with socket.socket(family, kind, protocol) as connection:
                connection.settimeout(max(_SHORTEST, ends_at - time.monotonic()))
                connection.connect(address)
                return Reach.OPEN
        except OSError as error:
            reach = _reach_of(error)
    return reach


def _reach_of(error: OSError) -> Reach:
    if isinstance(error, TimeoutError):
        return Reach.TIMED_OUT
    if isinstance(error, ConnectionRefusedError):
        return Reach.REFUSED
    return Reach.NO_ROUTE if error.errno in _NO_WAY else Reach.FAILED
