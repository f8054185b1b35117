import re
from pathlib import Path

from odoo.tests import tagged

from .sweep import spec
from .sweep_case import SweepCase
from .sweep_maker import ADD_ON
from .sweep_methods import arguments, is_for_model, public_methods
from .sweep_world import CHIEF

_HOME = Path(__file__).parents[1]
_READ = re.compile(r"""context(?:\.get\(|\[)["'](\w+)["']|["'](\w+)["'] in self\.env\.context""")
# Odoo's own answers for these itself, and for what is written as no such value.
_ODOOS = {"error", "lang", "tz"}
# Of made-up records, whatever the context.
_MADE_UP = {"kho.dl.lookup.candidate", "kho.dl.retrieve.wizard.line"}


@tagged("kho_dl_sweep")
class TestSweepContext(SweepCase):
    """What our code reads from the context of a call is a stranger's word: it opens nothing, and is no fault of the program."""

    def test_no_key_opens_anything_or_makes_a_fault(self):
        keys = self._keys()
        self.assertLessEqual({"kho_dl_reason", "kho_dl_page", "cron_id"}, keys)
        for value in ("nonsense", [1], self.world.foreign_company.id):
            self._call_all(dict.fromkeys(keys, value), f" with {value}")
        self.check()

    def _keys(self):
        rooms = (_HOME / room for room in ("models", "wizard"))
        found = [names for room in rooms for path in room.rglob("*.py") for names in _READ.findall(path.read_text())]
        return {name for names in found for name in names if name and not name.startswith("default_")} - _ODOOS

    def _call_all(self, context, note):
        for model in self.models:
            if model._original_module == ADD_ON and self.env_of(CHIEF)[model._name].has_access("read"):
                for method, args in self._usual_calls(model):
                    self.call(CHIEF, model._name, method, *args, context=context, note=note)
        for model, name, function in public_methods(self.env):
            mine = self.world.mine(CHIEF, model).ids if not self.env[model]._abstract else []
            if model not in _MADE_UP and (mine or is_for_model(function)):
                for values in arguments(function, self.world.foreign_company.id)[:1]:
                    args = values if is_for_model(function) else [mine, *values]
                    self.call(CHIEF, model, name, *args, context=context, note=note)

    def _usual_calls(self, model):
        form = spec(self.fields_of(CHIEF, model._name))
        yield "web_search_read", [[], form]
        yield "name_search", ["a"]
        yield "formatted_read_group", [[], [], ["__count"]]
        if model._auto:
            yield "onchange", [[], {}, [], form]
            yield "create", [self.world.own_values(CHIEF, model._name)]
            if mine := self.world.mine(CHIEF, model._name).ids:
                yield "copy", [mine]
                yield "unlink", [mine]
