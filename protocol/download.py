"""Fetching one file: streamed to disk, bounded, hashed, looked at before anybody keeps it (guideline V.3, wire §4)."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import BinaryIO

import requests

from . import content
from .connections import told_length
from .errors import (
    BodyCutOff,
    FileFault,
    FileNotAsClaimed,
    FileNotStored,
    FileTooLarge,
    FileUnavailable,
    KhoDLError,
    TimedOut,
)
from .filenames import disposed_name, fitting
from .server_faults import ERROR_HEADER, fault_of
from .settings import Settings
from .transport import Exchange, answer_to, chunks

_FILE_PATIENCE = 3
_PARTIAL = 206
_RANGE = re.compile(r"bytes\s+0-(?P<last>[0-9]{1,18})/(?P<size>[0-9]{1,18})", re.ASCII | re.IGNORECASE)
# Old servers end with one that they do not count; more blanks may be some of the file.
_LINE_END = re.compile(rb"[\r\n]{0,4}")
_Length = Enum("_Length", ["NONE", "RIGHT", "WRONG"])


@dataclass(frozen=True, slots=True)
class FileRequest:
    """One file to fetch: the caller's `key`, the address on our security server, the name it should have.

    `lane` names the far system that serves it, by its dstcode; "" where nothing names it. `is_named`: the portal gave the
    name; else the one that comes with the file goes before it.
    """

    key: int | str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    claimed_name: str = field(repr=False)
    lane: str = ""
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Download:
    """A file that arrived whole: `file` is anonymous, open at position 0 and the caller's to close; `size` in bytes.

    `name` is safe, and its extension fits `mimetype`. By `far_id` the security servers know the exchange that brought it.
    """

    file: BinaryIO
    size: int
    sha256: str
    mimetype: str
    name: str
    far_id: str = ""

    @classmethod
    def of(cls, whole: bytes, mimetype: str, name: str) -> Download:
        """Return one of a file that is here already, `whole`."""
        return cls(io.BytesIO(whole), len(whole), hashlib.sha256(whole).hexdigest(), mimetype, name)

    def seen_by(self, look: Callable[[Download], None]) -> Download:
        """Return this file after `look(self)`, closed where that raises."""
        try:
            look(self)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Give the disk space back."""
        self.file.close()

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of the request `key`: a `download`, or the `error` that stands in its place."""

    key: int | str
    download: Download | None
    error: KhoDLError | None


def total_seconds_allowed(timeout: float, total_timeout: float | None = None) -> float:
    """Return how long (s) one file may take altogether: `total_timeout`, or three times the `timeout` of a silence."""
    return _FILE_PATIENCE * timeout if total_timeout is None else total_timeout


def fetch(session: requests.Session, request: FileRequest, settings: Settings, exchange: Exchange) -> Download:
    """Fetch one file whole.

    Raises FileUnavailable, SecurityServerFault, FileTooLarge, FileNotAsClaimed, FileNotStored and what `answer_to` raises.
    """
    with _disk(), ExitStack() as files:
        body = files.enter_context(_Body(settings.max_file_bytes))
        length, disposed = _receive(session, request, settings, exchange, body)
        looked_at = partial(_looked_at, request, settings, exchange.far_id, length, disposed, files)
        try:
            return looked_at(body)
        except FileNotAsClaimed:
            if length is not _Length.WRONG or not content.is_text(body.ends()[0]):
                raise
        # Some count characters where bytes are meant: then the rest is what came behind. It has its end, or is torn all the same.
        body.fill([exchange.response.behind])
        return looked_at(body)


def _looked_at(
    request: FileRequest, settings: Settings, far_id: str, length: _Length, disposed: str, files: ExitStack, body: _Body
) -> Download:
    """Return the file that is in `body`, or wrapped in it. Raises SecurityServerFault, FileTooLarge, FileNotAsClaimed."""
    claimed = request.claimed_name if request.is_named else ""
    unwrapped = content.unwrap(body.flushed(), claimed)
    if unwrapped is not None:
        body = files.enter_context(_Body(settings.max_file_bytes))
        body.fill(unwrapped)
    head, tail = body.ends()
    if fault := fault_of({}, head):
        raise fault
    kinds = settings.accepted_kinds
    lengths = {"is_length_known": length is _Length.RIGHT, "is_length_wrong": length is _Length.WRONG}
    mimetype = content.check(head, tail, claimed, accepted_kinds=kinds, **lengths)
    name = fitting(claimed or disposed or request.claimed_name, mimetype)
    return body.hand_over(mimetype, name, far_id)


def _receive(
    session: requests.Session, request: FileRequest, settings: Settings, exchange: Exchange, body: _Body
) -> tuple[_Length, str]:
    """Fill `body` with the answer; return what its announced length was, and its name."""
    options = {"headers": request.headers, "timeouts": settings.timeouts, "may_repeat": True}
    with answer_to(session, "GET", request.url, exchange, **options) as response:
        if not 200 <= response.status_code < 300 or ERROR_HEADER in response.headers:
            raise fault_of(response.headers, _start(response, exchange)) or FileUnavailable(response.status_code)
        if response.status_code == _PARTIAL and not _is_all(response.headers.get("Content-Range", "")):
            raise FileNotAsClaimed(FileFault.CUT_OFF, "a part of a file that nobody asked for")
        announced = _announced(response)
        if announced is not None and announced > settings.max_file_bytes:
            raise FileTooLarge(settings.max_file_bytes)
        try:
            body.fill(chunks(response, exchange))
        except BodyCutOff as error:
            raise FileNotAsClaimed(FileFault.CUT_OFF, error.detail) from None
        # Older engines take an early end for the end. Compared are bytes of the wire: a body may be compressed.
        if announced is not None and response.raw.tell() < announced:
            if not exchange.is_packed_whole:
                raise FileNotAsClaimed(FileFault.CUT_OFF, "less than the announced length")
            # So long was it, perhaps, before it was compressed: nothing is known by it.
            announced = None
        # What came behind shows that the length was wrong, and tells nothing of where the file ends.
        is_wrong = not _LINE_END.fullmatch(exchange.response.behind)
        length = _Length.NONE if announced is None else _Length.WRONG if is_wrong else _Length.RIGHT
        return length, disposed_name(response.headers.get("Content-Disposition", ""))


def _start(response: requests.Response, exchange: Exchange) -> bytes:
    """Return what the answer to a file that did not come begins with; b"" where it breaks off."""
    start = b""
    # What it says is not waited for any longer than a file would be; the status tells what matters.
    with suppress(BodyCutOff, TimedOut):
        for block in chunks(response, exchange):
            start += block
            if len(start) >= content.HEAD_BYTES:
                break
    return start


def _is_all(content_range: str) -> bool:
    match = _RANGE.fullmatch(content_range.strip())
    return match is not None and int(match["last"]) + 1 == int(match["size"])


def _announced(response: requests.Response) -> int | None:
    is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    return None if is_chunked else told_length(response.headers.get("Content-Length", ""))


class _Body:
    """Bytes on their way to disk: counted, limited and hashed; closed at the end unless handed over."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._file: BinaryIO = tempfile.TemporaryFile()
        self._is_handed_over = False

    def __enter__(self) -> _Body:
        return self

    def __exit__(self, *_exception: object) -> None:
        if not self._is_handed_over:
            self._file.close()

    def fill(self, blocks: Iterable[bytes]) -> None:
        self._file.seek(0, os.SEEK_END)
        for block in blocks:
            self._size += len(block)
            if self._size > self._limit:
                raise FileTooLarge(self._limit)
            self._sha256.update(block)
            self._file.write(block)

    def flushed(self) -> BinaryIO:
        self._file.flush()
        return self._file

    def ends(self) -> tuple[bytes, bytes]:
        """Return (head, tail) as `content.check` wants them."""
        self._file.seek(0)
        head = self._file.read(content.HEAD_BYTES)
        self._file.seek(max(0, self._size - content.TAIL_BYTES), os.SEEK_SET)
        return head, self._file.read(content.TAIL_BYTES)

    def hand_over(self, mimetype: str, name: str, far_id: str) -> Download:
        self._file.seek(0)
        self._is_handed_over = True
        return Download(self._file, self._size, self._sha256.hexdigest(), mimetype, name, far_id)


@contextmanager
def _disk() -> Iterator[None]:
    """Turn errors of our own disk into FileNotStored; those of the network are typed before they come here."""
    try:
        yield
    except OSError as error:
        raise FileNotStored(f"no place for a file on this machine ({type(error).__name__}, {error.errno})") from None
