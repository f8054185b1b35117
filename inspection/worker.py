"""The child process of `sandbox`: looks at one file after the other, and dies where one is too much for it."""

from __future__ import annotations

import gc
import io
import logging
import math
import os
import resource
import select
import socket
import sys
from datetime import datetime
from typing import BinaryIO

from .pdf import look_at_pdf
from .reports import NOT_READ, FileReport
from .signatures import check_signatures
from .trust import Trust
from .wire import WireBroken, answer, next_question

READY = b"\x01"
# What a file is read into lives as long as the look at it: to look for garbage among it as often as Python does takes a third
# of the time that a long paper with two signatures needs.
_MOST_UNSEEN = 50_000


class FileAt(io.RawIOBase):
    """Reads the file behind a descriptor from a position of its own: the other holders' position stays."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self._at = number, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it has positions."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Return the new position. Raises ValueError for one before the file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._number).st_size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:
        """Fill `buffer` from the position on; return how much."""
        count = os.preadv(self._number, [buffer], self._at)
        self._at += count
        return count


def examine(file: BinaryIO, trust: Trust, at: datetime) -> FileReport:
    """Return what the PDF in `file` says."""
    return FileReport(pdf=look_at_pdf(file), signatures=check_signatures(file, trust, at))


def main(socket_number: int, memory: int, seconds: float, idle: float) -> None:
    """Answer questions on the socket until nobody asks for `idle` seconds, or the other end is gone.

    `memory` in bytes limits the whole process, `seconds` of CPU each file.
    """
    # Libraries log names out of certificates.
    logging.disable(logging.CRITICAL)
    gc.freeze()
    gc.set_threshold(_MOST_UNSEEN)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    with socket.socket(fileno=socket_number) as connection:
        connection.sendall(READY)
        while select.select([connection], [], [], idle)[0]:
            try:
                number, trust, at = next_question(connection)
                _allow_cpu(seconds)
                try:
                    report = examine(io.BufferedReader(FileAt(number)), trust, at)
                except OSError:
                    report = FileReport(is_examined=False, reason=NOT_READ)
                finally:
                    os.close(number)
                answer(connection, report)
                gc.collect()
            except (WireBroken, ConnectionError):
                return


def _limit(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, hard))


def _allow_cpu(seconds: float) -> None:
    """Let the kernel end this process when it has used `seconds` more, and one: whoever waits for it ends it first."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1)


def run() -> None:
    """Start `main` with what stands on the command line."""
    number, memory, seconds, idle = sys.argv[-4:]
    main(int(number), int(memory), float(seconds), float(idle))
