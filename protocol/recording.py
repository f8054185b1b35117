"""What was sent and what came back, kept for people to read: bounded, and with what nobody may read struck out.

Off unless somebody sets a `Recorder` on a session (`transport.ForwardSession.recorder`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from .answers import without_marks

STRUCK_OUT = "•••"
# Of a body, before it is looked through; what is shown of it is `_SHOWN` characters.
_KEPT_BYTES = 32 * 1024
_SHOWN = 4096
_MOST_EXCHANGES = 20
# Headers whose values hold nothing that opens anything; of all others the name is shown.
_PLAIN_HEADERS = frozenset(
    "accept accept-encoding charset content-disposition content-encoding content-length content-type date dstcode location"
    " server transfer-encoding user-agent x-road-error".split()
)
_SHORTEST_SECRET = 4
_LETS_IN = (
    r"(?:(?:access|refresh|id|api|x)?[_-]?token|session(?:_?id)?|jwt|passw(?:or)?d|mat_?khau|secret|client_?(?:id|secret)"
    r"|user_?name|authorization|api_?key)"
)
# The value of such a name in JSON, also within a JSON string, in a query or a form, and in markup.
_NAMED = re.compile(rf'({_LETS_IN}(?:\\*")?\s*[:=>]\s*)(?:(\\*")(?:[^"\\]|\\.)*|[^\s"&,;<}}\]]+)', re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
# What no word is: letters and digits in one long row, as tokens are that have no name.
_OPAQUE = re.compile(r"(?<![\w+-])(?=[\w+=-]*[0-9])(?=[\w+=-]*[A-Za-z])[A-Za-z0-9_+=-]{24,}")
# The same with what base64 has beside those; no path, which begins with its slash or behind a host, and has few digits.
_BASE64 = re.compile(r"(?<![\w/.:+-])(?=(?:[A-Za-z+/=]*[0-9]){4})(?=[a-z0-9+/=]*[A-Z])[A-Za-z0-9+][A-Za-z0-9+/=]{39,}")
# Numbers of people and organisations: nine to thirteen digits, whatever stands around them.
_ID_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{10}-[0-9]{3}|[0-9]{9,13})(?![0-9])")
_LAST_WORD = re.compile(r"[^\s\",:{}\[\]]*\Z")


@dataclass(slots=True)
class RecordedExchange:
    """One request and its answer as they went over the line; `size` (bytes) is that of the whole body of the answer."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    answer: bytearray = field(default_factory=bytearray, repr=False)
    size: int = 0

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Note that an answer begins."""
        self.status, self.answer_headers = status, dict(headers)

    def heard(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the `blocks` of the answer's body, and keep its beginning."""
        for block in blocks:
            self.size += len(block)
            self.answer += block[: max(0, _KEPT_BYTES - len(self.answer))]
            yield block

    def sent_words(self, secrets: Iterable[str] = ()) -> str:
        """Return the request for people: its line, headers and body, without `secrets` and what else nobody may read."""
        body = _body_words(self.body[:_KEPT_BYTES], len(self.body))
        return _shown(f"{self.method} {self.url}", self.headers, body, secrets)

    def answer_words(self, secrets: Iterable[str] = (), *, with_body: bool = True) -> str:
        """Return the answer likewise, "" where none came; without its body where that is somebody's file."""
        if self.status is None:
            return ""
        body = _body_words(bytes(self.answer), self.size) if with_body else f"({self.size} bytes)"
        return _shown(f"HTTP {self.status}", self.answer_headers, body, secrets)


class Recorder:
    """Keeps the last exchanges of a session, twenty at most."""

    def __init__(self) -> None:
        self._exchanges: deque[RecordedExchange] = deque(maxlen=_MOST_EXCHANGES)

    def begin(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> RecordedExchange:
        """Return the record of a request that is about to leave."""
        self._exchanges.append(RecordedExchange(method, url, dict(headers), body or b""))
        return self._exchanges[-1]

    def take(self) -> tuple[RecordedExchange, ...]:
        """Return what was kept since the last time, and forget it."""
        taken = tuple(self._exchanges)
        self._exchanges.clear()
        return taken


def strike_out(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without `secrets`, in whichever form they stand there, tokens, passwords and numbers of people."""
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        text = text.replace(form, STRUCK_OUT)
    text = _NAMED.sub(lambda match: f"{match[1]}{match[2] or ''}{STRUCK_OUT}", text)
    for pattern in (_JWT, _BASE64, _OPAQUE, _ID_NUMBER):
        text = pattern.sub(STRUCK_OUT, text)
    return text


def strike_people(text: str, words: Iterable[str]) -> str:
    """Return `text` without `words`, names and numbers of people: however marked, spaced or capitalised they stand there."""
    text = unicodedata.normalize("NFC", text)
    # Character by character, so that what is found in it stands at the same place in the text.
    folded = "".join(plain if len(plain := without_marks(char)) == 1 else char for char in text)
    for pattern in filter(None, map(_pattern_of, words)):
        for match in reversed(list(pattern.finditer(folded))):
            text = f"{text[: match.start()]}{STRUCK_OUT}{text[match.end() :]}"
            folded = f"{folded[: match.start()]}{STRUCK_OUT}{folded[match.end() :]}"
    return text


def _pattern_of(words: str) -> re.Pattern[str] | None:
    folded = without_marks(words).split()
    if len("".join(folded)) < _SHORTEST_SECRET:
        return None
    if all(map(str.isdecimal, folded)):
        spaced = r"[\s.-]*".join("".join(folded))
        return re.compile(rf"(?<![0-9]){spaced}(?![0-9])")
    spaced = r"\s+".join(map(re.escape, folded))
    return re.compile(rf"(?<!\w){spaced}(?!\w)")


def _forms(secret: str) -> Iterator[str]:
    if len(secret) < _SHORTEST_SECRET:
        return
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    for is_ascii in (True, False):
        within_json = json.dumps(secret, ensure_ascii=is_ascii)[1:-1]
        yield within_json
        yield within_json.replace("/", "\\/")


def _shown(head: str, headers: Mapping[str, str], body: str, secrets: Iterable[str]) -> str:
    lines = [f"{name}: {value if name.lower() in _PLAIN_HEADERS else STRUCK_OUT}" for name, value in headers.items()]
    text = strike_out("\n".join([head, *lines, *(["", body] if body else [])]), secrets)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n…"


def _body_words(body: bytes, size: int) -> str:
    """Return what is kept of a body of `size` bytes as text: JSON over lines, nothing of what is no text."""
    try:
        text = body.decode("utf-8-sig", "strict" if len(body) == size else "ignore")
    except UnicodeDecodeError:
        return f"({size} bytes)"
    # PostgreSQL keeps no zeros in a text; neither has one any place in one.
    if "\x00" in text:
        return f"({size} bytes)"
    if len(body) < size:
        # The last word may be half of what nobody may read, and is not known by its form any more.
        return _LAST_WORD.sub(f"… ({size} bytes)", text)
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text
