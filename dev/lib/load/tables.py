"""The tables of a load, with its goals."""

from .figures import percentile

_SHARES = (0.5, 0.95, 0.99)
_STEPS = ("open", "search", "tick", "attach", "process")
_MOST_SEARCH, _MOST_ATTACH = 1.5, 1.3
# Noise of the allocator and caches that fill (MiB a worker).
_MOST_GROWTH = 48


def print_steps(report, measured):
    """Print how long each step takes, beside the plain contender and the far side alone."""
    rows = []
    for step in _STEPS:
        ours = _three(measured.ours.steps[step])
        plain = _three(measured.ledgers["plain"].steps[step])
        far = _three(measured.ledgers["far side"].steps[step])
        ratios = [_ratio(mine, other) for mine, other in zip(ours, plain, strict=True)]
        most = {"search": _MOST_SEARCH, "attach": _MOST_ATTACH}.get(step)
        to_far = report.goal(ours[1] / far[1], most=most) if most and far[1] else "–"
        rows.append([step, _words(ours), _words(plain), " / ".join(ratios), _words(far), to_far])
    if measured.telling:
        rows.append(["portal told", _words(_three(measured.telling)), "–", "–", "–", "–"])
    report.table(["step, p50 / p95 / p99 in s", "add-on", "plain", "÷ plain", "far side alone", "p95 ÷ far side"], rows)
    report.table(
        ["cases a minute", "add-on", "plain", "ratio"],
        [
            [
                f"{measured.nodes} × {measured.workers} workers",
                f"{measured.per_minute('add-on'):.1f}",
                f"{measured.per_minute('plain'):.1f}",
                f"{measured.per_minute('add-on') / max(0.01, measured.per_minute('plain')):.2f}",
            ]
        ],
    )


def print_counts(report, measured):
    """Print errors, retries, connections, memory and processor time."""
    ours, spent = measured.ours, measured.spent
    grown = [
        measured.memory_after[pid] - size
        for pid, size in measured.memory_before.items()
        if pid in measured.memory_after
    ]
    growth = max(grown, default=0)
    report.table(
        ["what", "how much"],
        [
            ["error answers that a clerk saw", report.goal(sum(ours.counts.values()), most=0)],
            *([f"of them {what}", f"{number}: {ours.words[what][:120]}"] for what, number in ours.counts.items()),
            ["lost races in PostgreSQL, deadlocks", f"{spent.lost_races}, {spent.deadlocks}"],
            ["requests that Odoo repeated by itself", str(spent.retries)],
            ["calls at the far side, logins", f"{spent.calls}, {spent.logins}"],
            ["connections at the far side", report.goal(spent.connections, most=measured.most_connections)],
            ["connections ÷ calls", f"{spent.connections / max(1, spent.calls):.3f}"],
            ["growth of a worker's own memory in MiB, the largest", report.goal(growth, most=_MOST_GROWTH)],
            ["processor time a case: Odoo, PostgreSQL", _cpu(measured)],
        ],
    )


def print_outcome(report, outcome, *, are_all_to_come):
    """Print what the comparison of every byte gave."""
    rows = [
        ["files attached, each compared with the far side's", str(outcome.files)],
        ["of these with a wrong byte", report.goal(outcome.wrong, most=0)],
        ["files on a case twice", report.goal(outcome.doubled, most=0)],
        ["files lost", report.goal(outcome.lost, most=0)],
        ["given up with a reason", report.goal(outcome.given_up, most=0) if are_all_to_come else str(outcome.given_up)],
        ["still on their way", report.goal(outcome.waiting, most=0)],
        ["messages to the portal", str(outcome.messages)],
        ["of these not accepted in the end", report.goal(outcome.messages_open, most=0)],
        ["steps that the portal took twice", report.goal(outcome.told_twice, most=0)],
    ]
    report.table(["files and messages", "how many"], rows)


def print_troubles(report, troubles, ledger, used):
    """Print what was done to the deployment, and what clerks saw of it."""
    rows = [[what, str(number)] for what, number in troubles.counts.items()]
    rows += [
        ["cases that clerks finished meanwhile", str(ledger.finished)],
        ["lost races in PostgreSQL, deadlocks", f"{used.lost_races}, {used.deadlocks}"],
        *(
            [f"clerks saw: {what}", f"{number}: {ledger.words[what][:120]}".rstrip(": ")]
            for what, number in ledger.counts.items()
        ),
    ]
    report.table(["under faults", "how many"], rows)


def print_throughput(report, measured):
    """Print how throughput grows with workers."""
    first = measured[0]
    report.section(
        "Throughput and workers", "Cases that the same clerks finish in a minute, with more and more workers."
    )
    report.table(
        ["workers", "add-on", "÷ the first", "plain", "÷ the first"],
        [
            [
                f"{one.nodes} × {one.workers}",
                *(
                    cell
                    for name in ("add-on", "plain")
                    for cell in (f"{one.per_minute(name):.1f}", _ratio(one.per_minute(name), first.per_minute(name)))
                ),
            ]
            for one in measured
        ],
    )


def _cpu(measured):
    spent = measured.spent
    return f"{spent.odoo_cpu / measured.cases:.2f} s, {spent.postgres_cpu / measured.cases:.2f} s"


def _three(times):
    return [percentile(times, share) for share in _SHARES] if times else [0.0] * len(_SHARES)


def _words(three):
    return " / ".join(f"{seconds:.2f}" for seconds in three) if any(three) else "–"


def _ratio(mine, other):
    return f"{mine / other:.2f}" if other else "–"
