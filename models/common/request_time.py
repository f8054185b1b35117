"""How long the request may go on that this thread works at."""

import math
import threading
import time

from odoo.tools import config, real_time

# What is done for it ends so long (s) before Odoo ends it, and the worker with it.
_BEFORE_ODOO_SECONDS = 20


def request_ends_at():
    """Return when (time.monotonic()) all that takes long in the request of this thread must be over, inf where nothing ends it.

    That is so outside of requests, too, as in a scheduled action or a shell.
    """
    # As Odoo notes it for its log.
    began, limit = getattr(threading.current_thread(), "perf_t0", None), config["limit_time_real"]
    if began is None or not limit:
        return math.inf
    return time.monotonic() + began - real_time() + max(limit - _BEFORE_ODOO_SECONDS, _BEFORE_ODOO_SECONDS)
