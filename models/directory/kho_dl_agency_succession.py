from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...protocol.agencies import canonical
from ..common.office_time import day_of


class Succession(NamedTuple):
    """A closed agency code, what to call its agency, and the code of its successor."""

    old_code: str
    old_name: str
    new_code: str


class KhoDLAgencySuccession(models.Model):
    """One agency code that was closed, and the code of the agency that has its papers now (wire §3).

    Provinces were merged and ministries renumbered; no public list of it exists. An agency that was divided has several rows.
    """

    _name = "kho.dl.agency.succession"
    _description = "Succession of agency codes"
    _inherit = ["kho.dl.guarded", "kho.dl.cached"]
    _order = "old_code, new_code"
    _rec_name = "old_code"
    _rec_names_search = ["old_code", "old_name", "new_code"]

    old_code = fields.Char("Closed code", required=True, help="e.g. H22; its offices (H22.10) go with it.")
    old_name = fields.Char("Former name", help="Clerks read it beside the present one.")
    new_code = fields.Char("Code of the successor", required=True)
    date_from = fields.Date("From day")
    date_to = fields.Date("To day")

    _once = models.UniqueIndex(
        "(upper(old_code), upper(new_code), COALESCE(date_from, '-infinity'))", "This succession stands here already."
    )
    _in_order = models.Constraint("CHECK (date_from <= date_to)", "The last day comes before the first.")

    @api.model_create_multi
    def create(self, vals_list):
        successions = super().create([_with_clean_codes(vals) for vals in vals_list])
        self._follow()
        return successions

    def write(self, vals):
        result = super().write(_with_clean_codes(vals))
        self._follow()
        return result

    def unlink(self):
        result = super().unlink()
        self._follow()
        return result

    @api.model
    def _follow(self):
        """Let figures and lists by agency go on under the successors of today; also called daily, as some begin or end."""
        for name in ("kho.dl.security.server", "kho.dl.agency"):
            self.env[name]._follow_successions()

    @api.constrains("old_code", "new_code")
    def _check_codes(self):
        for succession in self:
            if canonical(succession.old_code) == canonical(succession.new_code):
                raise ValidationError(self.env._("An agency does not succeed itself: %s.", succession.old_code))

    @api.model
    def _in_force(self):
        """Return the `Succession`s of today, as `ServerResolver` wants them."""
        return self._in_force_on(day_of(fields.Datetime.now()))

    @api.model
    @tools.ormcache("day")
    def _in_force_on(self, day):
        begun = Domain("date_from", "=", False) | Domain("date_from", "<=", day)
        # sudo: which agency became which is the same for everybody.
        rows = self.sudo().search(begun & (Domain("date_to", "=", False) | Domain("date_to", ">=", day)))
        return tuple(Succession(row.old_code, row.old_name or row.old_code, row.new_code) for row in rows)

    @api.model
    def _new_codes(self):
        """Return {closed code: codes of its successors} of today."""
        codes = {}
        for row in self._in_force():
            codes[row.old_code] = (*codes.get(row.old_code, ()), row.new_code)
        return codes

    @api.model
    def _closed_by_successor(self):
        """Return {canonical code: names of the closed agencies, with their codes, that it succeeds, also by way of others}."""
        successions = self._in_force()
        names = {canonical(row.old_code): f"{row.old_name} ({row.old_code})" for row in successions}
        successors = {}
        for row in successions:
            successors.setdefault(canonical(row.old_code), set()).add(canonical(row.new_code))
        closed = {}
        for code in successors:
            seen, ahead = {code}, successors[code]
            # What was seen ends a circle.
            while ahead := ahead - seen:
                for later in ahead:
                    closed.setdefault(later, []).append(names[code])
                seen |= ahead
                ahead = set().union(*(successors.get(later, ()) for later in ahead))
        return closed


def _with_clean_codes(vals):
    codes = {name: " ".join(str(vals[name]).split()) for name in ("old_code", "new_code") if vals.get(name)}
    return {**vals, **codes}
