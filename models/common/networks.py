"""IP networks as an administrator types them."""

import ipaddress
import re


def parse_networks(text):
    """Return the IP networks named in `text`, one a line or parted by commas. Raises ValueError of the wrong one as it stands there."""
    return [_network(part) for part in re.split(r"[\s,;]+", text or "") if part]


def _network(part):
    try:
        return ipaddress.ip_network(part, strict=False)
    except ValueError:
        # Said in the reader's language by whoever asks.
        raise ValueError(part) from None
