"""Shape of the numbers that identify a person (CCCD, CMND) or an organisation (MST)."""

import re

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.util import clean
from stdnum.vn import mst

PERSON = "person"
ORGANISATION = "organisation"

_PERSON_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")
_TAX_CODE = re.compile(r"[0-9]{10}(-?[0-9]{3})?")
# What systems write where there is no number: zeros but for the last digit, or one digit again and again.
_FILLER = re.compile(r"0+[0-9]|([0-9])\1+")
# A citizen's number begins with the code of a province, 001 to 096.
_CITIZEN_NUMBER = re.compile(r"0(?:0[1-9]|[1-8][0-9]|9[0-6])[0-9]{9}")
_LONGEST = 12
_FEWEST_SOUGHT = 4
# What a table writes behind a whole number.
_DECIMALS = re.compile(r"^([0-9]{9,12})\.0+$")
_APOSTROPHES = "'’‘`´"
# A tax code whose last digits were not all typed: without its dash it would be a person's number.
_CUT_TAX_CODE = re.compile(r"[0-9]{10}-[0-9]{1,2}")


def clean_id_number(number):
    """Return `number`, of any type, as the portal wants it: digits, and one dash in a 13-digit tax code.

    What spreadsheets put around a number goes: blanks, an apostrophe in front, decimals of a whole number; so does what
    nobody sees, as pages and messages leave it around what is copied out of them.
    """
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    seen = "".join(char for char in str(number or "") if char.isprintable() and not char.isspace())
    typed = clean(_DECIMALS.sub(r"\1", seen.lstrip(_APOSTROPHES)))
    if _CUT_TAX_CODE.fullmatch(typed):
        return typed
    compact = mst.compact(typed)
    return mst.format(compact) if len(compact) == 13 and compact.isdigit() else compact


def id_number_kind(number):
    """Tell what `number` identifies: "person", "organisation", or None when it is no number that anybody can have.

    A person has 12 digits (CCCD) or 9 (old CMND): no check digit exists for either. An organisation has a tax code of 10 or
    13 digits; real ones have wrong check digits (wire "Words"), see `has_wrong_check_digit`. A filler is nobody's.
    """
    number = number or ""
    if is_filler(number):
        return None
    if _PERSON_NUMBER.fullmatch(number):
        return PERSON
    return ORGANISATION if _TAX_CODE.fullmatch(number) else None


def number_sought(text):
    """Return what of a number, its last digits at least, somebody looks for who types `text`; "" for other words."""
    number = clean_id_number(text)
    return number if len(number) >= _FEWEST_SOUGHT and number.replace("-", "", 1).isdecimal() else ""


def ending_with(digits):
    """Return the operator and the value that find the numbers which end with `digits`.

    Nothing longer ends with a citizen's number. It is looked up as a whole: its parts are parts of a million others.
    """
    is_whole = len(digits) >= _LONGEST and not _CUT_TAX_CODE.fullmatch(digits)
    return ("=", digits) if is_whole else ("=like", f"%{digits}")


def is_filler(number):
    """Tell whether `number` only fills a field: all zeros but the last digit, or the same digit throughout."""
    return bool(_FILLER.fullmatch((number or "").replace("-", "")))


def has_wrong_check_digit(number):
    """Tell whether `number` is a tax code whose check digit is not the one that python-stdnum finds."""
    try:
        mst.validate(number or "")
    except StdnumError:
        return bool(_TAX_CODE.fullmatch(number or ""))
    return False


def with_lost_zeros(number):
    """Return the citizen's number that `number` may be without the zeros that spreadsheets take away, or None.

    Every citizen's number begins with 0. What has 11 digits can be nothing else; what has 10 may be a tax code with a wrong
    check digit.
    """
    number = number or ""
    if not (number.isascii() and number.isdigit()) or not (len(number) == 11 or has_wrong_check_digit(number)):
        return None
    restored = number.zfill(12)
    return restored if _CITIZEN_NUMBER.fullmatch(restored) and not is_filler(number) else None
