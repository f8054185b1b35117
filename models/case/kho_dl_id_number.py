from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.id_number import PERSON, clean_id_number, id_number_kind

# How somebody came to know that a number is the contact's; not by hearsay: what is typed is not verified.
VERIFICATIONS = [("card", "Card seen"), ("vneid", "VNeID")]
_CITIZEN_DIGITS = 12
_VERIFIED = ("verified_how", "verified_by", "verified_on")


class KhoDLIdNumber(models.Model):
    """An id number that a contact has or had: a person's old 9-digit one and the 12-digit one stand side by side.

    What a group of companies (an agency and its branches) knows of a contact is no other group's, also where the contact is
    everybody's; within it a number is one contact's only.
    """

    _name = "kho.dl.id.number"
    _description = "Id number of a contact"
    _inherit = ["kho.dl.guarded"]
    _order = "partner_id, id desc"
    _rec_name = "number"
    # Written on the contact, and by what cases say.
    _is_made_by_code = True

    partner_id = fields.Many2one("res.partner", "Contact", required=True, index=True, ondelete="cascade")
    number = fields.Char("Id number", required=True, index="trigram")
    company_id = fields.Many2one(
        "res.company",
        "Agency",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company.root_id,
    )
    verified_how = fields.Selection(VERIFICATIONS, "Verified by", readonly=True, copy=False)
    verified_by = fields.Many2one("res.users", "Verified by officer", readonly=True, copy=False, ondelete="restrict")
    verified_on = fields.Datetime(readonly=True, copy=False)

    _number_once = models.UniqueIndex("(company_id, number)", "Another contact has this id number already.")

    @api.model_create_multi
    def create(self, vals_list):
        # Before anything is said of who has a number.
        self.check_access("create")
        root = self.env.company.root_id.id
        vals_list = [{"company_id": root, **self._with_clean_number(vals)} for vals in vals_list]
        self._check_free({(vals["company_id"], vals.get("number")) for vals in vals_list})
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        vals = self._with_clean_number(vals)
        if "number" in vals:
            self._check_free({(number.company_id.id, vals["number"]) for number in self})
        if "number" in vals and any(number.number != vals["number"] for number in self):
            # What was seen is the number that was.
            vals = {**vals, **dict.fromkeys(_VERIFIED, False)}
        return super().write(vals)

    @api.model
    def _with_clean_number(self, vals):
        """Return `vals` with a number as it is kept; refuses what is none."""
        if "number" not in vals:
            return vals
        number = clean_id_number(vals["number"])
        if not id_number_kind(number):
            raise ValidationError(
                self.env._(
                    "This id number is not valid. A person has 12 digits (9 on an old card), an organisation a tax code of "
                    "10 or 13 digits. Please compare it with the paper in front of you."
                )
            )
        return {**vals, "number": number}

    def _check_free(self, wanted):
        """Refuse what another contact has of `wanted`, {(id of the group's company, number)}; the index is the last word."""
        # sudo: also a contact that is not the user's to read has a number; it is not named.
        taken = self.sudo().search(
            Domain("number", "in", [number for _company, number in wanted]) & Domain("id", "not in", self.ids)
        )
        if others := taken.filtered(lambda own: (own.company_id.id, own.number) in wanted).partner_id:
            readable = others.sudo(False)._filtered_access("read").sorted("active", reverse=True)[:1]
            if not readable:
                words = self.env._("Another contact has this id number already. Nothing was changed.")
            elif readable.active:
                words = self.env._(
                    "%(name)s has this id number already. Nothing was changed: choose that contact, or correct the number "
                    "there.",
                    name=readable.name,
                )
            else:
                words = self.env._(
                    "%(name)s, a contact that was archived, has this id number already. Nothing was changed: ask whoever keeps "
                    "the contacts to take it back.",
                    name=readable.name,
                )
            raise ValidationError(words)

    def _current(self):
        """Return the one of these numbers of one contact that holds now: 12 digits before an old one, the newest of each."""
        return self.sorted(lambda number: (len(number.number) == _CITIZEN_DIGITS, number.id))[-1:]

    def _of_same_person(self, others):
        """Return those of `others`, numbers of the same contact, that belong to the same person as this one, as text."""
        # A tax code beside them parts nobody from themselves.
        pair = others._of_people()
        is_pair = len(pair) == 2 and len({len(number.number) for number in pair}) == 2
        return pair.mapped("number") if is_pair and self in pair else []

    def _can_be_one_person(self):
        """Whether these verified numbers of one contact, in one group, can be one person's.

        Two of a kind are two people's, whose contacts were merged by mistake: to whom it belongs now, nobody knows.
        """
        return len(self) == len({len(number.number) for number in self})

    def _of_people(self):
        return self.filtered(lambda number: id_number_kind(number.number) == PERSON)

    @api.model
    def _verified(self, wanted, companies):
        """Return (the numbers that are `wanted`, a domain, and verified in the groups of `companies`, all beside them).

        The latter are {(contact, group): all verified numbers of that contact there}.
        """
        verified = Domain("company_id", "in", companies.root_id.ids) & Domain("verified_how", "!=", False)
        found = self.search(verified & wanted)
        beside = self.search(verified & Domain("partner_id", "in", found.partner_id.ids))
        return found, beside.grouped(lambda number: (number.partner_id, number.company_id))

    @api.model
    def _with_joined(self, numbers):
        """Return `numbers` and the other ones of the same persons, as the groups of the open companies know."""
        known, beside = self._verified(Domain("number", "in", numbers), self.env.companies)
        joined = [one for own in known for one in own._of_same_person(beside[own.partner_id, own.company_id])]
        return list(dict.fromkeys([*numbers, *joined]))

    # -- verifying ---------------------------------------------------------------------------------

    def action_card_seen(self):
        """Say that an officer has compared these numbers with the cards of those who have them."""
        if not self.env.user.has_group("kho_dl.group_clerk"):
            raise AccessError(self.env._("Only officers say that they have seen a card."))
        self.check_access("read")
        self.partner_id.check_access("read")
        self._check_typed()
        # What the screen showed may have changed since: the officer has seen that one.
        shown = self.env.context.get("kho_dl_number_shown")
        if shown and not {clean_id_number(one) for one in str(shown).split(",")}.issuperset(self.mapped("number")):
            raise UserError(self.env._("The id number was changed meanwhile. Nothing was noted: look at it again."))
        # What was verified stays as it was said.
        self.filtered(lambda number: not number.verified_how)._verify("card")
        return True

    def _check_typed(self):
        if not self:
            raise UserError(self.env._("Type the id number that the card shows first."))

    def _verify(self, how):
        """Record that these numbers were verified now, `how` of VERIFICATIONS, by the user; the contact's history says so.

        For code that has made sure of it, such as a sign-in: nobody is asked for rights here.
        """
        # sudo: verifications are recorded by this code only.
        self.sudo().write({"verified_how": how, "verified_by": self.env.uid, "verified_on": fields.Datetime.now()})
        words = {
            "card": self.env._("The id number was compared with the card."),
            "vneid": self.env._("The id number was verified by VNeID."),
        }
        self._log(words[how])

    def _log(self, words):
        """Note `words`, without the number, in the history of these contacts: it is read by more people than numbers are."""
        # sudo: who may not write a contact notes what was done to its number.
        contacts = self.partner_id.sudo()
        if self.env["res.company"].sudo().search_count([("parent_id", "=", False)], limit=2) > 1:
            # What all agencies read must not tell in which of them somebody is an applicant.
            contacts = contacts.filtered("company_id")
        for contact in contacts:
            contact._message_log(body=words, author_id=self.env.user.partner_id.id)

    # -- what cases say ----------------------------------------------------------------------------

    @api.model
    def _note(self, wanted):
        """Keep the `wanted` {(contact, company): number} that is typed on cases, where nobody has it and the contact has none
        of that length: what differs is told as a warning, and changes nothing.
        """
        roots = {(contact, company): company.root_id for contact, company in wanted}
        # sudo: a clerk types numbers on cases, and may write little of a contact.
        numbers = self.sudo()
        # Whose a number is may be another company's to know: only those of the group.
        standing = numbers.search(
            Domain("company_id", "in", [root.id for root in roots.values()])
            & Domain("partner_id", "in", [contact.id for contact, _company in wanted])
        )
        lengths = {(number.company_id, number.partner_id, len(number.number)) for number in standing}
        # One of each length for a contact, also where two branches name one in the same import.
        new = {
            (root.id, contact.id, len(number)): (contact.id, root.id, number)
            for (contact, company), number in wanted.items()
            for root in [roots[contact, company]]
            if (root, contact, len(number)) not in lengths
        }
        if new:
            numbers.flush_model()
            # A number that somebody has stays theirs, also where a colleague types it at this moment.
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO kho_dl_id_number
                                (partner_id, company_id, number, create_uid, create_date, write_uid, write_date)
                    SELECT typed.partner_id, typed.company_id, typed.number, %(user)s, %(now)s, %(user)s, %(now)s
                      FROM (VALUES %(new)s) AS typed(partner_id, company_id, number)
                        ON CONFLICT (company_id, number) DO NOTHING
                    RETURNING id
                    """,
                    new=SQL(", ").join(SQL("%s", one) for one in sorted(new.values())),
                    user=self.env.uid,
                    now=fields.Datetime.now(),
                )
            )
            numbers.invalidate_model()
            self.env["res.partner"].invalidate_model(["kho_dl_number_ids"], flush=False)
