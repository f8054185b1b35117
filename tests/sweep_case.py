"""Users of one company against the records of another, for every model and method that the registry knows."""

from .common import KhoDLCase
from .sweep import Sweep, our_fields
from .sweep_maker import is_of_somebody, swept_models
from .sweep_world import OF_BOTH, World, begin_foreign_ids


class SweepCase(KhoDLCase):
    """What each sweep begins with, and the list of what it found."""

    def prepare(self):
        begin_foreign_ids(self)
        super().prepare()
        self.world = World(self)
        self.sweep = Sweep(self.env, self.world)
        self.models = swept_models(self.env)
        self.faults = []
        self.known_fields = {}
        self._check_world()

    def _check_world(self):
        """Fail where a model has nothing foreign, or nothing of one's own: the sweep would see nothing of it."""
        models = [model for model in self.models if model._name.startswith("kho.dl.") and is_of_somebody(model)]
        # What a view sums up of one's own work is only looked at.
        for maker, kind in ((self.world.foreign, models), (self.world.own, [model for model in models if model._auto])):
            unseen = {model._name: maker.failures.get(model._name) for model in kind if not maker.records(model._name)}
            self.assertFalse(unseen, f"tests/sweep_world.py makes no record of these models: {maker.mark}")

    def call(self, group, model, name, *args, **options):
        """Call, keep what is wrong with the answer, and return it."""
        answer = self.sweep.call(self.world.users[group], model, name, *args, group=group, **options)
        self.faults += answer.faults(self.world, group)
        return answer

    def look(self, group, model, name, *args, **options):
        """The same for a call that reads."""
        answer = self.sweep.look(self.world.users[group], model, name, *args, group=group, **options)
        self.faults += answer.faults(self.world, group)
        return answer

    def call_in_both(self, model, name, *args, note=""):
        """Return the answer to who works in both companies and opened both: shows for what others were refused."""
        context = {"allowed_company_ids": [*self.world.company.ids, *self.world.foreign_companies.ids]}
        return self.sweep.call(self.world.users[OF_BOTH], model, name, *args, context=context, group=OF_BOTH, note=note)

    def expect(self, is_right, answer, words):
        if not is_right:
            self.faults.append(f"{answer.call}: {words}")

    def check(self):
        self.assertFalse(self.faults, "\n" + "\n".join(dict.fromkeys(self.faults)))

    def env_of(self, group):
        return self.sweep.as_user(self.world.users[group])

    def fields_of(self, group, model):
        """Return {name: field} of the fields of `model` that are ours and that the user of `group` may read."""
        if (group, model) not in self.known_fields:
            self.known_fields[group, model] = our_fields(self.env_of(group), model)
        return self.known_fields[group, model]
