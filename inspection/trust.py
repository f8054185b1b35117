"""Who is trusted. No library here: whoever asks needs this, and only the child process needs the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates (DER) that somebody answers for: roots, and intermediates that files leave out.

    Intermediates only complete a chain; trust comes from the roots alone.
    """

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
