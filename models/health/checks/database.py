"""Whether this database may speak at all."""

from ..health_check import SETTINGS, Check, _lt


def copy_facts(env, _company):
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
