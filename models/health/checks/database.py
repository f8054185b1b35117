"""Whether this database may speak at all, and keeps its locks."""

from ...common.session_pooling import changes_sessions
from ..health_check import SETTINGS, Check, _lt, of_all


@of_all
def copy_facts(env):
    """Return whether this is a copy that nobody confirmed."""
    return {"is_copy": not env["kho.dl.database"]._is_confirmed()}


class CopiedDatabase(Check):
    kind, sequence, place = "copied_database", 10, SETTINGS
    title = _lt("This database is a copy: nothing is sent, fetched, given or sealed")
    advice = _lt(
        "Where it is to work for the office in place of the other one, a system administrator confirms it in the bar "
        "at the bottom of the screen. Otherwise leave it so."
    )
    measures = (copy_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        return self.danger() if facts.is_copy else None


@of_all
def pooling_facts(env):
    """Return whether a pooler of connections takes from work the locks that it holds."""
    return {"is_session_changed": changes_sessions(env.cr.dbname)}


class TransactionPooling(Check):
    kind, sequence, place = "transaction_pooling", 15, SETTINGS
    title = _lt("A pooler in front of PostgreSQL gives each transaction another session")
    advice = _lt(
        "Work may stand still or be done twice. Whoever runs the servers sets “pool_mode = session” in pgbouncer, or lets Odoo "
        "reach PostgreSQL itself, and then starts Odoo and the pooler again."
    )
    measures = (pooling_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        return self.danger() if facts.is_session_changed else None
