"""Odoo logs a statement that fails with all its values; of our records those are people's papers and numbers."""

import logging

# Our tables, and rows of Odoo's own that name our models: a failing attachment would be logged with its content.
_OURS = (b"kho_dl_", b"kho.dl.")
_SHOWN = 200


class WithoutValues(logging.Filter):
    """Leaves of a failed statement on our records what a technician needs: its beginning and the kind of error."""

    def filter(self, record):
        """Return True: the record is logged, shortened where it has to be."""
        if isinstance(record.args, tuple) and len(record.args) == 2 and str(record.msg).startswith("bad query"):
            statement, error = record.args
            content = statement if isinstance(statement, bytes) else str(statement).encode()
            if any(name in content for name in _OURS):
                record.args = (_without_values(content), getattr(error, "pgcode", None) or type(error).__name__)
        return True


def _without_values(content):
    # Values begin behind the first quotation mark of text, or what may be a number.
    head = content.decode(errors="replace")[:_SHOWN]
    for mark in ("VALUES", " SET ", " WHERE ", "'"):
        head = head.partition(mark)[0]
    return f"{head.rstrip()} … (values are not logged)"


logging.getLogger("odoo.sql_db").addFilter(WithoutValues())
