"""The child process of `workshop`: makes one thing out of files, and dies where that is too much for it."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from datetime import datetime

from . import faults

_MADE, _FAILED = b"+", b"-"


def question(task: str, contents: Sequence[bytes], **options: object) -> bytes:
    """Return what the child reads: a line of JSON, then the contents one after the other."""
    head = {"task": task, "options": options, "lengths": [len(content) for content in contents]}
    return b"".join((json.dumps(head).encode(), b"\n", *contents))


def answer(asked: bytes) -> bytes:
    """Return what the child writes to the question `asked`: what was made, or the name of what went wrong."""
    line, _end, rest = asked.partition(b"\n")
    head = json.loads(line)
    contents, start = [], 0
    for length in head["lengths"]:
        contents.append(rest[start : start + length])
        start += length
    # What fails here is no fault of a file.
    make = _TASKS[head["task"]]()
    try:
        return _MADE + make(contents, **head["options"])
    except faults.SealingError as error:
        fault = error
    except faults.broken():
        fault = faults.UnreadableScan()
    except MemoryError:
        fault = faults.ScanTooMuch()
    return _FAILED + f"{type(fault).__name__} {fault.number}".encode()


def answered(content: bytes) -> bytes:
    """Return what was made, in the child's answer `content`.

    Raises UnreadableScan, EncryptedScan, SignedScan, ScanTooMuch, PhotoKindUnknown.
    """
    if content[:1] == _MADE:
        return content[1:]
    name, _blank, number = content[1:].decode(errors="replace").partition(" ")
    fault = _FAULTS.get(name, faults.UnreadableScan)("said by the child")
    fault.number = int(number) if number.isdecimal() else 0
    raise fault


_FAULTS = {
    fault.__name__: fault
    for fault in (faults.EncryptedScan, faults.SignedScan, faults.ScanTooMuch, faults.PhotoKindUnknown)
}


# What makes each, with what it needs: whoever asks needs none of it, and a picture nothing that copies need.


def _copies():
    from .copy_mark import CopyMark, mark_copy
    from .pages import as_pdf

    def copy(scans, kind, agency, moment, check_address):
        return mark_copy(as_pdf(scans), CopyMark(kind, agency, datetime.fromisoformat(moment), check_address))

    return copy


def _photos():
    from .photos import photos_as_pdf

    return photos_as_pdf


def _pictures():
    from .pictures import page_picture

    def picture(contents, page, word):
        [content] = contents
        made, page_count = page_picture(content, page, word)
        return b"%d\n%b" % (page_count, made)

    return picture


_TASKS = {"copy": _copies, "photos": _photos, "picture": _pictures}


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
