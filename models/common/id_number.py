"""Shape of the numbers that identify a person (CCCD, CMND) or an organisation (MST)."""

import re

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.vn import mst

PERSON = "person"
ORGANISATION = "organisation"

_PERSON_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")


def clean_id_number(number):
    """Return `number`, of any type, as the portal wants it: digits, and one dash in a 13-digit tax code."""
    compact = mst.compact(str(number or ""))
    return mst.format(compact) if len(compact) == 13 and compact.isdigit() else compact


def id_number_kind(number):
    """Tell what `number` identifies: "person", "organisation", or None when it is no valid number.

    A person has 12 digits (CCCD) or 9 (old CMND): no check digit exists for either. An
    organisation has a tax code of 10 or 13 digits, whose check digit python-stdnum knows.
    """
    if _PERSON_NUMBER.fullmatch(number or ""):
        return PERSON
    try:
        mst.validate(number or "")
    except StdnumError:
        return None
    return ORGANISATION
