"""The id by which the security servers know an exchange, where they tell it (X-Road)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from .errors import KhoDLError

# Its own id of a message first, by which both security servers find it in their logs.
_HEADERS = ("X-Road-Id", "X-Road-Request-Id")
# Never a number alone, which could be a person's.
_ID = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9._:-]{8,100}", re.ASCII)


class Named(Protocol):
    """An exchange, or what makes exchanges: `far_id` is "" as long as nobody has told one."""

    far_id: str


def far_id_of(headers: Mapping[str, str]) -> str:
    """Return the id that the `headers` of an answer tell; "" for none, and for what does not look like one."""
    told = (headers.get(name, "").strip() for name in _HEADERS)
    return next((far_id for far_id in told if _ID.fullmatch(far_id)), "")


@contextmanager
def named_by(exchange: Named) -> Iterator[None]:
    """Let every `KhoDLError` that is raised in here name the `exchange` as the security servers know it."""
    exchange.far_id = ""
    try:
        yield
    except KhoDLError as error:
        error.far_id = exchange.far_id
        raise
