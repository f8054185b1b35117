"""Where a link leads: to the web, or to a file or a program of whoever clicks on it."""

from __future__ import annotations

import re

# Readers and browsers take these out of an address wherever they stand, the marks of UTF-16 too.
_BREAKS = str.maketrans("", "", "\t\r\n\0\ufeff\u00fe\u00ff")
_BLANK = "".join(map(chr, range(33)))
# A share on the network, however the slashes lean.
_SHARE = re.compile(r"[/\\]{2}")
# A drive, or the kinds of address behind which stand files and programs of Windows. Not all that nobody knows: people write
# "Email:" and "Zalo:" in front of what they take for an address.
_OPENS = re.compile(
    r"(?:[a-z]|file|smb|nfs|jar|res|mk|shell|search|vbscript|hcp|its|(?:ms|search-ms|microsoft)[a-z0-9+.-]*):",
    re.IGNORECASE,
)


def opens_something_here(address: str) -> bool:
    """Tell whether a link to `address` opens a file, or starts a program, on the computer or its network."""
    address = address.translate(_BREAKS).strip(_BLANK)
    return bool(_SHARE.match(address) or _OPENS.match(address))
