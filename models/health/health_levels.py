"""How what was measured of an office and of those below it becomes one picture: sums, the worst of each check, and where it is."""

from dataclasses import dataclass
from functools import reduce
from types import SimpleNamespace

from .health_check import CHECKS, DANGER, checks_in_order, worst_first

# Of these moments the first one counts: since when something lasts, until when something holds. Of others the last one.
_FIRST_COUNTS = ("_since", "_until", "_ends_on")


@dataclass(frozen=True, slots=True)
class Picture:
    """What an office shows together with those below it.

    `troubles` has one of each kind, the worst first; `offices` says where each is, {kind: [company, …]}, and `by_office` what is
    to be seen to in which office, {company: [Trouble]}, the worst office first. `facts` are sums, and the first or last moment.
    """

    facts: SimpleNamespace
    troubles: list
    offices: dict
    by_office: dict


def roll_up(top, measured):
    """Return the `Picture` of the company `top`; `measured` is {company: what `examine` returned of it}, with those below it.

    What belongs to the account, or to the database, stands where it is seen to, once: what somebody above `top` sees to, at `top`.
    """
    found = {}
    for company, (facts, troubles) in measured.items():
        for trouble in troubles:
            check = CHECKS[trouble.kind]
            owner = top if trouble.is_for_all else check.owner(facts, company)
            of_office = found.setdefault(owner if owner in measured else top, {})
            of_office[trouble.kind] = _worse(of_office.get(trouble.kind), trouble)
    by_office = {office: worst_first(of_office.values()) for office, of_office in found.items()}
    worst_offices = sorted(by_office, key=lambda office: _weight(by_office[office]))
    offices, troubles = {}, []
    for check in checks_in_order():
        if there := [office for office in worst_offices if check.kind in found[office]]:
            troubles.append(reduce(_worse, (found[office][check.kind] for office in there)))
            offices[check.kind] = sorted(there, key=lambda office: found[office][check.kind].level != DANGER)
    facts = _facts_together(top, {company: facts for company, (facts, _troubles) in measured.items()})
    return Picture(facts, worst_first(troubles), offices, {office: by_office[office] for office in worst_offices})


def _worse(one, other):
    """Return the worse one of two troubles of a kind, where both are as bad what is said of them together; `one` may be None."""
    if one and one.level == other.level:
        return CHECKS[one.kind].together(one, other)
    return one if one and one.level == DANGER else other


def _weight(troubles):
    """Return by what offices are put in order."""
    return -sum(trouble.level == DANGER for trouble in troubles), -len(troubles)


def _facts_together(top, facts_of):
    together = SimpleNamespace(**vars(facts_of[top]))
    for check in CHECKS.values():
        for name in check.counts:
            counts = [getattr(facts, name) for facts in facts_of.values()]
            # What is of an account, or of the database, is the same for all that work with it.
            setattr(together, name, max(counts) if check.group or check.is_for_all else sum(counts))
        for name in check.times:
            times = [moment for facts in facts_of.values() if (moment := getattr(facts, name))]
            pick = min if name.endswith(_FIRST_COUNTS) else max
            setattr(together, name, pick(times, default=None))
    return together


def unit_codes(offices):
    """Return {office: its code at the portal} of `offices` (superuser's); where it has none of its own, "#" and its id."""
    codes = [office.kho_dl_unit_code for office in offices]
    # Of an office that was archived another one may have the code by now.
    standing = [code for office, code in zip(offices, codes, strict=True) if office.active]
    return {
        office: code if code and (standing if office.active else codes).count(code) == 1 else f"#{office.id}"
        for office, code in zip(offices, codes, strict=True)
    }
