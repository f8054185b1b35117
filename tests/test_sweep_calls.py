from odoo.exceptions import AccessError, MissingError
from odoo.tests import tagged

from .sweep_case import SweepCase
from .sweep_methods import arguments, is_for_model, public_methods
from .sweep_world import MISSING_ID, OF_BOTH

# What is no record any more is answered in words of its own: a group of failures ends while somebody looks at it.
_ANSWERS_FOR_WHAT_IS_GONE = {
    ("kho.dl.health.failure", "action_retry"),
    ("kho.dl.health.failure", "action_retry_line"),
}


@tagged("kho_dl_sweep")
class TestSweepCalls(SweepCase):
    """Public methods, with whatever may be given to them."""

    def test_public_methods_answer_for_ones_own_records_only(self):
        for model, name, function in public_methods(self.env):
            for values in arguments(function, min(self.world.ids["kho.dl.case"])):
                for group in self.world.strangers:
                    if not self.world.is_given(group, model):
                        self._call_all(group, model, name, function, values)
        self.check()

    def _call_all(self, group, model, name, function, values):
        note = f"({', '.join(map(repr, values))})" if values else ""
        if is_for_model(function):
            self._check_kept(self.call(group, model, name, *values, note=note))
            return
        self._check_kept(self.call(group, model, name, [], *values, note=f"{note} without records"))
        for number, what in ((self.world.foreign_id(model), "a foreign record"), (MISSING_ID, "what does not exist")):
            if not number:
                continue
            answer = self.call(group, model, name, [number], *values, note=f"{note} of {what}")
            is_known = number == MISSING_ID and (model, name) in _ANSWERS_FOR_WHAT_IS_GONE
            self.expect(answer.error or is_known, answer, f"answers: {answer.text[:200]}")
            self.expect(not answer.changed, answer, f"changes {answer.changed}")
        if group == OF_BOTH and self.world.foreign_id(model) and not self.env[model]._transient:
            answer = self.call_in_both(
                model, name, [self.world.foreign_id(model)], *values, note=f"{note}, both opened"
            )
            is_refused = isinstance(answer.error, AccessError | MissingError)
            self.expect(not is_refused, answer, f"is refused to somebody who works there: {answer.error}")

    def _check_kept(self, answer):
        self.expect(not answer.changed_foreign, answer, f"changes {answer.changed_foreign} of the foreign company")
