from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..common.text import plain

# No office: so is a contact kept that none has a case of yet.
_NOBODY = ["0"]


class ResPartner(models.Model):
    """Which offices read a contact that several of them know: those that have or had a case of it.

    Odoo's rule gives a contact to one company and all that stand below it. So a contact of several offices is that of the
    company above them, for what Odoo checks, and a rule of ours keeps it to these offices. Of other contacts it says nothing.
    """

    _inherit = "res.partner"

    # Nobody's to search by, as the cases of a contact: they would tell whose cases another office has. In the row itself, as
    # whatever reads contacts asks for it: for a table beside it PostgreSQL reckons with a look at each contact that there is.
    # The first one is whose it was.
    kho_dl_offices = fields.Json("Offices that read it, and no others", copy=False, groups=fields.NO_ACCESS)
    kho_dl_is_known_here = fields.Boolean(
        "Is read in the open companies",
        compute="_compute_kho_dl_is_known_here",
        search="_search_kho_dl_is_known_here",
        groups=fields.NO_ACCESS,
    )

    @api.depends("kho_dl_offices")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_kho_dl_is_known_here(self):
        here = set(_as_text(self.env.companies))
        for contact in self:
            offices = contact.kho_dl_offices
            contact.kho_dl_is_known_here = not offices or not here.isdisjoint(offices)

    @api.model
    def _search_kho_dl_is_known_here(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        here = _as_text(self.env.companies)

        def to_sql(model, alias, query):
            offices = model._field_to_sql(alias, "kho_dl_offices", query)
            return SQL("(%s IS NULL OR %s ?| %s::text[])", offices, offices, here)

        return Domain.custom(to_sql=to_sql)

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        if any(vals.get("parent_id") for vals in vals_list):
            # sudo: what is kept is kept whoever writes.
            contacts.sudo()._kho_dl_follow()
        return contacts

    def write(self, vals):
        corrected = self._kho_dl_corrected(vals)
        result = super().write(vals)
        self._kho_dl_tell_offices(corrected)
        if vals.get("parent_id") or vals.get("company_id"):
            # sudo: as above.
            self.sudo()._kho_dl_follow()
        return result

    def copy_data(self, default=None):
        # Of whoever makes the copy: what is above the offices has it from this contact only.
        kept = self.filtered(lambda contact: contact.sudo().kho_dl_offices)
        return [
            {**vals, "company_id": self.env.company.id} if contact in kept else vals
            for contact, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _own_domain(self):
        # sudo: which offices they are is told to nobody.
        kept = self.sudo().filtered(lambda contact: contact.kho_dl_offices and contact.kho_dl_is_known_here)
        return super()._own_domain() | Domain("id", "in", kept.ids)

    def _kho_dl_correctable_fields(self):
        correctable = super()._kho_dl_correctable_fields()
        # sudo: as above.
        kept = self.sudo().filtered("kho_dl_offices")
        if not kept:
            return correctable
        # Whoever has the person at the counter corrects how all of them reach the person, and a name that nobody has
        # compared with a card; who the person is, the offices have found out together.
        name = set() if any(kept.kho_dl_number_ids.mapped("verified_how")) else {"name"}
        return correctable & {"phone", "email", *self._address_fields(), *name}

    def _refused_words(self, names):
        # sudo: as above.
        if not self.sudo().filtered("kho_dl_offices"):
            return super()._refused_words(names)
        return self.env._(
            "Several offices know this person: the counter corrects phone, mail and address, and a name that nobody has "
            "compared with a card. Nothing was changed: somebody who may change contacts does it (%s).",
            names,
        )

    def _kho_dl_corrected(self, vals):
        """Return {contact: {name: value}}, as it is, of what `vals` say of how several offices reach these contacts."""
        names = vals.keys() & {"name", "phone", "email", *self._address_fields()}
        # What a program does as superuser is nobody's at a counter.
        if not names or self.env.su or not self.env.user._is_internal():
            return {}
        # sudo: as above.
        kept = self.sudo().filtered("kho_dl_offices")
        return {contact: {name: contact[name] for name in names} for contact in kept}

    def _kho_dl_tell_offices(self, corrected):
        """Say in the history of contacts that an office corrected them: all that know them write there from now on.

        Not which one, nor who: it would tell where else the person has a case.
        """
        bodies = {}
        for contact, before in corrected.items():
            if names := {name for name, value in before.items() if contact[name] != value}:
                bodies[contact.id] = self.env._(
                    "Corrected at one of the offices that know this person: %s.", self._field_words(names)
                )
        if bodies:
            # sudo: as above.
            told, nobody = self.sudo().browse(bodies), self.env.ref("base.partner_root")
            told._message_log_batch(bodies, author_id=nobody.id)
            # What Odoo says of the mail, before and after, at the end of the transaction.
            told._track_set_author(nobody)

    def _kho_dl_known_to(self):
        """Return the offices that this contact is kept to; none where it is not."""
        return self.env["res.company"].browse(int(office) for office in self.kho_dl_offices or ()).exists()

    def _kho_dl_follow(self):
        """Keep who belongs to a kept contact to the same offices, and let the company that a kept one was given to read it."""
        for contact in self:
            contact._kho_dl_keep_to(contact.parent_id._kho_dl_known_to())
            if contact.parent_id.kho_dl_offices and not contact.kho_dl_offices:
                contact.kho_dl_offices = _as_text(contact._kho_dl_offices_of_cases()) or _NOBODY
            # Where nobody has a case, a company with offices below it stands for all of them.
            above = contact._kho_dl_known_to().parent_ids or contact.company_id.filtered("child_ids")
            if contact.kho_dl_offices and contact.company_id not in above:
                contact._kho_dl_keep_to(contact.company_id)

    def _kho_dl_keep_to_nobody(self):
        """Let no office read these contacts, who came by no counter, before one has a case of them."""
        self.kho_dl_offices = _NOBODY

    def _kho_dl_share(self, above):
        """Make this contact that of the company `above`, to be read where it was, and where it is known by now."""
        known = self._kho_dl_known_to()
        # To nobody, too.
        if not self.kho_dl_offices:
            known = self.company_id | self.company_id.search([("id", "child_of", self.company_id.ids)])
        # Odoo lets a contact stand in no other company than its account does, or in none: an officer is in sight anyway.
        accounts = self._kho_dl_with_belonging().user_ids
        strangers = accounts.filtered("share")
        strangers.write({"company_id": above.id, "company_ids": [Command.link(above.id)]})
        self.company_id = above if accounts == strangers else False
        self._kho_dl_keep_to(known | self._kho_dl_offices_of_cases())

    def _kho_dl_keep_to(self, offices):
        """Let `offices` read this contact and who belongs to it, besides those that do, and no others."""
        known = self._kho_dl_known_to()
        if not offices - known:
            return
        for contact in self._kho_dl_with_belonging():
            # Who belongs to it may have cases of their own.
            own = contact._kho_dl_known_to() | known | offices | contact._kho_dl_offices_of_cases()
            contact.kho_dl_offices = _as_text(own)

    def _kho_dl_with_belonging(self):
        """Return these contacts and who belongs to them, archived ones, too."""
        return self.with_context(active_test=False).search([("id", "child_of", self.ids)])

    def _kho_dl_offices_of_cases(self):
        """Return the companies that have or had cases of these contacts."""
        return self.kho_dl_case_ids.filtered(lambda case: not case.is_draft)._offices()

    @api.model
    def _kho_dl_of_card(self, number, name, company):
        """Return the contact with `number` that is called `name`, without marks: whoever has both has the person before them.

        As superuser where the user may not read it: it is kept to other offices, or to nobody yet.
        """
        numbers = self.env["kho.dl.id.number"].search(
            [("number", "=", number), ("company_id", "=", company.root_id.id)]
        )
        # sudo: see above.
        people = numbers.partner_id._filtered_access("read").filtered("active") or self.sudo()._kho_dl_kept_with(
            number, company.sudo()
        )
        return people.filtered(lambda one: plain(one.name or "") == name)[:1]

    @api.model
    def _kho_dl_kept_with(self, number, company):
        """Return the contact that has `number`, and that other offices below one that is above `company` know."""
        numbers = self.env["kho.dl.id.number"].search(
            [("number", "=", number), ("company_id", "=", company.root_id.id)]
        )
        return numbers.partner_id.filtered(
            lambda one: one.active and one.kho_dl_offices and one.company_id in company.parent_ids
        )[:1]


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):  # pylint: disable=missing-return
        # sudo: as with all of it.
        contact = dst_partner.sudo()
        kept = contact.kho_dl_offices
        result = super()._update_values(src_partners, dst_partner)
        # Kept or not is what stays; the cases of the others are its own by now.
        contact.kho_dl_offices = kept
        for office in contact._kho_dl_offices_of_cases():
            contact.kho_dl_case_ids._share_applicant(contact.id, office.id, contact.company_id.id)
        contact.kho_dl_case_ids._tell_of_applicants()
        return result


def _as_text(companies):
    """Return the ids of `companies` as PostgreSQL looks for any of many in a list."""
    return [str(company_id) for company_id in companies.ids]
