from odoo.fields import Command
from odoo.tests import tagged

from .sweep import spec
from .sweep_case import SweepCase
from .sweep_world import MISSING_ID, OF_BOTH

_OF_DOCUMENT = ("case_document_id", "company_id", "held_by_id", "lookup_id", "query_id")
_OF_CANDIDATE = (*_OF_DOCUMENT, "origin_document_id", "paper_id", "retrieval_ids")

# Refused with one's own record, too, so that nothing is proven by refusing a foreign one: {model: {field: ways}}.
_REFUSED = {
    # What the system itself records.
    "kho.dl.acceptance": {"user_id": "create write"},
    "kho.dl.access.right": {"company_id": "write", "state_user_id": "write"},
    "kho.dl.case": {
        **dict.fromkeys(("document_ids", "supplement_ids"), "create write default"),
        **dict.fromkeys(("held_by_id", "receiving_company_id"), "create write"),
    },
    "kho.dl.case.fee": {"company_id": "write", "held_by_id": "create write"},
    # Who wrote a message, and where, is recorded by the system.
    "kho.dl.case.message": dict.fromkeys(("company_id", "held_by_id", "user_id"), "create"),
    "kho.dl.case.supplement": dict.fromkeys(
        ("case_id", "company_id", "held_by_id", "asked_by", "received_by"), "write"
    ),
    "kho.dl.case.document": {
        # What is given by default is dropped (`_WITHOUT_DEFAULTS`), so what is required is missing.
        **dict.fromkeys(("case_id", "procedure_document_id"), "write default"),
        **dict.fromkeys(("company_id", "held_by_id", "origin_document_id", "origin_paper_id"), "create write"),
        **dict.fromkeys(("provenance_result_code_id", "recorded_attachment_ids"), "create write"),
    },
    "kho.dl.paper": {
        **dict.fromkeys(("file_ids", "successor_ids", "supersedes_id"), "create write"),
        "result_code_id": "default",
    },
    "kho.dl.reachability": {"line_ids": "create write", "user_id": "create write"},
    # What the retrieval form shows; a clerk chooses in it, and begins it with a case.
    "kho.dl.retrieve.wizard": {
        "case_id": "write",
        **dict.fromkeys(("document_ids", "line_ids"), "create write default"),
        **dict.fromkeys(("company_id", "held_by_id", "owner_id", "procedure_id", "query_id"), "create write"),
        **dict.fromkeys(("candidate_ids", "consent_user_id", "lookup_id", "partner_id"), "create write"),
    },
    "kho.dl.retrieve.wizard.document": dict.fromkeys((*_OF_DOCUMENT, "lookup_document_id", "wizard_id"), "write"),
    "kho.dl.retrieve.wizard.line": dict.fromkeys((*_OF_CANDIDATE, "candidate_id", "wizard_id"), "write"),
    # The same of what the form stands on.
    "kho.dl.lookup": dict.fromkeys(
        (
            "candidate_ids",
            "case_id",
            "company_id",
            "held_by_id",
            "consent_user_id",
            "document_ids",
            "owner_id",
            "partner_id",
        )
        + ("procedure_id", "query_id"),
        "write",
    ),
    "kho.dl.lookup.document": dict.fromkeys(_OF_DOCUMENT, "write"),
    "kho.dl.finish.case": dict.fromkeys(("case_id", "document_ids"), "write"),
    "kho.dl.lookup.candidate": dict.fromkeys(_OF_CANDIDATE, "write"),
    # Who has no other right on contacts enters applicants, with nothing that belongs to them.
    "res.partner": {"kho_dl_case_ids": "create default"},
}
# Whoever rules the system, and nobody else, makes them for whichever company.
_OF_ALL_COMPANIES = {"auth.oauth.provider", "kho.dl.office.import"}
_WITHOUT_DEFAULTS = {
    **dict.fromkeys(("kho.dl.acceptance", "kho.dl.case.document", "kho.dl.paper", "kho.dl.reachability"), {"default"}),
    **dict.fromkeys(("kho.dl.case.message", "kho.dl.person.page"), {"begun form", "default"}),
}


@tagged("kho_dl_sweep")
class TestSweepLinks(SweepCase):
    """What is allowed with one's own record is refused with a foreign one, and shows nothing of it."""

    def test_linking_a_foreign_record_shows_nothing_of_it(self):
        for group in self.world.users:
            for model in self.models:
                records = self.env_of(group)[model._name]
                if model._auto and (records.has_access("create") or records.has_access("write")):
                    self._link_all(group, model._name)
        self.check()

    def _link_all(self, group, model):
        env, world = self.env_of(group), self.world
        fields = self.fields_of(group, model)
        ways = Ways(env[model], fields, world.own_values(group, model), world.mine(group, model).ids)
        for one in fields.values():
            if one.relational:
                self._link_one(group, model, one, ways)

    def _link_one(self, group, model, one, ways):
        # What an administrator may, who works in both companies may as well.
        if group != OF_BOTH:
            self._control(group, model, one, ways)
            for way, answer in self._link(group, model, one, MISSING_ID, ways.plain(one, MISSING_ID)):
                self.expect(answer.error, answer, f"takes what does not exist ({way})")
        foreign = self.world.foreign_id(one.comodel_name)
        if foreign and group in self.world.strangers and model not in _OF_ALL_COMPANIES:
            for way, answer in self._link(group, model, one, foreign, ways.all(one, foreign)):
                is_dropped = way in _WITHOUT_DEFAULTS.get(model, ())
                self.expect(answer.error or is_dropped, answer, f"takes what it may not name ({way})")
        if shared := self.world.shared_id(one.comodel_name):
            dict(self._link(group, model, one, shared, ways.all(one, shared)))

    def _control(self, group, model, one, ways):
        """Link one's own in the same ways, and keep those that are refused without being listed, or the reverse."""
        comodel = self.env_of(group)[one.comodel_name]
        if not comodel.has_access("write" if one.type == "one2many" else "read"):
            # Who has no right on any record of it links none.
            return
        own = ways.values.get(one.name) if one.type == "many2one" else None
        own = own or self.world.makers[group].any_record(one.comodel_name).id
        listed = _REFUSED.get(model, {}).get(one.name, "")
        for way, answer in self._link(group, model, one, own, ways.all(one, own)):
            self.expect(
                bool(answer.error) == (way in listed.split()), answer, f"one's own: {answer.error or 'taken'} ({way})"
            )

    def _link(self, group, model, one, number, ways):
        for way, (method, args, context) in ways.items():
            yield way, self.call(group, model, method, *args, note=f"({one.name}={number})", context=context)


class Ways:
    """The calls with which somebody can link a record in a field of `model`."""

    def __init__(self, model, fields, values, ids):
        self.form, self.values, self.ids = spec(fields), values, ids
        self.may_create = model.has_access("create")
        self.may_write = bool(ids) and model.browse(ids).has_access("write")

    def plain(self, one, number):
        """Return {way: (method, arguments, context)} to create and to change a record with `number` in the field `one`."""
        value = number if one.type == "many2one" else [Command.set([number])]
        ways = {}
        if self.may_create:
            ways["create"] = ("create", [{**self.values, one.name: value}], None)
        if self.may_write:
            ways["write"] = ("write", [self.ids, {one.name: value}], None)
        return ways

    def all(self, one, number):
        """Return these, and forms and defaults."""
        ways = self.plain(one, number)
        if self.may_create:
            link = number if one.type == "many2one" else [Command.link(number)]
            default = {f"default_{one.name}": number if one.type == "many2one" else [number]}
            rest = {name: value for name, value in self.values.items() if name != one.name}
            ways["form"] = ("onchange", [[], {one.name: link}, [one.name], self.form], None)
            ways["begun form"] = ("onchange", [[], {}, [], self.form], default)
            ways["default"] = ("create", [rest], default)
        return ways
