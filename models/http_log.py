"""Odoo's log names the address of every call; the address of a file of our own store holds its token."""

import logging
import re

from .kho_dl_paper_file import ADDRESS_PATH

_TOKEN = re.compile(rf"({re.escape(ADDRESS_PATH)}/)[^/\s?]+")


class WithoutTokens(logging.Filter):
    """Leaves of such an address what a technician needs: that it is one, and the name at its end."""

    def filter(self, record):
        """Return True: the record is logged, with the token struck out."""
        message = record.getMessage()
        if ADDRESS_PATH in message:
            record.msg, record.args = _TOKEN.sub(r"\1…", message), ()
        return True


# The servers of Odoo, threaded and of several workers, write through this logger; the one with gevent through its own.
for _name in ("werkzeug", "odoo.http", "odoo.service.server", "longpolling"):
    logging.getLogger(_name).addFilter(WithoutTokens())
