from odoo import Command
from odoo.tests import tagged

from .common import new_test_user
from .sweep_case import SweepCase
from .sweep_maker import MARK

_GROUPS = ("base.group_portal", "base.group_user")
_ABOUT = (("res_model", "res_id"), ("model", "res_id"), ("res_model", "res_ids"), ("model", "res_ids"))
# Of add-ons that this one does not need: whoever has them has what they tell.
_OF_OTHERS = {"sms.composer"}


@tagged("kho_dl_sweep")
class TestSweepNaming(SweepCase):
    """Odoo tells names as superuser: no form of any application tells one of another company by a mere id, nor to a citizen."""

    def prepare(self):
        super().prepare()
        case, person = self.world.case, self.world.partner_of_foreigners
        office = {"company_id": self.world.foreign_company.id, "company_ids": self.world.foreign_companies.ids}
        citizen = new_test_user(
            self.env, "named", groups="base.group_portal", name=person.name, partner_id=person.id, **office
        )
        message = case.message_post(body=f"{MARK} said", subject=f"{MARK} subject", partner_ids=person.ids)
        case.message_subscribe(person.ids)
        todo = "mail.mail_activity_data_todo"
        self.named = {
            record._name: record.id
            for record in (
                case,
                person,
                citizen,
                message,
                message.notification_ids[:1],
                case.message_follower_ids.filtered(lambda follower: follower.partner_id == person),
                case.activity_schedule(todo, summary=f"{MARK} call", user_id=self.world.foreign_user.id),
                self.env["mail.mail"].create({"subject": MARK, "model": case._name, "res_id": case.id}),
                self.env["ir.attachment"].search(
                    [("name", "=", f"{MARK}.pdf"), ("res_model", "=", "kho.dl.paper")], limit=1
                ),
            )
        }
        self.assertTrue(all(self.named.values()), self.named)
        self.world.known = {group: self.world.foreign_companies.mapped("name") for group in _GROUPS}
        self.env.flush_all()

    def test_no_form_tells_a_name_by_an_id(self):
        for group in _GROUPS:
            for name, model in sorted(self.env.registry.items()):
                if not model._abstract and name not in _OF_OTHERS and self.env_of(group)[name].has_access("create"):
                    self._begin_forms(group, self.env_of(group)[name])
        self.check()

    def _begin_forms(self, group, records):
        fields = {name: records._fields[name] for name in records.fields_get(attributes=["type"])}
        form = {
            name: {"fields": {"display_name": {}}} if field.relational else {}
            for name, field in fields.items()
            if field.type not in ("properties", "properties_definition", "binary", "json")
        }
        links = list(self._links(fields))
        together = {name: value for link in links[:1] for name, value in link.items()}
        for link in links[1:]:
            together |= link
        answer = self._begin(group, records._name, together, form) if links else None
        # What refuses one of them is asked for each.
        for link in links if answer and answer.error else ():
            self._begin(group, records._name, link, form)
        for model, number in self.named.items():
            for about, which in _ABOUT:
                if about in fields and which in fields:
                    ids = str([number]) if fields[which].type in ("char", "text") else number
                    self._begin(group, records._name, {about: model, which: ids}, form)

    def _links(self, fields):
        """Yield {field: value} for each field in which a foreign record could be linked."""
        for name, field in fields.items():
            if number := self.named.get(field.comodel_name if field.relational else None):
                yield {name: number if field.type == "many2one" else [number]}

    def _begin(self, group, model, link, form):
        """By defaults, and as it is filled in."""
        typed = {name: [Command.link(*value)] if isinstance(value, list) else value for name, value in link.items()}
        self.look(group, model, "onchange", [], typed, list(typed), form, note=f"({typed})")
        defaults = {f"default_{name}": value for name, value in link.items()}
        return self.look(group, model, "onchange", [], {}, [], form, note=f"(default {link})", context=defaults)

    def look(self, group, model, name, *args, **options):
        """Errors of Odoo's own forms are Odoo's to mend."""
        known = len(self.faults)
        answer = super().look(group, model, name, *args, **options)
        self.faults[known:] = [fault for fault in self.faults[known:] if ": ended in " not in fault]
        return answer
