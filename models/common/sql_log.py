"""Odoo logs a statement that fails with all its values; of our records those are people's papers and numbers."""

import logging

from .log_filter import RedactingFilter, text_of

# Our tables, and rows of Odoo's own that name our models: a failing attachment would be logged with its content.
_OURS = (b"kho_dl_", b"kho.dl.")
_SHOWN = 200


class WithoutValues(RedactingFilter):
    """Leaves of a failed statement on our records what a technician needs: its beginning and the kind of error."""

    def redact(self, record):
        """Shorten the record where it has to be."""
        if not str(record.msg).startswith("bad query"):
            return
        if isinstance(record.args, tuple) and len(record.args) == 2:
            statement, error = record.args
            content = statement if isinstance(statement, bytes) else str(statement).encode()
            if _is_ours(content):
                record.args = (_without_values(content), getattr(error, "pgcode", None) or type(error).__name__)
        elif _is_ours(content := text_of(record).encode()):
            record.msg, record.args = _without_values(content), ()


def _is_ours(content):
    return any(name in content for name in _OURS)


def _without_values(content):
    # Values begin behind the first quotation mark of text, or what may be a number.
    head = content.decode(errors="replace")[:_SHOWN]
    for mark in ("VALUES", " SET ", " WHERE ", "'"):
        head = head.partition(mark)[0]
    return f"{head.rstrip()} … (values are not logged)"


logging.getLogger("odoo.sql_db").addFilter(WithoutValues())
