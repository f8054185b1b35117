"""How long to wait before something that failed for the moment is tried again."""

import random
from datetime import timedelta

_FIRST = timedelta(seconds=10)
_GROWTH = 4
_LONGEST = timedelta(minutes=30)


def pause(failures):
    """Return the time to wait after so many `failures` in a row: none after the first, then growing, capped.

    Most troubles are a moment's, so the first repeat comes at once. The rest is spread by half to either side:
    what failed together must not come back together.
    """
    if failures <= 1:
        return timedelta(0)
    growing = _FIRST * _GROWTH ** min(failures - 2, 10)
    return min(growing, _LONGEST) * random.uniform(0.5, 1.5)
