from odoo.exceptions import AccessError, MissingError
from odoo.fields import Command
from odoo.tests import tagged

from .sweep import spec
from .sweep_case import SweepCase
from .sweep_maker import ADD_ON, plausible
from .sweep_world import CHIEF, MISSING_ID, OF_BOTH

# The right on a model that each way of changing its records needs.
_RIGHTS = {"write": "write", "web_save": "write", "action_archive": "write", "unlink": "unlink", "copy": "create"}
# Refused to an administrator even with a record of the own company, so that nothing is proven: {model: methods, fields of lines}.
_REFUSED = {
    # Where a paper came from is recorded.
    "kho.dl.case.document": "web_save recorded_attachment_ids",
    # When a case came to wait, and went on, is recorded.
    "kho.dl.case.supplement": "web_save",
    # It stays as it was sent, by whom it was.
    "kho.dl.case.message": "copy",
    # Only what was done on the security server is noted.
    "kho.dl.access.right": "web_save action_archive",
    # What these forms show was found by the system: a clerk chooses in them.
    "kho.dl.lookup": "web_save",
    "kho.dl.lookup.document": "web_save",
    "kho.dl.lookup.candidate": "web_save",
    "kho.dl.finish.case": "web_save document_ids",
    "kho.dl.retrieve.wizard": "web_save copy candidate_ids",
    "kho.dl.retrieve.wizard.document": "web_save",
    "kho.dl.retrieve.wizard.line": "web_save",
    # A contact that no counter entered is not a counter's to correct.
    "res.partner": "web_save write",
}


@tagged("kho_dl_sweep")
class TestSweepWriting(SweepCase):
    """Records of others stay as they are, whoever tries, in whatever way Odoo offers."""

    def test_nothing_foreign_is_changed(self):
        # {(model, method): whether an administrator has the right to do it with a record of the own company}
        self.proven = {}
        self.line_values = {}
        for group in self.world.users:
            for model in self.models:
                if model._auto and not self.world.is_given(group, model._name):
                    self._change_all(group, model._name)
                    if group != CHIEF and self.env_of(group)[model._name].has_access("write"):
                        self._change_lines(group, model._name)
            if group in self.world.strangers and not self.world.is_given(group, "ir.attachment"):
                self._change_files(group)
        listed = {(model, method) for model, methods in _REFUSED.items() for method in methods.split()}
        refused = {key for key, is_done in self.proven.items() if not is_done}
        self.faults += [f"{key}: refused with one's own" for key in sorted(refused - listed)]
        self.faults += [f"{key}: need not be listed" for key in sorted(listed - refused)]
        self.check()

    def _change_files(self, group):
        """Change each file that another company has, wherever it is: on a case, in the store, in the journal."""
        for number in self.world.ids["ir.attachment"]:
            for method, args in (("write", [{"name": "x"}]), ("write", [{"raw": "eA=="}]), ("unlink", [])):
                answer = self._change(group, "ir.attachment", number, method, args, {})
                self.expect(not answer.changed, answer, f"changes {answer.changed}")
                self._check_words(answer, group, "ir.attachment", method, args, {})

    def _change_all(self, group, model):
        foreign, mine = self.world.others(model), self.world.mine(group, model).id
        for method, args, kwargs in self._changes(group, model):
            if foreign and group in self.world.strangers:
                answer = self._change(group, model, foreign, method, args, kwargs)
                self.expect(not answer.changed, answer, f"changes {answer.changed}")
                self._check_words(answer, group, model, method, args, kwargs)
            if group == CHIEF and mine and self.env_of(group)[model].has_access(_RIGHTS.get(method, "write")):
                # What it holds may keep it as it is: that is another refusal.
                self.proven[model, method] = self.proven.get((model, method)) or not isinstance(
                    self._change(group, model, mine, method, args, kwargs).error, AccessError
                )

    def _change(self, group, model, number, method, args, kwargs):
        return self.call(group, model, method, [number], *args, note=f"({args or kwargs or ''})", **kwargs)

    def _check_words(self, answer, group, model, method, args, kwargs):
        """What is foreign is refused by Odoo, or in words that do not depend on what it is."""
        if not isinstance(answer.error, AccessError | MissingError):
            unknown = self._change(group, model, MISSING_ID, method, args, kwargs)
            is_alike = answer.error and str(answer.error) == str(unknown.error)
            self.expect(is_alike, answer, f"a foreign record is changed, or told of: {answer.error or answer.text}")

    def _changes(self, group, model):
        """Yield (method, arguments, named arguments) of what changes records of the model."""
        env = self.env_of(group)
        values = [{name: value} for name, value in self._values(group, model).items()]
        # Each field as somebody with all rights: who has fewer is refused whatever is written.
        for vals in values if group in (CHIEF, OF_BOTH) and env[model].has_access("write") else values[:1]:
            yield "write", [vals], {}
        for vals in values[:1]:
            yield "web_save", [vals, spec(self.fields_of(group, model))], {}
        if env[model]._original_module != ADD_ON:
            return
        yield "unlink", [], {}
        yield "copy", [], {}
        if "active" in env[model]._fields:
            yield "action_archive", [], {}
        if "message_ids" in env[model]._fields:
            yield "message_post", [], {"body": "A word"}
            yield "message_subscribe", [self.world.partner.ids], {}
        if "activity_ids" in env[model]._fields:
            yield "activity_schedule", ["mail.mail_activity_data_todo"], {}

    def _values(self, group, model):
        """Return {field: value} with which somebody could write each of our fields."""
        values = self.world.own_values(group, model)
        for name, one in self.fields_of(group, model).items():
            if one.relational and name not in values:
                own = self.world.makers[group].any_record(one.comodel_name).id
                values[name] = own if one.type == "many2one" else [Command.link(own)]
            elif name not in values and name != "display_name":
                values[name] = plausible(one, self.env)
        return values

    def _change_lines(self, group, model):
        """Change others' records as if they were lines of one's own."""
        mine = self.world.mine(group, model)
        for one in self.fields_of(group, model).values():
            foreign = self.world.foreign_id(one.comodel_name) if one.type in ("one2many", "many2many") else None
            if not foreign or not mine:
                continue
            vals = self._line_values(model, one)
            for command in (Command.update(foreign, vals), Command.delete(foreign), Command.unlink(foreign)):
                new = {**self.world.own_values(group, model), one.name: [command]}
                for answer in (
                    self.call(group, model, "write", mine.ids, {one.name: [command]}, note=f"({one.name}: {command})"),
                    self.call(group, model, "create", new, note=f"({one.name}: {command})"),
                ):
                    self.expect(not answer.changed_foreign, answer, f"changes {answer.changed_foreign}")
                    # What is no line is not taken off, whosever it is.
                    is_refused = answer.error or command[0] == Command.UNLINK
                    self.expect(is_refused, answer, f"changes what is another's: {answer.text}")

    def _line_values(self, model, one):
        """Return values of a line in the field `one` that an administrator may change, if any; and note whether there are."""
        if (model, one.name) in self.line_values:
            return self.line_values[model, one.name]
        mine = self.world.mine(CHIEF, model)
        line = (mine[one.name] or self.world.own.any_record(one.comodel_name))[:1]
        values = [{name: value} for name, value in self._values(CHIEF, one.comodel_name).items()]
        chosen = values[0]
        if self.env_of(CHIEF)[one.comodel_name].has_access("write"):
            commands = ((vals, {one.name: [Command.update(line.id, vals)]}) for vals in values)
            taken = (vals for vals, value in commands if not self.call(CHIEF, model, "write", mine.ids, value).error)
            found = next(taken, None)
            self.proven[model, one.name] = found is not None
            chosen = found or chosen
        self.line_values[model, one.name] = chosen
        return chosen
