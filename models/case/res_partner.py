from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..common.kho_dl_guarded import all_linked
from ..common.office_language import in_office_language


class ResPartner(models.Model):
    """Contacts that a counter entered as applicants, and what a clerk may do with contacts.

    A clerk enters applicants and corrects how they are reached, while the clerk's companies alone know them, or share them
    with others. Said in code, for those who have no other right on contacts: rules of groups add up, so that one of ours would
    widen what another application gives.
    """

    _inherit = "res.partner"

    # Nobody's to search by: for `in` and `!=` Odoo asks no rule of what is linked, so contacts would tell whose cases
    # another company has.
    kho_dl_case_ids = fields.One2many("kho.dl.case", "owner_id", "Cases", groups=fields.NO_ACCESS)
    kho_dl_company_ids = fields.One2many("res.company", "partner_id", "Is the company", groups=fields.NO_ACCESS)
    kho_dl_is_entered = fields.Boolean(
        "Entered at the counter",
        readonly=True,
        copy=False,
        help="Entered as an applicant: clerks may correct how this contact is reached.",
        groups="kho_dl.group_clerk",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_at_counter_only("create"):
            complete = [self._add_missing_default_values(vals) for vals in vals_list]
            self._refuse_fields({name for vals in complete for name in self._beyond_an_applicant(vals)})
            vals_list = [{**vals, "kho_dl_is_entered": True} for vals in vals_list]
        return super().create(self._kho_dl_with_language(vals_list))

    def _kho_dl_with_language(self, vals_list):
        """Return `vals_list` with the office's language for applicants of whom none is said: Odoo's own is the server's.

        Who belongs to an organisation has that one's, as ever.
        """
        is_usual = self.env.context.get("default_kho_dl_is_entered")
        entered = [vals.get("kho_dl_is_entered", is_usual) and not vals.get("parent_id") for vals in vals_list]
        if not any(entered):
            return vals_list
        language = in_office_language(self).env.lang
        return [{"lang": language, **vals} if here else vals for vals, here in zip(vals_list, entered, strict=True)]

    def write(self, vals):
        if self._is_at_counter_only("write"):
            self._refuse_fields(vals.keys() - self._kho_dl_correctable_fields())
        return super().write(vals)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or operation != "write" or not any(self._ids) or not self._is_at_counter_only("write"):
            return refused
        # sudo: cases of other companies and who has a login are looked at, not told.
        contacts = self.sudo().with_context(active_test=False)
        forbidden = self - contacts.search(self._correctable_domain()).sudo(False)
        return (forbidden, partial(self._not_correctable, forbidden)) if forbidden else None

    @api.model
    def _is_at_counter_only(self, operation):
        """Whether the user may `operation` ("create", "write") contacts by the right of a clerk and by no other."""
        user = self.env.user
        if self.env.su or not user.has_group("kho_dl.group_clerk"):
            return False
        # sudo: who has which right is not for everybody.
        rights = self.env["ir.model.access"].sudo()
        others = set(user.sudo()._get_group_ids()) - set(self.env.ref("kho_dl.group_clerk").ids)
        domain = [("model_id.model", "=", self._name), (f"perm_{operation}", "=", True)]
        # A right without a group is everybody's.
        return not rights.search_count([*domain, ("group_id", "in", [False, *others])], limit=1)

    def _correctable_domain(self):
        """Return the domain of those of these contacts that a clerk corrects.

        Never people with a login, whose mail address opens their account, nor the contacts that companies are.
        """
        entered = [
            ("id", "in", self.ids),
            ("kho_dl_is_entered", "=", True),
            ("user_ids", "=", False),
            ("kho_dl_company_ids", "=", False),
        ]
        return Domain(entered) & self._own_domain()

    def _own_domain(self):
        """Return the domain of those of these contacts that are the clerk's companies' own."""
        companies = self.env.companies.ids
        is_own = [
            ("kho_dl_case_ids", "not any", [("company_id", "not in", companies)]),
            "|",
            ("create_uid", "=", self.env.uid),
            ("company_id", "in", companies),
        ]
        return Domain(is_own)

    def _kho_dl_correctable_fields(self):
        """Return the names of the fields that a clerk corrects of these applicants."""
        return {"name", "is_company", "company_type", "phone", "email", *self._address_fields()}

    @api.model
    def _beyond_an_applicant(self, vals):
        """Yield the fields of `vals` for a new contact that would link it to others, or bring more with it."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or not field.relational or not value:
                continue
            is_of_others = field.comodel_name == self._name or field.type == "one2many"
            if is_of_others and (field.type == "many2one" or any(True for _ in all_linked(value))):
                yield name

    def _refuse_fields(self, names):
        if names:
            raise AccessError(self._refused_words(self._field_words(names)))

    def _refused_words(self, names):
        return self.env._(
            "The counter enters applicants, and corrects their name, phone, mail and address. Nothing was "
            "changed: somebody who may change contacts does it (%s).",
            names,
        )

    @api.model
    def _field_words(self, names):
        known = (self._fields[name] for name in sorted(names) if name in self._fields)
        return ", ".join(field._description_string(self.env) for field in known)

    @api.model
    def _not_correctable(self, contacts):
        return AccessError(
            self.env._(
                "The counter corrects applicants whom a counter entered, who have no login, and no case in an office that "
                "does not share the contact with this one. Nothing was changed: somebody who may change contacts does it (%s).",
                ", ".join(contacts._filtered_access("read").mapped("name")),
            )
        )
