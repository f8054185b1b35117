"""Several rounds in which the contenders take turns, so that a noisy minute hits all of them."""

import os
import statistics
import time


def median_times(contenders, new_trial, most_rounds, seconds_each):
    """Return {name: (median seconds, rounds)} of `contenders`, each on a `new_trial()` of its own a round.

    Who has used up `seconds_each` sits out the further rounds: a sequential loop of 40 s needs no second try.
    """
    times = {contender.name: [] for contender in contenders}
    for number in range(most_rounds):
        # Who goes first changes each round.
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            if sum(times[contender.name]) < seconds_each or not number:
                times[contender.name].append(seconds_of(contender.prepare(*new_trial())))
    return {name: (statistics.median(seconds), len(seconds)) for name, seconds in times.items()}


def seconds_of(work):
    """Return how long `work` takes, which returns the moment (time.perf_counter()) of its end."""
    # What one contender left for the disk to write is not the next one's to wait for.
    os.sync()
    started = time.perf_counter()
    return work() - started
