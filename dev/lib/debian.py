"""Programs that docs/operations.md speaks of: the machine's own, or Debian's, unpacked into the cache."""

import shutil

from .apt import Apt
from .cache import built, cache_dir
from .console import step

# {program: (its place in the package, Debian's packages with it and with the libraries that few machines have)}
_PROGRAMS = {
    "nginx": ("usr/sbin", ["nginx"]),
    "pgbouncer": ("usr/sbin", ["pgbouncer", "libc-ares2", "libevent-2.1-7"]),
    "promtool": ("usr/bin", ["prometheus"]),
    "rsync": ("usr/bin", ["rsync", "libpopt0", "libxxhash0"]),
}


def find_program(name):
    """Return (the program, the environment variables that it needs), fetched if there is none yet."""
    if own := shutil.which(name, path="/usr/sbin:/usr/bin"):
        return own, {}
    place, packages = _PROGRAMS[name]
    folder = built(cache_dir() / name, lambda new: _unpack(new, name, packages))
    libraries = ":".join(str(path) for path in folder.glob("usr/lib/*-linux-gnu*"))
    return str(folder / place / name), {"LD_LIBRARY_PATH": libraries} if libraries else {}


def _unpack(folder, name, packages):
    with step(f"Fetching {name}"), Apt(folder / "apt") as apt:
        apt.unpack(packages, folder)
