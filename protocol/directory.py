"""The national directory of security servers (guideline V.1, wire §2)."""

from __future__ import annotations

from dataclasses import dataclass

from .answers import check_success, listed, rows, text
from .errors import AnswerNotUnderstood
from .readable_text import readable

SERVICE_NAME = "LayDanhMucSSTaiTep"
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Server:
    """An agency's security server: national `code` of the agency, its name, the X-Road `dstcode`.

    `hosts` are lower-case host names known to be served by it; the portal does not tell them.
    """

    code: str
    name: str
    dstcode: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """All servers that the portal lists; `skipped` counts the rows that could not be used."""

    servers: tuple[Server, ...]
    skipped: int


def build_body(session: str, unit_code: str) -> dict[str, str]:
    """Return the body of the call, all three fields required (guideline V.1)."""
    return {"session": session, "madonvi": unit_code.strip(), "service": SERVICE_NAME}


def parse_directory(answer: object) -> Directory:
    """Return the directory in `answer`, decoded JSON: {"result": [{"MACOQUAN", "TENCOQUAN", "DSTCODE"}, …]}.

    Rows without code or dstcode are skipped and counted, exact repetitions taken once; 20,000 rows and 300
    characters a value at most. Raises PortalRejected for an error code, AnswerNotUnderstood where no usable
    row remains: an empty directory must never replace a good one.
    """
    check_success(answer)
    found, skipped = rows(listed(answer), _MOST_ROWS)
    servers: dict[Server, None] = {}
    for row in found:
        name = readable(row.get("tencoquan"))
        server = Server(text(row.get("macoquan")), name, text(row.get("dstcode")))
        if server.code and server.dstcode:
            servers[server] = None
        else:
            skipped += 1
    if not servers:
        raise AnswerNotUnderstood("the directory holds no usable row")
    return Directory(tuple(servers), skipped)
