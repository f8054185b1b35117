"""nginx, for the proxy of docs/operator.md: the machine's own, or Debian's, unpacked into the cache."""

import shutil

from .apt import Apt
from .cache import built, cache_dir
from .console import step


def find_nginx():
    """Return the program, fetched if there is none yet."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin") or built(cache_dir() / "nginx", _unpack) / "usr/sbin/nginx"


def _unpack(folder):
    with step("Fetching nginx"), Apt(folder / "apt") as apt:
        apt.unpack(["nginx"], folder)
