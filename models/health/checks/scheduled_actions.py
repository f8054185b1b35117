"""Whether all that should happen by itself is switched on."""

from ..health_check import SCHEDULED_ACTIONS, Check, _lt, of_all, one_row

# Without these work stands still; without the others something grows old.
_VITAL = frozenset({"ir_cron_process", "ir_cron_send", "ir_cron_refresh_directory", "ir_cron_seal"})
# What each does, in the words of an office.
_LABELS = {
    "ir_cron_refresh_directory": _lt("the refresh of the directory"),
    "ir_cron_catalogue": _lt("the synchronisation of the catalogue"),
    "ir_cron_enter": _lt("the entering of results into the store"),
    "ir_cron_candidates": _lt("the search for candidates of mappings"),
    "ir_cron_process": _lt("the fetching of files"),
    "ir_cron_send": _lt("the messages to the portal"),
    "ir_cron_links": _lt("the changes of our links"),
    "ir_cron_empty_payloads": _lt("the emptying of personal data"),
    "ir_cron_alarm": _lt("the alarms"),
    "ir_cron_count_indicators": _lt("the nightly count of the indicators"),
}


@of_all
def _action_facts(env):
    row = one_row(
        env,
        """
        SELECT ARRAY_AGG(data.name ORDER BY data.name) AS names
          FROM ir_cron cron
          JOIN ir_model_data data ON data.model = 'ir.cron' AND data.res_id = cron.id
         WHERE data.module = 'kho_dl' AND NOT cron.active
           -- How many help is the operator's choice.
           AND data.name !~ '^ir_cron_help_'
        """,
    )
    return {"actions_off": tuple(row["names"] or ())}


class ActionsOff(Check):
    kind, sequence, place = "actions_off", 60, SCHEDULED_ACTIONS
    title = _lt("What should happen by itself is switched off: %(names)s")
    advice = _lt("A system administrator switches it on again under Settings, Technical, Scheduled Actions.")
    measures = (_action_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        names = facts.actions_off
        return (self.danger if _VITAL.intersection(names) else self.warning)(names=names) if names else None

    def details(self, env, values):
        return {"names": ", ".join(env._(_LABELS[name]) if name in _LABELS else name for name in values["names"])}
