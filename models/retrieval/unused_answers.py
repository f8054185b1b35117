"""Which answers of the national store were of no use to anybody."""

from odoo.fields import Domain
from odoo.tools import SQL

from ..common.kho_dl_queue import WAITING_STATES

# A file that came counts also when it was taken off again: somebody has seen it.
_ATTACHED = ("done",)
_USED = (*WAITING_STATES, *_ATTACHED)


def nothing_used_of(column, used=_USED):
    """Return the domain of rows of whose question, by its id in `column`, no file was attached nor is on its way.

    One look at an index a row, however many files there are; a list of all used ones would not fit in memory.
    """

    def to_sql(journal, alias, _query):
        return SQL(
            "NOT EXISTS (SELECT FROM kho_dl_retrieval file WHERE file.query_id = %s AND %s IN %s)",
            SQL.identifier(alias, column),
            SQL.identifier("file", "state", to_flush=journal.env["kho.dl.retrieval"]._fields["state"]),
            used,
        )

    return Domain.custom(to_sql=to_sql)


def nothing_attached_of(column):
    """Return the domain of the same, and of rows of whose question a file is on its way and may not come."""
    return nothing_used_of(column, _ATTACHED)
