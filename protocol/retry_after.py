"""How long the other side asks to be left alone (RFC 9110, "Retry-After")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

_ASKS = (429, 503)
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)
# Nobody is obeyed for longer (s): some write what they please.
_MOST = 3600


def seconds_asked(status: int, headers: Mapping[str, str]) -> float:
    """Return for how many seconds, an hour at most, an answer asks to be left alone; 0 where it asks for nothing that is clear."""
    words = headers.get("Retry-After", "").strip() if status in _ASKS else ""
    if _SECONDS.fullmatch(words):
        return min(int(words), _MOST)
    try:
        moment = parsedate_to_datetime(words)
    except (ValueError, OverflowError):
        return 0
    # A date without a zone is in that of the world, as all of HTTP.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return min(max(0, (moment - datetime.now(timezone.utc)).total_seconds()), _MOST)
