"""What a program may send for anything: words for people, or Odoo's own answer, and never an error of our program."""

import inspect
import linecache
import traceback
from contextlib import suppress

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.common.id_number import clean_id_number, id_number_kind
from .common import AN, KhoDLCase, new_test_user
from .sweep_world import add_on_models

OURS = "odoo.addons.kho_dl."
ODD = (12, float("nan"), [5], {"x": 1}, None, "a\x00b", "9" * 5000)
ODD_ARGUMENTS = (*ODD, -1, 10**30, 1.5, True, [], {}, "x")
ODD_LINKS = (
    *ODD,
    10**30,
    1.5,
    True,
    [[5]],
    [None],
    [[0, 0, 5]],
    [[1, 5]],
    [[4, "x"]],
    [[6, 0, 5]],
    [[6, 0, {}]],
    [[9]],
)
# Models of Odoo that people write through code of ours.
EXTENDED = ("res.company", "res.partner", "res.users")


class _Undone(Exception):
    pass


@tagged("kho_dl_odd_values")
class TestOddValues(KhoDLCase):
    def prepare(self):
        super().prepare()
        groups = "kho_dl.group_clerk,kho_dl.group_administrator,base.group_system"
        self.user = new_test_user(self.env, "of_all_rights", groups=groups)
        case = self.make_case(AN)
        wizard = self.env["kho.dl.retrieve.wizard"].with_user(self.user).create({"case_id": case.id})
        document = case.document_ids[1]
        self.env["kho.dl.paper"].create({"case_id": case.id, "result_code_id": document.result_code_ids.id})
        self.env["kho.dl.retrieve.wizard.line"].create({"wizard_id": wizard.id, "case_document_id": document.id})
        self.env["kho.dl.why"].with_user(self.user).create({"procedure_id": self.procedure.id})
        self.faults = {}

    def call(self, user, model, name, *args):
        """Call as Odoo's RPC does, undo it, and keep an error of ours."""
        env = self.env(user=user, context={"lang": "en_US"})
        with suppress(_Undone), self.env.cr.savepoint(flush=False):
            try:
                call_kw(env[model], name, list(args), {})
                env.flush_all()
            except (UserError, IntegrityError):
                # The latter Odoo puts into words.
                pass
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what the caller would meet
                if place := _place_of_ours(error):
                    self.faults.setdefault(f"{place}: {type(error).__name__}", f"{model}.{name}{args}"[:300])
            raise _Undone
        self.env.transaction.clear()

    def check(self):
        self.assertFalse(self.faults, "\n" + "\n".join(f"{place} by {what}" for place, what in self.faults.items()))

    def call_with_values(self, user, model, field):
        own = self.env[model].with_user(user).search([], limit=1, order="id desc").ids
        odd = ODD_LINKS if field.relational else ODD
        if field.type in ("one2many", "many2many") and (
            linked := self.env[field.comodel_name].sudo().search([], limit=1)
        ):
            # The number of one that is there, where its values belong.
            odd = (*odd, [[0, 0, linked.id]], [[1, linked.id, linked.id]])
        for value in odd:
            values = {field.name: value}
            self.call(user, model, "create", values)
            if own:
                self.call(user, model, "write", own, values)
            if field.relational or "number" in field.name:
                self.call(user, model, "onchange", [], values, [field.name], {field.name: {}})

    @mute_logger("odoo.sql_db")
    def test_values_of_fields(self):
        for model in [*add_on_models(self.env), *(self.env[name] for name in EXTENDED)]:
            records = model.with_user(self.user)
            if model._auto and records.has_access("create"):
                for field in model._fields.values():
                    is_ours = "kho_dl" in field._modules and field.name not in MAGIC_COLUMNS
                    if is_ours and records._has_field_access(field, "write"):
                        self.call_with_values(self.user, model._name, field)
        self.check()

    @mute_logger("odoo.sql_db")
    def test_what_a_clerk_says_of_a_contact(self):
        contacts = self.env["res.partner"]
        for name in ("name", "vat", "parent_id", "company_id", "child_ids", "user_ids", "category_id", "bank_ids"):
            self.call_with_values(self.clerk, "res.partner", contacts._fields[name])
        self.check()

    @mute_logger("odoo.sql_db")
    def test_arguments_of_methods(self):
        known = set()
        for model, name, function in _methods(self.env):
            # What begins with an underscore takes no notice of its value.
            parameters = [one for one in list(inspect.signature(function).parameters)[1:] if not one.startswith("_")]
            known.update(f"{name}.{parameter}" for parameter in parameters)
            records = self.env[model].sudo().search([], limit=1).ids
            for position in range(len(parameters)):
                for value in ODD_ARGUMENTS:
                    before = [[]] * position
                    ids = [] if getattr(function, "_api_model", False) else [records]
                    self.call(self.user, model, name, *ids, *before, value)
        self.assertGreater(known, {"action_propose_result.result_code_id", "mapping_worklist.limit"})
        self.check()

    def test_an_id_number_may_be_a_number(self):
        self.assertEqual(self.make_case(113419012).owner_id_number, "113419012")
        for number in ([113419012], {"x": 1}, 12.5, 10**30):
            with self.subTest(number), self.assertRaisesRegex(ValidationError, "not valid"), self.env.cr.savepoint():
                self.make_case(number)

    def test_an_id_number_has_the_digits_that_the_portal_knows(self):
        self.assertEqual(clean_id_number("０００１９００００００１１"), "0001900000-011")
        self.assertIsNone(id_number_kind("٠٠٠١٩٠٠٠٠٠١١"))


def _place_of_ours(error):
    """Return the line of ours that `error` came from; None where Odoo's own method, behind ours, raised it."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = frame.f_globals.get("__name__", "")
        if module.startswith(OURS) and ".tests." not in module:
            code = linecache.getline(frame.f_code.co_filename, line).strip()
            # What was kept in memory goes to the database as a savepoint begins.
            return None if "super()" in code or "savepoint()" in code else f"{module.removeprefix(OURS)}:{line} {code}"
    return None


def _methods(env):
    """Yield (model name, method name, function) of what the add-on brings for anybody to call."""
    for model, cls in sorted(env.registry.items()):
        for base in cls.mro() if not cls._abstract else ():
            if base.__module__.startswith(OURS):
                for name, function in vars(base).items():
                    is_public = not name.startswith("_") and not getattr(function, "_api_private", False)
                    if is_public and inspect.isfunction(function) and name not in ("create", "write", "onchange"):
                        yield model, name, function
