import warnings

from odoo.tests import tagged

from .sweep import spec
from .sweep_case import SweepCase
from .sweep_maker import MARK
from .sweep_world import MISSING_ID, OF_BOTH


@tagged("kho_dl_sweep")
class TestSweepReading(SweepCase):
    """Whatever people look at: nothing of another company, and all of it where they work in both and opened both."""

    def test_nothing_foreign_is_read(self):
        for group in self.world.strangers:
            for model in self.models:
                if self.world.is_given(group, model._name):
                    continue
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
        names = self.fields_of(group, model)
        self._search(group, model, names)
        self._group(group, model, names)
        self.look(group, model, "web_search_read", [], spec(names))
        if "display_name" in names:
            self.look(group, model, "name_search", MARK)
        seen = env[model].search([], limit=20).ids
        paths = [f"{name}/display_name" for name, one in names.items() if one.relational]
        self.look(group, model, "export_data", seen, [*names, *paths])
        if names and (foreign := self.world.foreign_id(model)):
            self._read_foreign(group, model, names, foreign)

    def _read_foreign(self, group, model, names, foreign):
        calls = [
            ("read", [list(names)]),
            *(("read", [[name]]) for name, one in names.items() if not one.column_type),
            ("web_read", [spec(names)]),
            ("export_data", [["display_name"]]),
        ]
        for name, args in calls:
            answer = self.look(group, model, name, [foreign], *args, note=f"({args})")
            self.expect(answer.is_refused, answer, "a foreign record is read")
        # A form is its author's alone.
        if group == OF_BOTH and not self.env[model]._transient:
            for name, args in (calls[0], *calls[-2:]):
                answer = self.call_in_both(model, name, [foreign], *args, note=f"({args}) with both opened")
                self.expect(not answer.error, answer, f"is refused to somebody who works there: {answer.error}")

    def _search(self, group, model, names):
        self.look(group, model, "search", [])
        for name, one in names.items():
            if not one._description_searchable or not self._may_search(group, one):
                continue
            # By Odoo's own rule the contacts that companies are are everybody's, by their name as without its marks.
            is_name = (model, name) == ("res.partner", "kho_dl_search_name")
            if not is_name and (one.relational or one.type in ("char", "text")):
                path = f"{name}.display_name" if one.relational else name
                self._search_alike(group, model, path, "ilike", MARK, "nothing is called so")
            else:
                answer = self.look(group, model, "search", [(name, "!=", False)], note=f"({name})")
                self.expect(not answer.error, answer, f"cannot be searched: {answer.error!r}")
            if one.relational and (foreign := self.world.ids.get(one.comodel_name)):
                self._search_alike(group, model, name, "in", sorted(foreign), [MISSING_ID])

    def _may_search(self, group, one):
        """Whether the user of `group` has the right to search by the field at all, so that an error is a fault."""
        env = self.env_of(group)
        if one.groups and not env.user.has_groups(one.groups):
            return False
        return not one.relational or env[one.comodel_name].has_access("read")

    def _search_alike(self, group, model, path, operator, foreign, unknown):
        """Search by what is foreign and by what nothing is: the same is found."""
        found = self.look(group, model, "search", [(path, operator, foreign)], note=f"({path} {operator})")
        self.expect(not found.error, found, f"cannot be searched: {found.error!r}")
        if found.text not in ("[]", ""):
            any_found = self.look(group, model, "search", [(path, operator, unknown)], note=f"({path} {operator})")
            self.expect(found.text == any_found.text, found, f"finds {found.text} by what is foreign")

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
