"""What a scanner types of a citizen card's QR code: number|old number|name|birth|sex|address|day of issue.

A scanner is a keyboard: what arrives went through a layout and an input method that know nothing of cards. Read here is
what can be read with certainty; what a clerk must look at is said so.
"""

import re
import unicodedata
from datetime import date, datetime, timezone
from typing import NamedTuple

from .id_number import PERSON, clean_id_number, id_number_kind
from .office_time import day_of

# The card's own text has less than 300 characters; what follows belongs to no card that we know.
_LONGEST = 1000
_SHORTEST_SCAN = 25
_LONGEST_NAME, _LONGEST_ADDRESS = 100, 250
_FIRST_YEAR = 1900
# A digit row under the Vietnamese layout of Windows, which types letters and marks.
_VIETNAMESE_ROW = str.maketrans(
    {
        "ă": "1",
        "â": "2",
        "ê": "3",
        "ô": "4",
        "\u0300": "5",
        "\u0309": "6",
        "\u0303": "7",
        "\u0301": "8",
        "\u0323": "9",
        "đ": "0",
    }
)
# What parts the fields is what follows the number, whatever a layout makes of "|"; a blank or a slash is within a field.
_SHAPE = re.compile(r"^\D{0,3}([0-9]{12}) *([^0-9A-Za-z /])", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")
_PARTED_DATE = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# What no name of a person has: a scanner could not type the letter that stood there.
_LOST = re.compile(r"[?\ufffd0-9_~^*=<>{}\[\]]")


class Birth(NamedTuple):
    """When somebody was born: `day` is None where only the year is known."""

    day: date | None
    year: int


class Card(NamedTuple):
    """A card as far as it could be read; "" and None where nothing stood. `is_doubtful`: its name lost letters or marks."""

    number: str
    old_number: str
    name: str
    birth: Birth | None
    address: str
    is_doubtful: bool


def is_scan(text):
    """Tell whether `text` is more than an id number can be: a scan, not something typed (as `static/src/card/id_number.js`)."""
    return len(text.strip()) >= _SHORTEST_SCAN


def is_doubtful_name(name):
    """Tell whether letters or marks of the `name` of a person may have been lost."""
    # A name without any mark is rare enough to be looked at, for scanners that know no Vietnamese type all names so.
    return bool(_LOST.search(name)) or name.isascii()


def read_card(text):
    """Return the `Card` that `text` is, or None where it is none that can be read with certainty."""
    text = text[:_LONGEST]
    shape = _shape(text)
    if not shape:
        return None
    text, separator = shape
    parts = [part.strip() for part in text.split(separator)]
    # Older scanners leave out an empty old number altogether.
    if len(parts) > 2 and parts[1] and not _as_digits(parts[1]):
        parts.insert(1, "")
    parts += [""] * 7
    number, old, name, birth, _sex, address = parts[:6]
    number, old = re.sub(r"\D", "", number)[-12:], _as_digits(old)
    if id_number_kind(number) != PERSON:
        return None
    name, is_name_whole = _as_name(name)
    return Card(
        number,
        old if id_number_kind(old) == PERSON and old != number else "",
        name,
        _as_birth(birth),
        _mended(address)[:_LONGEST_ADDRESS],
        bool(name) and not is_name_whole,
    )


def read_scan(text):
    """Return the `Card` that was scanned, or None where `text` is something typed, or a scan that cannot be read."""
    return read_card(text) if is_scan(text) else None


def read_number(text):
    """Return the id number in `text`, which somebody typed or scanned off a card, as `clean_id_number` makes it."""
    card = read_scan(text)
    return card.number if card else clean_id_number(text)


def read_birth(text):
    """Return the `Birth` that somebody typed, None for nothing; raises ValueError where it is no day of a living person."""
    text = " ".join((text or "").split())
    if not text:
        return None
    if _DIGITS.fullmatch(text) and len(text) == 8:
        text = f"{text[:2]}/{text[2:4]}/{text[4:]}"
    if _DIGITS.fullmatch(text) and len(text) == 4:
        return _checked(None, int(text))
    if parted := _PARTED_DATE.fullmatch(text):
        day, month, year = map(int, parted.groups())
    elif iso := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, iso.groups())
    else:
        raise ValueError(text)
    # Of many old people only the year is known; systems write zeros then.
    return _checked(date(year, month, day) if (day or month) else None, year)


def write_birth(birth):
    """Return `birth` as an office writes it: "01/02/1990", or "1990"; "" for None."""
    if not birth:
        return ""
    return birth.day.strftime("%d/%m/%Y") if birth.day else str(birth.year)


def _checked(day, year):
    if not year >= _FIRST_YEAR or (day or date(year, 1, 1)) > day_of(datetime.now(timezone.utc)):
        raise ValueError(year)
    return Birth(day, year)


def _shape(text):
    """Return (the text with digits where the layout typed marks, what parts its fields), or None."""
    text = text[:_LONGEST].strip("\r\n\t \ufeff")
    for candidate in (text, _with_digits(text)):
        if found := _SHAPE.match(candidate):
            return candidate, found[2]
    return None


def _with_digits(text):
    """Return `text` with the digits of the Vietnamese layout put back in its fields that hold nothing else."""
    fields = re.split(r"([|\\~#¦│ơƠ])", text)
    return "".join(
        field.translate(_VIETNAMESE_ROW)
        if field and re.fullmatch("[ăâêôđ\u0300\u0309\u0303\u0301\u0323]+", field)
        else field
        for field in fields
    )


def _as_digits(text):
    compact = clean_id_number(text)
    return compact if _DIGITS.fullmatch(compact) else ""


def _as_birth(text):
    try:
        return read_birth(text)
    except ValueError:
        return None


def _as_name(text):
    """Return (the name, whether it is as it may stand on the card)."""
    name = _mended(text)
    return name[:_LONGEST_NAME].strip(), not is_doubtful_name(name)


def _mended(text):
    """Return `text` on one line, composed, and with what was read in a wrong encoding read rightly."""
    for encoding in ("cp1252", "latin-1"):
        try:
            text = text.encode(encoding).decode("utf-8")
            break
        except UnicodeError:
            continue
    text = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))
