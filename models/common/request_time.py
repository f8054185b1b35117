"""How long a request may go on, and the one that this thread works at."""

import math
import threading
import time

from odoo.tools import config, real_time

# What is done for it ends so long (s) before Odoo ends it, and the worker with it.
_BEFORE_ODOO_SECONDS = 20


def longest_seconds(before=_BEFORE_ODOO_SECONDS, least=_BEFORE_ODOO_SECONDS):
    """Return how long (s) all that one request wants may take by the settings of this server, inf where nothing ends it.

    It ends `before` Odoo's end, but has `least` of them.
    """
    limit = config["limit_time_real"]
    return max(limit - before, least) if limit else math.inf


def request_ends_at():
    """Return when (time.monotonic()) all that takes long in the request of this thread must be over, inf where nothing ends it.

    That is so outside of requests, too, as in a scheduled action or a shell.
    """
    # As Odoo notes it for its log.
    began = getattr(threading.current_thread(), "perf_t0", None)
    return math.inf if began is None else time.monotonic() + began - real_time() + longest_seconds()
