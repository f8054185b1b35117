"""What a health check is. The page, the alarms, the first steps and the monitoring ask all of them in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

from odoo.tools import SQL
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..common.office_time import moment_words

_lt = LazyTranslate(__name__)

# Work stands still, or will give wrong results.
DANGER = "danger"
# Somebody should see to it, today or within the days that are set.
WARNING = "warning"
# Every check that there is, by its kind.
CHECKS = {}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trouble is seen to: the xmlid of an action, the words of the button that opens it, the id of a setting there."""

    action: str
    words: LazyGettext
    setting: str = ""


SETTINGS = Place("kho_dl.action_kho_dl_settings", _lt("Open the settings"))
SCHEDULED_ACTIONS = Place("base.ir_cron_act", _lt("Scheduled actions"))


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


class Check:
    """One thing that may go wrong. To define a subclass is to register it; `checks/__init__.py` tells how one is made.

    Alarms, activities and monitoring keep `kind`, so one that is renamed is another one. `measures` are functions
    (env, companies) -> {company id: {fact: value}}; one that several checks share is called once. Of the facts, `counts` and `times` are
    those that the monitoring shows, each with what Prometheus says of it. Times are naive UTC as everywhere in Odoo, None
    where there is none. No fact names a person.
    """

    kind: str
    # Its place among the others, on the page and in the monitoring.
    sequence: int
    place: Place
    # What it is and what to do about it, a sentence or two each, with `details` in it.
    title: LazyGettext
    advice: LazyGettext
    measures = ()
    counts = {}
    times = {}
    # The group of settings that it is about: branches that follow it have the trouble together with whom they follow.
    group = None
    # Several offices of an account have it for one cause, mostly: it is told once for them all.
    is_common = False
    is_for_all = False
    is_quiet = False

    def __init_subclass__(cls):
        CHECKS[cls.kind] = cls()

    def judge(self, facts, company, now):
        """Return the `Trouble` that the `facts` are by the limits that `company` has set, or None; `now` is naive UTC."""
        raise NotImplementedError

    def owner(self, facts, company):
        """Return the company whose trouble it is that the `facts` of `company` show; its administrators see to it."""
        return company._kho_dl_source(self.group) if self.group else company

    def together(self, trouble, other):
        """Return what is said where `trouble` and `other`, both as bad, are of one owner, or of offices shown together."""
        return trouble

    def details(self, env, values):
        """Return `values` as they stand in title and advice, a moment `since` or `on` as `time`.

        An alarm has kept them as JSON: times as text.
        """
        moment = values.get("since") or values.get("on")
        return {**values, "time": moment_words(env, moment)} if moment else values

    def danger(self, **values):
        """Return the trouble that this is now."""
        return Trouble(self.kind, DANGER, values, self.is_for_all, self.is_quiet)

    def warning(self, **values):
        """Return the trouble that this is before long."""
        return Trouble(self.kind, WARNING, values, self.is_for_all, self.is_quiet)


def of_all(measure):
    """Mark `measure` as one with the same facts for all companies of the database: (env) -> {fact: value}."""
    measure.is_of_all = True
    return measure


def checks_in_order(kinds=None):
    """Return the checks of `kinds`, or all of them, in the order in which they are shown."""
    return sorted((CHECKS[kind] for kind in kinds or CHECKS), key=lambda check: check.sequence)


def examine(env, company, now, kinds=None):
    """Return what was measured of `company`, as a namespace, and the troubles that it shows, the worst first."""
    return examine_all(env, company, now, kinds)[company.id]


def examine_all(env, companies, now, kinds=None):
    """Return {company id: what `examine` returns of it}, of all `companies` in as many statements as of one.

    Few statements, each bounded by an index; the other Python, where one is named, is asked now and then. `kinds` are
    those that are wanted, all where none are named.
    """
    # sudo: numbers about companies, none of them secret; what they are read from is.
    companies = companies.with_env(env).sudo()
    companies.env.flush_all()
    checks = checks_in_order(kinds)
    facts = {company.id: SimpleNamespace() for company in companies}
    for measure in dict.fromkeys(measure for check in checks for measure in check.measures):
        if hasattr(measure, "is_of_all"):
            measured = dict.fromkeys(facts, measure(companies.env))
        else:
            measured = measure(companies.env, companies)
        for company_id, values in measured.items():
            vars(facts[company_id]).update(values)
    return {
        company.id: (facts[company.id], _troubles_of(checks, facts[company.id], company, now)) for company in companies
    }


def _troubles_of(checks, facts, company, now):
    found = [trouble for check in checks if (trouble := check.judge(facts, company, now))]
    return worst_first(found)


def worst_first(troubles):
    """Return `troubles` as they are shown: as they come, those that are dangers before the others."""
    return sorted(troubles, key=lambda trouble: trouble.level != DANGER)


def worst_level(troubles):
    """Return "danger", "warning" or "ok"."""
    levels = {trouble.level for trouble in troubles}
    return next((level for level in (DANGER, WARNING) if level in levels), "ok")


def trouble_words(env, trouble):
    """Return (title, advice) of `trouble` in the language of `env`."""
    check = CHECKS[trouble.kind]
    details = check.details(env, trouble.values)
    title, advice = env._(check.title), env._(check.advice)
    return title % details, advice % details


def oldest_and_sum(values, other):
    """Return the values of two troubles together: `since` when the older one lasts, and the sum of both `count`s."""
    return {"since": min(values["since"], other["since"]), "count": values["count"] + other["count"]}


def one_row(env, statement: str, **values) -> Mapping:
    """Return the only row of `statement`, which is the text of a check, as {column: value}."""
    env.cr.execute(SQL(statement, **values))
    return env.cr.dictfetchone()


def each_row(env, companies, statement: str, **values) -> Mapping:
    """Return {company id: the only row of `statement`}; in that text of a check `company` is the row of the company."""
    each = f"""
        SELECT company.id AS of_company, facts.*
          FROM res_company company CROSS JOIN LATERAL ({statement}) AS facts
         WHERE company.id IN %(companies)s
    """
    env.cr.execute(SQL(each, companies=companies._ids, **values))
    return {row.pop("of_company"): row for row in env.cr.dictfetchall()}
