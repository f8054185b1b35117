from odoo import api, fields, models
from odoo.fields import Domain


def office_of(rows=""):
    """Return the SQL of whose work a row of `rows.` is: who received a case for another office does so for the own one."""
    return f"COALESCE({rows}held_by_id, {rows}company_id)"


def work_of_offices(table):
    """Return the SQL of the rows of `table` with `office_id`, whose work each is: rows of an office are found by index."""
    return f"""(SELECT company_id AS office_id, * FROM {table} WHERE held_by_id IS NULL
                 UNION ALL
                SELECT held_by_id, * FROM {table} WHERE held_by_id IS NOT NULL)"""


def seen_by_offices(table):
    """Return the SQL of the rows of `table` with `office_id`: each for its company, and for the office that held it.

    For statements that say themselves whose each row is; they, too, find the rows of an office by index.
    """
    return f"""(SELECT company_id AS office_id, * FROM {table}
                 UNION ALL
                SELECT held_by_id, * FROM {table} WHERE held_by_id != company_id)"""


class KhoDLHeld(models.AbstractModel):
    """A row that hangs on a case which another office received, and may still have.

    One idea for all that hangs on a case: a row is its company's, and that of the office in `held_by_id`, which is empty
    nearly always. What stands on the case goes with it as it is handed over (the field follows the case); the rules say
    the rest.
    """

    _name = "kho.dl.held"
    _description = "Row of a case that another office may have"
    _inherit = ["kho.dl.recorded", "kho.dl.placed"]

    # As `office_of`, see `kho.dl.queue`.
    _worked_by = ("held_by_id", "company_id")

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | {"held_by_id"}

    @api.model_create_multi
    def create(self, vals_list):
        self._check_not_recorded({name for vals in vals_list for name in vals if name == "held_by_id"})
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_recorded({name for name in vals if name == "held_by_id"})
        return super().write(vals)

    def _office(self):
        """Return the company where these rows, all of one case, are worked on: the one that has them, else their own."""
        return self.held_by_id or self.company_id

    @api.model
    def _of_offices(self, companies):
        """Return the domain of the rows that are the work of `companies`."""
        is_own = Domain("held_by_id", "=", False) & Domain("company_id", "in", companies.ids)
        return Domain("held_by_id", "in", companies.ids) | is_own


class KhoDLHeldOnce(models.AbstractModel):
    """A row of a journal: whoever had the case when it was written reads it ever after, as what they did themselves."""

    _name = "kho.dl.held.once"
    _description = "Row of a journal about a case that another office may have had"
    _inherit = ["kho.dl.held"]
    _placed_by = {"held_by_id": "case_id.held_by_id"}

    held_by_id = fields.Many2one(
        "res.company",
        "Receiving office",
        compute="_compute_held_by",
        # sudo: who has a case stands in its row, whoever reads that.
        compute_sudo=True,
        store=True,
        precompute=True,
        # Our own code gives what it has just read; nobody else may, see `kho.dl.held`.
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # Of nothing that may change: it is as it was when the row was made.
    @api.depends()
    def _compute_held_by(self):
        for row in self:
            row.held_by_id = row.case_id.held_by_id
