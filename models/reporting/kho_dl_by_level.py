from odoo import fields, models
from odoo.tools import SQL


class KhoDLByLevel(models.AbstractModel):
    """Figures of offices, which can be rolled up along the tree of companies: what is summed is cases, never shares.

    A view that inherits this selects `_levels`, with `company` joined. Who reads it sees the sums of what they may read.
    """

    _name = "kho.dl.by.level"
    _description = "Figures by the levels of an agency"

    root_company_id = fields.Many2one("res.company", "Agency with its branches", readonly=True)
    branch_company_id = fields.Many2one(
        "res.company", "Office with those below it", readonly=True, help="The office directly below the agency."
    )
    level = fields.Selection(
        [("1", "The agency itself"), ("2", "Offices below it"), ("3", "Offices below those")],
        readonly=True,
        help="How far down in the agency the office stands.",
    )

    # In the order in which `_levels` selects them; SQL.
    _levels = SQL(
        """
        split_part(company.parent_path, '/', 1)::integer AS root_company_id,
        COALESCE(NULLIF(split_part(company.parent_path, '/', 2), '')::integer, company.id) AS branch_company_id,
        LEAST(array_length(string_to_array(company.parent_path, '/'), 1) - 1, 3)::text AS level
        """
    )

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        shown = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if groupby_spec != "branch_company_id":
            return shown

        def shown_as_in_sheets(office):
            value, domain = shown(office)
            # sudo: as Odoo reads the names of groups.
            return value and (value[0], branch_words(office.sudo())), domain

        return shown_as_in_sheets


def branch_words(office):
    """Return how the sums of an `office` of `branch_company_id` are called: that on top has those of its own alone."""
    # sudo: which offices stand above and below may be closed to whoever reads the sums.
    is_apart = office.sudo().child_ids and not office.sudo().parent_id
    return office.env._("%s alone", office.display_name) if is_apart else office.display_name
