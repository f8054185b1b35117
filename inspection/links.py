"""Where a link leads: to the web, or to a file or a program of whoever clicks on it."""

from __future__ import annotations

import re

# Browsers take these out of an address wherever they stand.
_BREAKS = str.maketrans("", "", "\t\r\n")
_BLANK = "".join(map(chr, range(33)))
# A share on the network, however the slashes lean.
_SHARE = re.compile(r"[/\\]{2}")
# A kind of address, and not a host with its port, nor a word in front of what somebody took for an address.
_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(?![0-9 ])", re.IGNORECASE)
# What a browser or a telephone sees to itself; the last ones stand on pages that were printed, and do nothing in a PDF.
# Any other kind, a drive's letter, too, opens a file or starts the program that is registered for it.
_HARMLESS = {
    *("http", "https", "ftp", "ftps", "mailto", "tel", "sms", "urn", "doi"),
    *("about", "blob", "data", "javascript"),
}


def opens_something_here(address: str) -> bool:
    """Tell whether a link to `address` opens a file, or starts a program, on the computer or its network."""
    address = address.translate(_BREAKS).strip(_BLANK)
    if _SHARE.match(address):
        return True
    scheme = _SCHEME.match(address)
    return bool(scheme) and scheme[1].lower() not in _HARMLESS
