"""Which facts are a trouble: the one place where this is decided, for the screen, the alarms and the monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ..gate.child_python import is_safe

# Work stands still, or will give wrong results.
DANGER = "danger"
# Somebody should see to it, today or within the days that are set.
WARNING = "warning"
# Without these work stands still; without the others something grows old.
_VITAL = frozenset({"ir_cron_process", "ir_cron_send", "ir_cron_refresh_directory", "ir_cron_seal"})
# Each journal is looked at every half hour, however little of it.
_CHECKED_WITHIN = timedelta(days=1)
# Fewer files than this say nothing about a share.
_ENOUGH_FILES = 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that somebody has to see to. `kind` names it for programs, `values` are for its words.

    `is_for_all`: the same for all companies of the database. `is_quiet`: shown, but no reason to write to anybody.
    """

    kind: str
    level: str
    values: Mapping = field(default_factory=dict)
    is_for_all: bool = False
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on it is a trouble, as the company's settings say."""

    directory: timedelta
    waiting: timedelta
    agency: timedelta
    certificate: timedelta
    failed_percent: int
    rejected: int

    @classmethod
    def of(cls, company):
        """Return the limits that `company` has set."""
        return cls(
            directory=timedelta(days=company.kho_dl_alarm_directory_days),
            waiting=timedelta(hours=company.kho_dl_alarm_waiting_hours),
            agency=timedelta(hours=company.kho_dl_alarm_agency_hours),
            certificate=timedelta(days=company.kho_dl_alarm_certificate_days),
            failed_percent=company.kho_dl_alarm_failed_percent,
            rejected=company.kho_dl_alarm_rejected,
        )


def find_troubles(facts, limits, now):
    """Return the troubles that `facts` show, the worst first; `now` is naive UTC."""
    found = [trouble for check in _CHECKS.values() if (trouble := check(facts, limits, now))]
    return sorted(found, key=lambda trouble: trouble.level != DANGER)


def worst_level(troubles):
    """Return "danger", "warning" or "ok"."""
    levels = {trouble.level for trouble in troubles}
    return next((level for level in (DANGER, WARNING) if level in levels), "ok")


def _copied_database(facts, _limits, _now):
    if facts.is_copy:
        return Trouble("copied_database", DANGER, is_for_all=True)
    return None


def _not_set_up(facts, _limits, _now):
    if facts.missing:
        # Nobody is reminded of a company that was never meant to be connected.
        return Trouble("not_set_up", DANGER, is_quiet=not facts.is_begun)
    return None


def _account_refused(facts, _limits, _now):
    refusals = [facts.refused_on]
    if facts.is_query_refused:
        refusals.append(facts.last_query_on)
    last = max(filter(None, refusals), default=None)
    if last and not (facts.test_passed_on and facts.test_passed_on > last):
        return Trouble("account_refused", DANGER, {"on": last})
    return None


def _account_ending(facts, limits, now):
    if facts.account_ends_on and facts.account_ends_on - now < limits.certificate:
        level = DANGER if facts.account_ends_on <= now else WARNING
        return Trouble("account_ending", level, {"until": facts.account_until})
    return None


def _own_server(facts, _limits, _now):
    if facts.own_server_out_since:
        return Trouble("own_server", DANGER, {"since": facts.own_server_out_since})
    return None


def _directory(facts, limits, now):
    since = facts.directory_done_on or facts.directory_first_on
    # A company that was never meant to be connected has no limits to keep.
    if facts.is_begun and since and now - since >= limits.directory:
        return Trouble("directory", DANGER, {"since": facts.directory_done_on}, is_for_all=True)
    return None


def _catalogue(facts, _limits, _now):
    if facts.catalogue_failed_on:
        return Trouble("catalogue", WARNING, {"on": facts.catalogue_failed_on})
    return None


def _agencies(facts, limits, now):
    if facts.agencies_out_since and now - facts.agencies_out_since >= limits.agency:
        others = facts.agencies_out - len(facts.agencies_out_names)
        return Trouble(
            "agencies",
            WARNING,
            {"since": facts.agencies_out_since, "names": facts.agencies_out_names, "others": others},
        )
    return None


def _files_waiting(facts, limits, now):
    if facts.files_waiting_since and now - facts.files_waiting_since >= limits.waiting:
        return Trouble("files_waiting", DANGER, {"since": facts.files_waiting_since, "count": facts.files_waiting})
    return None


def _files_failing(facts, limits, _now):
    if facts.files_closed >= _ENOUGH_FILES and facts.files_failed * 100 >= limits.failed_percent * facts.files_closed:
        return Trouble("files_failing", DANGER, {"failed": facts.files_failed, "closed": facts.files_closed})
    return None


def _messages_waiting(facts, limits, now):
    if facts.messages_waiting_since and now - facts.messages_waiting_since >= limits.waiting:
        values = {"since": facts.messages_waiting_since, "count": facts.messages_waiting}
        return Trouble("messages_waiting", DANGER, values)
    return None


def _messages_rejected(facts, limits, _now):
    if facts.messages_rejected >= limits.rejected:
        return Trouble("messages_rejected", WARNING, {"count": facts.messages_rejected})
    return None


def _seal(facts, limits, now):
    if facts.seal_until and facts.seal_until - now < limits.certificate:
        return Trouble("seal", DANGER if facts.seal_until < now else WARNING, {"until": facts.seal_until})
    return None


def _trust(facts, limits, now):
    if facts.trust_until and facts.trust_until - now < limits.certificate:
        return Trouble("trust", WARNING, {"until": facts.trust_until, "name": facts.trust_name})
    return None


def _journal(facts, _limits, _now):
    if facts.journal_fault:
        return Trouble("journal", DANGER, {"position": facts.journal_fault_position})
    return None


def _journal_unsealed(facts, _limits, _now):
    if facts.journal_unsealed_since and not facts.is_copy:
        return Trouble("journal_unsealed", WARNING, {"since": facts.journal_unsealed_since})
    return None


def _journal_unchecked(facts, _limits, now):
    since = facts.journal_checked_on
    if since and since < now - _CHECKED_WITHIN and not facts.is_copy:
        return Trouble("journal_unchecked", WARNING, {"since": since})
    return None


def _journal_head(facts, _limits, _now):
    return Trouble("journal_head", WARNING) if facts.is_head_unsent else None


def _actions_off(facts, _limits, _now):
    if facts.actions_off:
        level = DANGER if _VITAL.intersection(facts.actions_off) else WARNING
        return Trouble("actions_off", level, {"names": facts.actions_off}, is_for_all=True)
    return None


def _python(facts, _limits, _now):
    if facts.python_fault:
        return Trouble("python", DANGER, {"fault": facts.python_fault}, is_for_all=True)
    return None


def _library(facts, _limits, _now):
    if facts.library and not is_safe(facts.library):
        # An installation may be bound to it by Odoo's own requirements: said, but nobody is written to.
        return Trouble("library", WARNING, {"version": facts.library}, is_for_all=True, is_quiet=True)
    return None


# By `Trouble.kind`. Alarms, activities and monitoring keep these words, so a kind that is renamed is another one.
_CHECKS = {
    "copied_database": _copied_database,
    "not_set_up": _not_set_up,
    "account_refused": _account_refused,
    "account_ending": _account_ending,
    "own_server": _own_server,
    "actions_off": _actions_off,
    "python": _python,
    "directory": _directory,
    "files_waiting": _files_waiting,
    "files_failing": _files_failing,
    "messages_waiting": _messages_waiting,
    "messages_rejected": _messages_rejected,
    "agencies": _agencies,
    "catalogue": _catalogue,
    "seal": _seal,
    "trust": _trust,
    "journal": _journal,
    "journal_unsealed": _journal_unsealed,
    "journal_unchecked": _journal_unchecked,
    "journal_head": _journal_head,
    "library": _library,
}
# Every `Trouble.kind` that there can be: monitoring shows each of them, also while it is none.
KINDS = tuple(_CHECKS)
