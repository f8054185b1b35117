"""The facts as numbers for monitoring: no words, no names of people or agencies, no numbers of anybody."""

from datetime import datetime, timezone

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

from .health_check import DANGER, WARNING, checks_in_order, worst_level

_STATES = {"ok": 0, WARNING: 1, DANGER: 2}


def as_json(facts, troubles, units=()):
    """Return {"status", "troubles": [{"kind", "level"}], and the facts}, times as text in UTC, None where there is none.

    `units` are those of a `Picture`: where there are any, the entries of those with trouble stand under "units".
    """
    entries = [
        {"unit": unit, "status": worst_level(found), "troubles": [trouble.kind for trouble in found], **_sums(facts)}
        for unit, facts, found in units
        if found
    ]
    return {
        "status": worst_level(troubles),
        "troubles": [{"kind": trouble.kind, "level": trouble.level} for trouble in troubles],
        **{name: getattr(facts, name) for check in checks_in_order() for name in check.counts},
        **{name: _iso(getattr(facts, name)) for check in checks_in_order() for name in check.times},
        **({"units": entries} if units else {}),
    }


def as_registry(facts, troubles, units=()):
    """Return the same as a `prometheus_client` registry of its own; a time that does not exist is left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once([*_gauges(facts), _trouble_gauge(troubles), *(_unit_gauges(units) if units else [])]))
    return registry


class _Once:
    """A collector of families that are measured already."""

    def __init__(self, families):
        self._families = families

    def collect(self):
        """Return the families, as `prometheus_client` asks for them."""
        return self._families


def _gauges(facts):
    for check in checks_in_order():
        for name, words in check.counts.items():
            yield GaugeMetricFamily(f"kho_dl_{name}", words, value=getattr(facts, name))
        for name, words in check.times.items():
            if moment := getattr(facts, name):
                seconds = moment.replace(tzinfo=timezone.utc).timestamp()
                yield GaugeMetricFamily(f"kho_dl_{name.removesuffix('_on')}_timestamp_seconds", words, value=seconds)


def _trouble_gauge(troubles):
    """Return one sample for each kind: 0 none, 1 to be looked at, 2 help is needed now."""
    levels = {trouble.kind: 2 if trouble.level == DANGER else 1 for trouble in troubles}
    family = GaugeMetricFamily("kho_dl_trouble", "0: none, 1: needs a look, 2: needs help now.", labels=["kind"])
    for check in checks_in_order():
        family.add_metric([check.kind], levels.get(check.kind, 0))
    return family


def _unit_gauges(units):
    """Yield the state and the counts of each office, by its code: few families, so that a province stays small."""
    state = GaugeMetricFamily("kho_dl_unit_state", "0: all is well, 1: needs a look, 2: help now.", labels=["unit"])
    for unit, _facts, found in units:
        state.add_metric([unit], _STATES[worst_level(found)])
    yield state
    for check in checks_in_order():
        for name, words in check.counts.items():
            if not check.group:
                family = GaugeMetricFamily(f"kho_dl_unit_{name}", words, labels=["unit"])
                for unit, facts, _found in units:
                    family.add_metric([unit], getattr(facts, name))
                yield family


def _sums(facts):
    """Return the counts that an office has of its own, not with others of its account."""
    return {name: getattr(facts, name) for check in checks_in_order() if not check.group for name in check.counts}


def _iso(moment: datetime | None):
    return moment and moment.replace(tzinfo=timezone.utc, microsecond=0).isoformat()
