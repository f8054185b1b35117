"""The facts as numbers for monitoring: no words, no names of people or agencies, no numbers of anybody."""

from datetime import datetime, timezone

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

from .health_troubles import DANGER, KINDS, worst_level

# Of `health_facts.Facts`, with what Prometheus says of them.
_COUNTS = {
    "files_waiting": "Files on their way.",
    "files_closed": "Files that ended in the last 24 hours.",
    "files_failed": "Files that could not be attached in the last 24 hours.",
    "messages_waiting": "Messages that wait to be sent to the portal.",
    "messages_rejected": "Messages that the portal refused.",
    "agencies_out": "Agencies that cannot be reached.",
}
_TIMES = {
    "last_login_on": "When the portal last accepted the account.",
    "token_since": "Since when the oldest token in use is in use.",
    "last_query_on": "When the last question to the national store ended.",
    "directory_done_on": "When the directory was last refreshed.",
    "catalogue_failed_on": "When the last synchronisation of the catalogue failed.",
    "files_waiting_since": "Since when the oldest file waits that nothing known holds up.",
    "messages_waiting_since": "Since when the oldest message waits that nothing known holds up.",
    "account_ends_on": "When the account at the portal ends.",
    "seal_until": "When the certificate of the seal ends.",
    "trust_until": "When the first of the trusted certificates ends.",
}


def as_json(facts, troubles):
    """Return {"status", "troubles": [{"kind", "level"}], and the facts}, times as text in UTC, None where there is none."""
    return {
        "status": worst_level(troubles),
        "troubles": [{"kind": trouble.kind, "level": trouble.level} for trouble in troubles],
        **{name: getattr(facts, name) for name in _COUNTS},
        **{name: _iso(getattr(facts, name)) for name in _TIMES},
    }


def as_registry(facts, troubles):
    """Return the same as a `prometheus_client` registry of its own; a time that does not exist is left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once([*_gauges(facts), _trouble_gauge(troubles)]))
    return registry


class _Once:
    """A collector of families that are measured already."""

    def __init__(self, families):
        self._families = families

    def collect(self):
        """Return the families, as `prometheus_client` asks for them."""
        return self._families


def _gauges(facts):
    for name, words in _COUNTS.items():
        yield GaugeMetricFamily(f"kho_dl_{name}", words, value=getattr(facts, name))
    for name, words in _TIMES.items():
        if moment := getattr(facts, name):
            seconds = moment.replace(tzinfo=timezone.utc).timestamp()
            yield GaugeMetricFamily(f"kho_dl_{name.removesuffix('_on')}_timestamp_seconds", words, value=seconds)


def _trouble_gauge(troubles):
    """Return one sample for each kind: 0 none, 1 to be looked at, 2 help is needed now."""
    levels = {trouble.kind: 2 if trouble.level == DANGER else 1 for trouble in troubles}
    family = GaugeMetricFamily("kho_dl_trouble", "0: none, 1: needs a look, 2: needs help now.", labels=["kind"])
    for kind in KINDS:
        family.add_metric([kind], levels.get(kind, 0))
    return family


def _iso(moment: datetime | None):
    return moment and moment.replace(tzinfo=timezone.utc, microsecond=0).isoformat()
