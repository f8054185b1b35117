"""What the filters on Odoo's loggers have in common."""

import logging


class RedactingFilter(logging.Filter):
    """Lets every record pass, with what nobody may read struck out.

    Any module of the installation logs here, also in ways that Python can only complain of: it does that by itself, in
    the log. What is raised in a filter would end the request that logs.
    """

    def filter(self, record):
        """Return True, whatever `record` holds; what cannot be looked through says only where it came from."""
        try:
            self.redact(record)
        except Exception:  # noqa: BLE001 - see above
            record.msg = "A message of %s, level %s, is left out: what nobody may read could not be struck out of it"
            record.args = (record.name, record.levelname)
            # What happened may quote it.
            record.exc_info = record.exc_text = record.stack_info = None
        return True

    def redact(self, record):
        """Strike out what nobody may read; extend it. Where it raises, the message is left out."""
        raise NotImplementedError


def text_of(record):
    """Return the message of `record`; of one that cannot be put together, what Python prints in its complaint."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a call can be wrong in any way
        return f"{record.msg!r} {record.args!r}"
