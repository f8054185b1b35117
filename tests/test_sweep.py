import warnings

from odoo.fields import Command
from odoo.tests import tagged

from .common import KhoDLCase
from .sweep import Sweep, arguments, is_for_model, our_fields, public_methods, spec
from .sweep_world import MARK, MISSING_ID, World, add_on_models, begin_foreign_ids, is_of_somebody

# What is no record any more is answered in words of its own: a group of failures ends while somebody looks at it.
_ANSWERS_FOR_WHAT_IS_GONE = {("kho.dl.health.failure", "action_retry")}


class SweepCase(KhoDLCase):
    """Users of one company against the records of another, for every model and method that the registry knows."""

    def prepare(self):
        begin_foreign_ids(self)
        super().prepare()
        self.world = World(self)
        self.sweep = Sweep(self.env, self.world)
        self.faults = []
        self._check_world()

    def _check_world(self):
        """Fail where a model has nothing foreign: the sweep would see nothing of it."""
        models = [model._name for model in add_on_models(self.env) if is_of_somebody(model)]
        unseen = {name: self.world.foreign.failures.get(name) for name in models if not self.world.ids[name]}
        self.assertFalse(unseen, "tests/sweep_world.py makes no record of these models in the foreign company")

    def call(self, group, model, name, *args, **options):
        """Call, keep what is wrong with the answer, and return it."""
        answer = self.sweep.call(self.world.users[group], model, name, *args, group=group, **options)
        self.faults += answer.faults(self.world)
        return answer

    def look(self, group, model, name, *args, note=""):
        """The same for a call that reads."""
        answer = self.sweep.look(self.world.users[group], model, name, *args, group=group, note=note)
        self.faults += answer.faults(self.world)
        return answer

    def expect(self, is_right, answer, words):
        if not is_right:
            self.faults.append(f"{answer.call}: {words}")

    def check(self):
        self.assertFalse(self.faults, "\n" + "\n".join(dict.fromkeys(self.faults)))

    def env_of(self, group):
        return self.sweep.as_user(self.world.users[group])


@tagged("kho_dl_sweep")
class TestSweepReading(SweepCase):
    def test_nothing_foreign_is_read(self):
        for group in self.world.users:
            for model in add_on_models(self.env):
                if self.env_of(group)[model._name].has_access("read"):
                    self._read(group, model._name)
                else:
                    self._read_without_right(group, model._name)
        self.check()

    def _read_without_right(self, group, model):
        number = self.world.foreign_id(model) or 1
        for name, args in (
            ("search", [[]]),
            ("read", [[number]]),
            ("web_read", [[number], {"display_name": {}}]),
            ("name_search", [""]),
            ("formatted_read_group", [[], [], ["__count"]]),
        ):
            answer = self.look(group, model, name, *args)
            self.expect(answer.is_refused, answer, "is answered without a right to read")

    def _read(self, group, model):
        env = self.env_of(group)
        names = our_fields(env, model)
        self._search(group, model, names)
        self._group(group, model, names)
        self.look(group, model, "web_search_read", [], spec(model, env))
        self.look(group, model, "name_search", MARK)
        seen = env[model].search([], limit=20).ids
        paths = [f"{name}/display_name" for name, one in names.items() if one.relational]
        self.look(group, model, "export_data", seen, [*names, *paths])
        if foreign := self.world.foreign_id(model):
            self._read_foreign(group, model, names, foreign)

    def _read_foreign(self, group, model, names, foreign):
        calls = [
            ("read", [list(names)]),
            *(("read", [[name]]) for name, one in names.items() if not one.column_type),
            ("web_read", [spec(model, self.env_of(group))]),
            ("export_data", [["display_name"]]),
        ]
        for name, args in calls:
            answer = self.look(group, model, name, [foreign], *args, note=f"({args})")
            self.expect(answer.is_refused, answer, "a foreign record is read")

    def _search(self, group, model, names):
        self.look(group, model, "search", [])
        for name, one in names.items():
            if not one._description_searchable:
                continue
            if one.type in ("char", "text", "many2one"):
                path = f"{name}.display_name" if one.relational else name
                found, any_found = (
                    self.look(group, model, "search", [(path, "ilike", text)], note=f"({path} ilike)")
                    for text in (MARK, "nothing is called so")
                )
                self.expect(found.text == any_found.text, found, f"finds {found.text} by what is foreign")
            else:
                self.look(group, model, "search", [(name, "!=", False)], note=f"({name})")

    def _group(self, group, model, names):
        env = self.env_of(group)
        for name, one in names.items():
            if not one._description_groupable(env):
                continue
            by = f"{name}:month" if one.type in ("date", "datetime") else name
            self.look(group, model, "formatted_read_group", [], [by], ["__count"], note=f"({by})")
            if one.relational:
                self.look(group, model, "web_read_group", [], [by], note=f"({by})")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self.look(group, model, "read_group", [], ["__count"], [by], note=f"({by})")


@tagged("kho_dl_sweep")
class TestSweepLinks(SweepCase):
    def test_linking_a_foreign_record_shows_nothing_of_it(self):
        for group in self.world.users:
            for model in add_on_models(self.env):
                records = self.env_of(group)[model._name]
                if model._auto and (records.has_access("create") or records.has_access("write")):
                    self._link_all(group, model._name)
        self.check()

    def _link_all(self, group, model):
        env = self.env_of(group)
        form, own = spec(model, env), self.world.own_values(model)
        for one in our_fields(env, model).values():
            if not one.relational:
                continue
            shared = self.world.shared_id(one.comodel_name)
            for number in (self.world.foreign_id(one.comodel_name), MISSING_ID, shared):
                if number:
                    answers = self._link(group, model, form, own, one, number)
                    for answer in answers if number != shared else ():
                        self.expect(answer.error, answer, "takes what it may not name")

    def _link(self, group, model, form, own, one, number):
        """Link the record `number` in every way, and return the answers to those ways that keep it."""
        name, note = one.name, f"({one.name}={number})"
        is_one = one.type == "many2one"
        value = number if is_one else [Command.link(number)]
        default = {f"default_{name}": number if is_one else [number]}
        rest = {key: kept for key, kept in own.items() if key != name}
        self.call(group, model, "onchange", [], {name: value}, [name], form, note=note)
        self.call(group, model, "onchange", [], {}, [], form, note=note, context=default)
        self.call(group, model, "create", rest, note=note, context=default)
        if not is_one:
            value = [Command.set([number])]
        kept = [self.call(group, model, "create", {**own, name: value}, note=note)]
        if mine := self.world.own.records(model)[:1].ids:
            kept.append(self.call(group, model, "write", mine, {name: value}, note=note))
        return kept if one.store else []


@tagged("kho_dl_sweep")
class TestSweepCalls(SweepCase):
    def test_public_methods_answer_for_ones_own_records_only(self):
        for model, name, function in public_methods(self.env):
            for values in arguments(function, min(self.world.ids["kho.dl.case"])):
                for group in self.world.users:
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

    def _check_kept(self, answer):
        self.expect(not answer.changed_foreign, answer, f"changes {answer.changed_foreign} of the foreign company")
