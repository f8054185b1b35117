from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .id_number import has_wrong_check_digit, id_number_kind, is_filler, with_lost_zeros
from .id_number_field import IdNumber


class KhoDLOwnerNumber(models.AbstractModel):
    """A record about somebody who is known by an id number, as people type it and spreadsheets spoil it.

    What may be another number (one that lost its first zeros) is asked about with nobody before a person says which it is:
    the form asks, a table's row is refused with the number that it would be, and comes in with `is_number_right`.
    """

    _name = "kho.dl.owner.number"
    _description = "Record about a person with an id number"

    owner_id_number = IdNumber("Id number")
    is_number_right = fields.Boolean(
        "The number is right as it stands",
        help="Said by a person of a tax code with a wrong check digit that could be a citizen's number without its zeros.",
    )
    number_restored = fields.Char(compute="_compute_number_words")
    may_be_tax_code = fields.Boolean(compute="_compute_number_words")
    number_words = fields.Text("About the number", compute="_compute_number_words")

    @api.depends("owner_id_number", "is_number_right")
    @api.depends_context("lang")
    def _compute_number_words(self):
        for record in self:
            record.number_restored = record._with_lost_zeros()
            record.may_be_tax_code = record.number_restored and id_number_kind(record.owner_id_number)
            record.number_words = record._number_words()

    def _number_words(self):
        """Return what is odd about the number, in words for who typed it; "" where nothing is."""
        number = self.owner_id_number or ""
        if is_filler(number):
            return self.env._("This number only fills the field: nobody has it, so nobody can be asked about it.")
        if restored := self._with_lost_zeros():
            if id_number_kind(number):
                return self.env._(
                    "No tax code has this check digit. Is it the citizen's number %(number)s, which lost its zeros? Say which.",
                    number=restored,
                )
            return self.env._(
                "This number has 11 digits. Is it the citizen's number %(number)s, which lost its zero?",
                number=restored,
            )
        if has_wrong_check_digit(number):
            return self.env._("The check digit of this tax code is wrong. Compare it with the paper in front of you.")
        return ""

    def _has_number_to_ask(self):
        """Whether somebody can be asked about by the number of this record."""
        return bool(id_number_kind(self.owner_id_number)) and not self._with_lost_zeros()

    def _with_lost_zeros(self):
        """Return the citizen's number that this one may be, unless somebody has said that it is right; else a false value."""
        return not self.is_number_right and with_lost_zeros(self.owner_id_number)

    @api.onchange("owner_id_number")
    def _onchange_owner_id_number(self):
        self.is_number_right = False

    def write(self, vals):
        number = vals.get("owner_id_number")
        is_other = any(record.owner_id_number != number for record in self) if number else vals.get("owner_id")
        if is_other and "is_number_right" not in vals:
            # What was said is about the number that was.
            vals = {**vals, "is_number_right": False}
        return super().write(vals)

    @api.constrains("owner_id_number", "is_number_right")
    def _check_imported_number(self):
        # Odoo's import page shows no warning beside a field: what is in doubt does not come in by itself.
        if not self.env.context.get("import_file"):
            return
        for record in self:
            if restored := record._with_lost_zeros():
                raise ValidationError(
                    self.env._(
                        "%(number)s may be the citizen's number %(restored)s, whose first zeros a spreadsheet took away. Nothing "
                        "of this row came in: write '%(restored)s with the apostrophe, or say yes in a column “The number is "
                        "right as it stands”.",
                        number=record.owner_id_number,
                        restored=restored,
                    )
                )

    def action_restore_number(self):
        """Put back the zeros that the number lost."""
        for record in self.filtered("number_restored"):
            record.owner_id_number = record.number_restored
        return True

    def action_confirm_number(self):
        """Say that the number is right as it stands."""
        self.is_number_right = True
        return True
