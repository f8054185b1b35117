import logging
import secrets

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

# Four groups of so many letters: long enough for all that a province ever asks, short enough to be read out.
_GROUP_BYTES, _GROUPS = 2, 4


def new_trace_id():
    """Return a new id, such as 3f9a-12bc-77d0-5e41: no run of digits in it could be taken for a person's number."""
    return "-".join(secrets.token_hex(_GROUP_BYTES) for _group in range(_GROUPS))


class KhoDLTraced(models.AbstractModel):
    """An exchange with others that can be followed through all processes: each step of it is a line in the log.

    What comes of a question has the id of the question.
    """

    _name = "kho.dl.traced"
    _description = "Exchange that can be followed"

    # The field that says how far it is.
    _traced_by = "state"

    # Without a default, which would be written into all rows of before, sealed ones among them.
    trace_id = fields.Char(
        "Tracking id",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The same on a question, on the files that were fetched for it, and in the logs of all servers.",
    )
    far_id = fields.Char(
        "Id at the security server",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="How the security servers call the last exchange (x-road-id), where they say so.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [{**vals, "trace_id": vals.get("trace_id") or new_trace_id()} for vals in vals_list]
        rows = super().create(vals_list)
        for row, vals in zip(rows, vals_list, strict=True):
            row._log_step(vals)
        return rows

    def write(self, vals):
        result = super().write(vals)
        if self._traced_by in vals:
            self._log_step(vals)
        return result

    def _log_step(self, vals):
        """Log how far these rows are by `vals`, in words without personal data; read anew, more would cost a statement."""
        said = " ".join(
            filter(None, (vals.get(self._traced_by) or "begun", vals.get("error_kind"), vals.get("far_id")))
        )
        for row in self:
            _logger.info("Kho DL: trace %s: %s %d %s", row.trace_id or "-", row._name, row.id, said)
