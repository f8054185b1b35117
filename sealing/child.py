"""The child process of `workshop`: makes one copy, and dies where a scan is too much for it."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from datetime import datetime

from . import faults
from .copy_mark import CopyMark, mark_copy
from .pages import as_pdf

_MADE, _FAILED = b"+", b"-"


def question(scans: Sequence[bytes], mark: CopyMark) -> bytes:
    """Return what the child reads: a line of JSON, then the contents one after the other."""
    head = {
        "kind": mark.kind,
        "agency": mark.agency,
        "moment": mark.moment.isoformat(),
        "check_address": mark.check_address,
        "lengths": [len(scan) for scan in scans],
    }
    return b"".join((json.dumps(head).encode(), b"\n", *scans))


def answer(asked: bytes) -> bytes:
    """Return what the child writes to the question `asked`: the copy, or the name of what went wrong."""
    line, _end, contents = asked.partition(b"\n")
    head = json.loads(line)
    scans, start = [], 0
    for length in head["lengths"]:
        scans.append(contents[start : start + length])
        start += length
    mark = CopyMark(head["kind"], head["agency"], datetime.fromisoformat(head["moment"]), head["check_address"])
    try:
        return _MADE + mark_copy(as_pdf(scans), mark)
    except faults.SealingError as error:
        return _FAILED + type(error).__name__.encode()
    except faults.BROKEN:
        return _FAILED + faults.UnreadableScan.__name__.encode()
    except MemoryError:
        return _FAILED + faults.ScanTooMuch.__name__.encode()


def answered(content: bytes) -> bytes:
    """Return the copy in the child's answer `content`. Raises UnreadableScan, EncryptedScan, SignedScan, ScanTooMuch."""
    if content[:1] == _MADE:
        return content[1:]
    raise _FAULTS.get(content[1:].decode(errors="replace"), faults.UnreadableScan)("said by the child")


_FAULTS = {fault.__name__: fault for fault in (faults.EncryptedScan, faults.SignedScan, faults.ScanTooMuch)}


def run(seconds: str, memory: str) -> None:
    """Answer the question on the standard input, within `seconds` of CPU and `memory` bytes."""
    for what, most in (
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_AS, int(memory)),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
