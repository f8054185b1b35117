"""Odoo's log names the address of every call; that of a file of our own store holds its token, that of a check the code
of a paper, and so may those of monitoring."""

import logging
import re

from ..common.log_filter import RedactingFilter, text_of
from .kho_dl_paper_file import ADDRESS_PATH, CHECK_PATH

_PATH = re.compile(ADDRESS_PATH.replace("/", "/+"), re.IGNORECASE)
# All up to the last slash, for a call that is wrong can have its token further behind.
_TOKEN = re.compile(rf"({_PATH.pattern}/+)(?:[^\s?]*(?=/)|[^\s?]+)", re.IGNORECASE)
_CODE = re.compile(rf"(/+{CHECK_PATH.replace('/', '/+')}/+)[^\s?]+", re.IGNORECASE)
# Whoever watches over us may bring the token behind the question mark.
_MONITORING = re.compile(r"(/+kho_dl/+(?:health|statistics)[^\s?]*\?)\S+", re.IGNORECASE)


class WithoutTokens(RedactingFilter):
    """Leaves of such an address what a technician needs: that it is one, and the name at its end."""

    def redact(self, record):
        """Strike out the token."""
        message = text_of(record)
        if _PATH.search(message):
            record.msg, record.args = _TOKEN.sub(r"\1…", message), ()
        elif _CODE.search(message):
            record.msg, record.args = _CODE.sub(r"\1…", message), ()
        elif _MONITORING.search(message):
            record.msg, record.args = _MONITORING.sub(r"\1…", message), ()


# The servers of Odoo, threaded and of several workers, write through this logger; the one with gevent through its own.
for _name in ("werkzeug", "odoo.http", "odoo.service.server", "longpolling"):
    logging.getLogger(_name).addFilter(WithoutTokens())
