"""What the filters on Odoo's loggers have in common."""

import logging
from contextlib import suppress


class RedactingFilter(logging.Filter):
    """Lets every record pass, with what nobody may read struck out.

    Any module of the installation logs here, also in ways that Python can only complain of: it does that by itself, in
    the log. What is raised in a filter would end the request that logs.
    """

    def filter(self, record):
        """Return True, whatever `record` holds."""
        with suppress(Exception):
            self.redact(record)
        return True

    def redact(self, record):
        """Strike out what nobody may read; extend it. What it raises is forgotten."""
        raise NotImplementedError


def text_of(record):
    """Return the message of `record`; of one that cannot be put together, what Python prints in its complaint."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a call can be wrong in any way
        return f"{record.msg!r} {record.args!r}"
