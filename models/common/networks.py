"""IP networks as an administrator types them."""

import ipaddress
import re


def parse_networks(text):
    """Return the IP networks named in `text`, one a line or parted by commas. Raises ValueError naming the wrong one."""
    return [ipaddress.ip_network(part, strict=False) for part in re.split(r"[\s,;]+", text or "") if part]
