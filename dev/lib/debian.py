"""Programs that the pages for operators speak of: the machine's own, or Debian's, unpacked into the cache."""

import os
import shutil
from pathlib import Path

from .apt import Apt
from .cache import built, cache_dir
from .console import step

# {program: Debian's packages with it and with what it needs beyond a common system}
_PACKAGES = {
    "nginx": ["nginx"],
    "pgbouncer": ["pgbouncer", "libcares2", "libevent-2.1-7"],
    "promtool": ["prometheus"],
}
