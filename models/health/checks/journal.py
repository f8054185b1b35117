"""Whether the journal is whole, sealed, looked at, and known outside this database."""

from datetime import timedelta

from ...journal.journal_walk import unsealed_for_long
from ..health_check import SCHEDULED_ACTIONS, Check, Place, _lt, each_row
from .database import copy_facts

_SEALS = Place("kho_dl.action_kho_dl_journal_chain", _lt("Seals of the journal"))
# Each journal is looked at every half hour, however little of it.
_CHECKED_WITHIN = timedelta(days=1)


def _chain_facts(env, companies):
    return each_row(
        env,
        companies,
        """
        SELECT MAX(fault) AS journal_fault, MAX(fault_position) AS journal_fault_position,
               COUNT(head_problem) > 0 AS is_head_unsent,
               MAX(COALESCE(checked_on, create_date)) FILTER (WHERE position > 0) AS journal_checked_on
          FROM kho_dl_journal_chain WHERE company_id = company.id
        """,
    )


def _unsealed_facts(env, companies):
    unsealed = unsealed_for_long(env, companies)
    nothing = (None, None, None)
    return {company.id: {"journal_unsealed_since": unsealed.get(company.id, nothing)[2]} for company in companies}


class Journal(Check):
    kind, sequence, place = "journal", 170, _SEALS
    title = _lt("The journal is broken at position %(position)s")
    advice = _lt(
        "A row was changed or taken away, past Odoo. Change nothing, keep a copy of the database, and "
        "compare with the seals that were sent away. The page tells which row it is."
    )
    measures = (_chain_facts,)

    def judge(self, facts, company, now):
        return self.danger(position=facts.journal_fault_position) if facts.journal_fault else None

    def details(self, env, values):
        return {"position": values["position"] or "–"}


class JournalUnsealed(Check):
    kind, sequence, place = "journal_unsealed", 180, SCHEDULED_ACTIONS
    is_common = True
    title = _lt("Rows of the journal wait to be sealed since %(time)s")
    advice = _lt(
        "Check that the scheduled action “Kho DL: seal closed rows of the journal” runs. Where it does, press “Verify "
        "journal”: a journal that was changed by hand cannot be sealed on; the server's log tells why."
    )
    measures = (_unsealed_facts, copy_facts)

    def judge(self, facts, company, now):
        since = facts.journal_unsealed_since
        return self.warning(since=since) if since and not facts.is_copy else None

    def together(self, trouble, other):
        return self.warning(since=min(trouble.values["since"], other.values["since"]))


class JournalUnchecked(Check):
    kind, sequence, place = "journal_unchecked", 190, SCHEDULED_ACTIONS
    is_common = True
    title = _lt("The journal has not been checked since %(time)s")
    advice = _lt(
        "Check that the scheduled action “Kho DL: check the seals of the journal” runs. Where it does, the check itself fails: the "
        "server's log tells why. Rows go on being sealed."
    )
    measures = (_chain_facts, copy_facts)

    def judge(self, facts, company, now):
        since = facts.journal_checked_on
        return self.warning(since=since) if since and since < now - _CHECKED_WITHIN and not facts.is_copy else None

    def together(self, trouble, other):
        return self.warning(since=min(trouble.values["since"], other.values["since"]))


class JournalHead(Check):
    kind, sequence, place = "journal_head", 200, _SEALS
    title = _lt("The last seal of the journal could not be sent away")
    advice = _lt(
        "The page tells why. Until it goes out, nothing outside this database shows whether rows were sealed anew."
    )
    measures = (_chain_facts,)
    # One mail brings the seals of all branches to whom these settings name: where it does not go out, that is one trouble.
    group = "privacy"

    def judge(self, facts, company, now):
        return self.warning() if facts.is_head_unsent else None
