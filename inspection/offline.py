"""The child process has no client for HTTP: it judges by what it is given, and to load one takes a third of its start."""

from __future__ import annotations

import sys
import types


class _Absent(types.ModuleType):
    """Stands for a library that others import on their way: whatever they name of it is a class that nobody uses."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def leave_out_http() -> None:
    """Have pyHanko imported without the client for HTTP that it takes along for what we never ask of it."""
    sys.modules.setdefault("aiohttp", _Absent("aiohttp"))
