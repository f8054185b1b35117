"""How long a scheduled action may go on.

Odoo repeats one that reports more to do up to ten times in one go, and its watchdog counts from the first.
"""

import math
import time

from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB

# A pass, its repeats included, takes no longer; what is under way when the time is over comes on top.
PASS_SECONDS = 35


def seconds_left(env):
    """Return for how many seconds (float) this pass may still begin something; without end outside a scheduled action."""
    ends = env.context.get("cron_end_time")
    if ends is None:
        return math.inf
    return max(0.0, ends - MIN_TIME_PER_JOB + PASS_SECONDS - time.monotonic())
