"""Whether all that should happen by itself is switched on."""

from ..health_check import SCHEDULED_ACTIONS, Check, _lt, of_all, one_row

# Without these work stands still; without the others something grows old.
_VITAL = frozenset({"ir_cron_process", "ir_cron_send", "ir_cron_refresh_directory", "ir_cron_seal"})


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
    advice = _lt("A system administrator switches it on again in the list of scheduled actions.")
    measures = (_action_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        names = facts.actions_off
        return (self.danger if _VITAL.intersection(names) else self.warning)(names=names) if names else None

    def details(self, env, values):
        # As they are called in that list; an alarm may outlive an action.
        actions = {name: env.ref(f"kho_dl.{name}", raise_if_not_found=False) for name in values["names"]}
        return {"names": ", ".join(f"“{action.sudo().name if action else name}”" for name, action in actions.items())}
