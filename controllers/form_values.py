"""What somebody types into a form or an address, whatever that is: a value, or nothing."""

import re
from datetime import date

from odoo import fields

_MOST_DIGITS = 9


def number_of_form(text):
    """Return the number, such as an id, that `text` is; 0 for none."""
    text = str(text)
    # Odoo takes every digit for a number, also a raised one.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def day_of_form(text):
    """Return the day that `text` names, or False: also for one so far away that its hours are no moments."""
    try:
        day = isinstance(text, str) and fields.Date.to_date(text)
    except ValueError:
        return False
    return day if day and date.min < day < date.max else False


def by_document(typed, name):
    """Return {document id: text} of the fields `name`_ID of a form."""
    found = ((re.fullmatch(rf"{name}_(\d{{1,{_MOST_DIGITS}}})", key), value) for key, value in typed.items())
    return {int(key[1]): value for key, value in found if key and isinstance(value, str)}
