"""Addresses of our own files, in the forms in which the portal hands links out (guideline V.3, wire §4)."""

from __future__ import annotations

from urllib.parse import quote

from .forward import address, encode_segment
from .settings import Settings


def own_link(settings: Settings, providerurl: str, path: str, dstcode: str = "") -> str:
    """Return the link to `path` (no slash in front) of the system behind our own `providerurl`.

    Without `dstcode` in the plain form, for others to forward through the directory; with our own `dstcode` in the
    composed form, in which they replace the host only. Raises SettingsIncomplete for a composed one without `ss_url`.
    """
    base = providerurl.strip().rstrip("/")
    segments = "/".join(encode_segment(segment) for segment in path.split("/"))
    if not dstcode:
        return f"{base}/{segments}"
    query = f"dstcode={quote(dstcode.strip(), safe='')}&providerurl={quote(base, safe='')}"
    return address(settings, settings.download_adapter, segments, query)
