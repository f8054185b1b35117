from contextlib import suppress

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import clean_context

from ..common.id_number import clean_id_number, id_number_kind

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
    # Who verified a number is nobody's to propose.
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
        # A default in the caller's context is typed in, too.
        self = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        vals_list = [self._with_clean_number(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_not_forged(vals, {"partner_id", "number"})
            self._check_free(vals.get("number"), vals.get("company_id") or self.env.company.root_id.id)
        return super().create(vals_list)

    def write(self, vals):
        vals = self._with_clean_number(vals)
        self._check_not_forged(vals, {"number"})
        for number in self if "number" in vals else ():
            number._check_free(vals["number"], number.company_id.id)
        if "number" in vals and any(number.number != vals["number"] for number in self):
            # What was seen is the number that was.
            vals |= dict.fromkeys(_VERIFIED, False)
            return super().write(vals) if self.env.su else self._write_as_recorded(vals)
        return super().write(vals)

    def _write_as_recorded(self, vals):
        self.check_access("write")
        # sudo: that a number is not verified any more is recorded by this code.
        return self.sudo().write(vals)

    @api.model
    def _with_clean_number(self, vals):
        return {**vals, "number": clean_id_number(vals["number"])} if "number" in vals else vals

    def _check_not_forged(self, vals, allowed):
        if not self.env.su and vals.keys() - allowed:
            raise AccessError(
                self.env._("Whose number it is, and who verified it, is recorded by the system and cannot be changed.")
            )

    @api.constrains("number")
    def _check_number(self):
        for number in self:
            if not id_number_kind(number.number):
                raise ValidationError(
                    self.env._(
                        "This id number is not valid. A person has 12 digits (9 on an old card), an organisation a tax code of "
                        "10 or 13 digits. Please compare it with the paper in front of you."
                    )
                )

    def _check_free(self, number, company_id):
        """Refuse a `number` that another contact has in this group of companies; the index is the last word."""
        # sudo: also a contact that is not the user's to read has a number; it is not named.
        domain = (
            Domain("company_id", "=", company_id) & Domain("number", "=", number) & Domain("id", "not in", self.ids)
        )
        if others := self.sudo().search(domain).partner_id:
            readable = others.sudo(False)._filtered_access("read")
            raise ValidationError(
                self.env._(
                    "%(name)s has this id number already. Nothing was changed: choose that contact, or correct the number "
                    "there.",
                    name=readable.name,
                )
                if readable
                else self.env._("Another contact has this id number already. Nothing was changed.")
            )

    def _current(self):
        """Return the one of these numbers of one contact that holds now: 12 digits before an old one, the newest of each."""
        return self.sorted(lambda number: (len(number.number) == _CITIZEN_DIGITS, number.id))[-1:]

    # -- verifying ---------------------------------------------------------------------------------

    def action_card_seen(self):
        """Say that an officer has compared these numbers with the cards of those who have them."""
        if not self.env.user.has_group("kho_dl.group_clerk"):
            raise AccessError(self.env._("Only officers say that they have seen a card."))
        self.check_access("write")
        self._verify("card")

    def _verify(self, how):
        """Record that these numbers were verified now, `how` of VERIFICATIONS, by the user; the contact's history says so.

        For code that has made sure of it, such as a sign-in: nobody is asked for rights here.
        """
        # sudo: verifications are recorded by this code only.
        self.sudo().write({"verified_how": how, "verified_by": self.env.uid, "verified_on": fields.Datetime.now()})
        for number in self:
            # Without the number: history is read by more people than numbers are.
            words = {
                "card": self.env._("The id number was compared with the card."),
                "vneid": self.env._("The id number was verified by VNeID."),
            }[how]
            number.partner_id.sudo()._message_log(body=words, author_id=self.env.user.partner_id.id)

    # -- what cases say ----------------------------------------------------------------------------

    @api.model
    def _note(self, wanted):
        """Keep the `wanted` {(contact, company): number} that is typed on cases, where nobody has it and the contact has none
        of that length: what differs is told as a warning, and changes nothing.
        """
        roots = {company: company.root_id for _contact, company in wanted}
        # sudo: a clerk types numbers on cases, and may write little of a contact.
        numbers = self.sudo()
        # Whose a number is may be another company's to know: only those of the group.
        standing = numbers.search(
            Domain("company_id", "in", [root.id for root in roots.values()])
            & (
                Domain("number", "in", list(wanted.values()))
                | Domain("partner_id", "in", [contact.id for contact, _company in wanted])
            )
        )
        taken = {(number.company_id, number.number) for number in standing}
        lengths = {(number.company_id, number.partner_id, len(number.number)) for number in standing}
        new = {}
        for (contact, company), number in wanted.items():
            root = roots[company]
            if (root, number) not in taken and (root, contact, len(number)) not in lengths:
                new[root, number] = {"partner_id": contact.id, "company_id": root.id, "number": number}
        if not new:
            return
        # A colleague who types it at this moment is first, and the case is as it is all the same.
        with suppress(UniqueViolation), self.env.cr.savepoint():
            numbers.create(list(new.values()))
